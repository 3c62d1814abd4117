#include "wire/sasl/scram.h"

#include <array>

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/base64.h"

namespace weir::wire {
namespace {

// RFC 7677, section 3: user "user", password "pencil".
constexpr std::string_view kClientNonce = "rOprNGfwEbeRWgbNEkqO";
constexpr std::string_view kServerNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
constexpr std::string_view kClientFirst = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
constexpr std::string_view kServerFirst =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
constexpr std::string_view kClientFinal =
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
constexpr std::string_view kServerFinal = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

ScramClient client(ScramHash hash = ScramHash::sha256, std::string password = "pencil") {
  return {hash, "user", std::move(password), std::string(kClientNonce)};
}

ScramServer server(ScramHash hash = ScramHash::sha256) {
  const std::string salt = *from_base64("W22ZaJ0SNY7soEsUEjb6gQ==");
  return {*parse_client_first(kClientFirst), make_scram_credential(hash, "pencil", salt, 4096),
          std::string(kServerNonce)};
}

std::string hmac_sha256(std::string_view key, std::string_view text) {
  std::array<unsigned char, 32> out{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
       text.size(), out.data(), &size);
  return {reinterpret_cast<const char*>(out.data()), size};
}

std::string exclusive_or(std::string a, std::string_view b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<char>(a[i] ^ b[i]);
  return a;
}

TEST(ScramClient, SaysWhatTheRfcSays) {
  ScramClient talking = client();
  EXPECT_EQ(talking.first(), kClientFirst);
  EXPECT_EQ(*talking.answer(kServerFirst), kClientFinal);
  EXPECT_TRUE(talking.finish(kServerFinal));
}

TEST(ScramServer, SaysWhatTheRfcSays) {
  EXPECT_EQ(server().first(), kServerFirst);
  EXPECT_EQ(*server().finish(kClientFinal), kServerFinal);
}

TEST(Scram, BothSidesAgreeWithEitherHash) {
  for (const ScramHash hash : {ScramHash::sha256, ScramHash::sha512}) {
    ScramClient talking = client(hash);
    const ScramServer listening = server(hash);
    const auto answer = talking.answer(listening.first());
    ASSERT_TRUE(answer);
    const auto last = listening.finish(*answer);
    ASSERT_TRUE(last);
    EXPECT_TRUE(talking.finish(*last));
  }
}

TEST(ScramServer, RefusesAWrongPassword) {
  ScramClient talking = client(ScramHash::sha256, "pen");
  const auto refused = server().finish(*talking.answer(kServerFirst));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::user);
}

// Of librdkafka before 2.6.1: its final message says its own part of the nonce twice, and the proof covers that.
TEST(ScramServer, TakesARepeatedClientNonce) {
  const ScramServer listening = server();
  const std::string without_proof = fmt::format("c=biws,r={}{}{}", kClientNonce, kClientNonce, kServerNonce);
  const std::string covered = fmt::format("{},{},{}", kClientFirst.substr(3), listening.first(), without_proof);
  // HMAC(SaltedPassword, "Client Key") of the RFC's user, from the proof that the RFC gives: ClientKey = proof XOR
  // HMAC(StoredKey, AuthMessage).
  const std::string stored_key =
      make_scram_credential(ScramHash::sha256, "pencil", *from_base64("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096).stored_key;
  const std::string_view final_without_proof = kClientFinal.substr(0, kClientFinal.rfind(",p="));
  const std::string rfc_covered = fmt::format("{},{},{}", kClientFirst.substr(3), kServerFirst, final_without_proof);
  const std::string rfc_proof = *from_base64(kClientFinal.substr(kClientFinal.rfind(",p=") + 3));
  const std::string client_key = exclusive_or(rfc_proof, hmac_sha256(stored_key, rfc_covered));
  const std::string proof = exclusive_or(client_key, hmac_sha256(stored_key, covered));
  EXPECT_TRUE(listening.finish(fmt::format("{},p={}", without_proof, to_base64(proof))));
  // The nonce may be longer in front, never another one.
  const std::string other = fmt::format("c=biws,r={}x", kClientNonce);
  EXPECT_FALSE(listening.finish(fmt::format("{},p={}", other, to_base64(proof))));
}

TEST(ScramServer, RefusesMalformedFinalMessages) {
  for (const char* message : {"", "c=biws", "c=biws,r=x", "p=", "c=biws,r=x,p=AAAA",
                              "c=eSws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=AAAA",
                              "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=AAAA",
                              "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=*"}) {
    const auto refused = server().finish(message);
    ASSERT_FALSE(refused) << message;
    EXPECT_EQ(refused.error().kind, ErrorKind::corrupt) << message;
  }
}

TEST(ScramClient, DoesNotTrustTheServer) {
  const std::string nonce = fmt::format("r={}x", kClientNonce);
  for (const std::string& message :
       {std::string(), std::string("r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"),
        fmt::format("r={},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", kClientNonce), nonce + ",s=,i=4096",
        nonce + ",s=AA,i=4096", nonce + ",s=AAAA,i=1", nonce + ",s=AAAA,i=2000000000", nonce + ",s=AAAA,i=x",
        nonce + ",s=AAAA", std::string("e=unknown-user")}) {
    EXPECT_FALSE(client().answer(message)) << message;
  }
  ScramClient talking = client();
  EXPECT_FALSE(talking.finish(kServerFinal)) << "before anything was asked";
  ASSERT_TRUE(talking.answer(kServerFirst));
  for (const char* message : {"", "v=", "v=AAAA", "e=invalid-proof", "x=1"}) EXPECT_FALSE(talking.finish(message));
}

TEST(ScramClientFirst, ReadsNamesAndExtensions) {
  const auto escaped = parse_client_first("n,,n=a=2Cb=3Dc,r=x,tokenauth=true");
  ASSERT_TRUE(escaped);
  EXPECT_EQ(escaped->user, "a,b=c");
  EXPECT_TRUE(escaped->is_token);
  EXPECT_EQ(ScramClient(ScramHash::sha256, "a,b=c", "", "x").first(), "n,,n=a=2Cb=3Dc,r=x");
  EXPECT_TRUE(parse_client_first("n,a=bob,n=bob,r=x"));
  for (const char* message : {"", "n", "n,", "n,,", "n,,r=x", "n,,n=,r=x", "n,,n=a=,r=x", "n,,n=a",
                              "n,,n=a,r=", "n,,n=a,r=\x01", "p=tls-unique,,n=a,r=x", "n,a=eve,n=bob,r=x"}) {
    EXPECT_FALSE(parse_client_first(message)) << message;
  }
}

}  // namespace
}  // namespace weir::wire
