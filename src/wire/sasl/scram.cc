#include "wire/sasl/scram.h"

#include <array>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/base64.h"
#include "base/check.h"
#include "base/text.h"

namespace weir::wire {

namespace {

// "n,,": no channel binding, and the user acts for himself; in base64 "biws".
constexpr std::string_view kHeader = "n,,";

const EVP_MD* digest_of(ScramHash hash) {
  return hash == ScramHash::sha256 ? EVP_sha256() : EVP_sha512();
}

std::string hmac(ScramHash hash, std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned int size = 0;
  CHECK(HMAC(digest_of(hash), key.data(), static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data(), &size) != nullptr);
  return {reinterpret_cast<const char*>(out.data()), size};
}

std::string hashed(ScramHash hash, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned int size = 0;
  CHECK(EVP_Digest(text.data(), text.size(), out.data(), &size, digest_of(hash), nullptr) == 1);
  return {reinterpret_cast<const char*>(out.data()), size};
}

// Hi() of RFC 5802, section 2.2. The password is taken as its bytes are, without SASLprep, as Kafka's own clients do.
std::string salted_password(ScramHash hash, std::string_view password, std::string_view salt, int iterations) {
  std::string out(static_cast<std::size_t>(EVP_MD_get_size(digest_of(hash))), '\0');
  CHECK(PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                          reinterpret_cast<const unsigned char*>(salt.data()), static_cast<int>(salt.size()),
                          iterations, digest_of(hash), static_cast<int>(out.size()),
                          reinterpret_cast<unsigned char*>(out.data())) == 1);
  return out;
}

std::string exclusive_or(std::string a, std::string_view b) {
  CHECK_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<char>(a[i] ^ b[i]);
  return a;
}

// In a time that says nothing of where they differ.
bool is_same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string escaped_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '=') {
      out += "=3D";
    } else if (c == ',') {
      out += "=2C";
    } else {
      out += c;
    }
  }
  return out;
}

std::optional<std::string> unescaped_name(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (take(text, "=3D")) {
      out += '=';
    } else if (take(text, "=2C")) {
      out += ',';
    } else if (text.front() == '=') {
      return std::nullopt;
    } else {
      out += text.front();
      text.remove_prefix(1);
    }
  }
  return out;
}

// Printable ASCII but commas (RFC 5802, section 5.1).
bool is_nonce(std::string_view text) {
  for (const char c : text) {
    if (c < 0x21 || c > 0x7E || c == ',') return false;
  }
  return !text.empty();
}

std::unexpected<Error> malformed(std::string_view message, std::string_view what) {
  return fail(ErrorKind::corrupt, "SCRAM: the {} is malformed: {}", message, what);
}

// "x=value" at the front, up to the next comma, which goes too.
std::optional<std::string_view> take_attribute(std::string_view& text, char name) {
  if (text.size() < 2 || text[0] != name || text[1] != '=') return std::nullopt;
  const std::size_t end = text.find(',');
  const std::string_view value = text.substr(2, end == std::string_view::npos ? end : end - 2);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return value;
}

std::string server_first_text(std::string_view nonce, const ScramCredential& credential) {
  return fmt::format("r={},s={},i={}", nonce, to_base64(credential.salt), credential.iterations);
}

struct ServerFirst {
  std::string nonce;
  std::string salt;
  int iterations = 0;
};

Result<ServerFirst> parse_server_first(std::string_view message) {
  constexpr std::string_view kName = "server's first message";
  const auto nonce = take_attribute(message, 'r');
  if (!nonce || !is_nonce(*nonce)) return malformed(kName, "no nonce");
  const auto salt_text = take_attribute(message, 's');
  const auto salt = salt_text ? from_base64(*salt_text) : std::nullopt;
  if (!salt || salt->empty()) return malformed(kName, "no salt");
  const auto iterations_text = take_attribute(message, 'i');
  const auto iterations = iterations_text ? parse_int(*iterations_text) : std::nullopt;
  if (!iterations) return malformed(kName, "no number of iterations");
  if (*iterations < kScramIterationsMin || *iterations > kScramIterationsMax) {
    return fail(ErrorKind::external, "SCRAM: the server asks for {} iterations; between {} and {} are accepted",
                *iterations, kScramIterationsMin, kScramIterationsMax);
  }
  return ServerFirst{std::string(*nonce), *salt, static_cast<int>(*iterations)};
}

}  // namespace

std::string_view mechanism_name(ScramHash hash) {
  return hash == ScramHash::sha256 ? "SCRAM-SHA-256" : "SCRAM-SHA-512";
}

std::optional<ScramHash> scram_hash_named(std::string_view mechanism) {
  for (const ScramHash hash : {ScramHash::sha256, ScramHash::sha512}) {
    if (mechanism == mechanism_name(hash)) return hash;
  }
  return std::nullopt;
}

ScramCredential make_scram_credential(ScramHash hash, std::string_view password, std::string salt, int iterations) {
  CHECK(iterations >= kScramIterationsMin && iterations <= kScramIterationsMax);
  const std::string salted = salted_password(hash, password, salt, iterations);
  ScramCredential credential{hash, std::move(salt), iterations, "", ""};
  credential.stored_key = hashed(hash, hmac(hash, salted, "Client Key"));
  credential.server_key = hmac(hash, salted, "Server Key");
  return credential;
}

ScramClient::ScramClient(ScramHash hash, std::string user, std::string password, std::string nonce)
    : hash_(hash), user_(std::move(user)), password_(std::move(password)), nonce_(std::move(nonce)) {
  CHECK(is_nonce(nonce_));
}

std::string ScramClient::first_bare() const {
  return fmt::format("n={},r={}", escaped_name(user_), nonce_);
}

std::string ScramClient::first() const {
  return std::string(kHeader) + first_bare();
}

Result<std::string> ScramClient::answer(std::string_view server_first) {
  if (server_first.starts_with("e=")) {
    return fail(ErrorKind::user, "SCRAM: the server refuses user '{}': {}", user_, server_first.substr(2));
  }
  TRY(const ServerFirst server, parse_server_first(server_first));
  if (!server.nonce.starts_with(nonce_) || server.nonce.size() == nonce_.size()) {
    return malformed("server's first message", "its nonce does not continue ours");
  }
  const std::string without_proof = fmt::format("c={},r={}", to_base64(kHeader), server.nonce);
  const std::string covered = fmt::format("{},{},{}", first_bare(), server_first, without_proof);
  const std::string salted = salted_password(hash_, password_, server.salt, server.iterations);
  const std::string client_key = hmac(hash_, salted, "Client Key");
  const std::string proof = exclusive_or(client_key, hmac(hash_, hashed(hash_, client_key), covered));
  server_signature_ = hmac(hash_, hmac(hash_, salted, "Server Key"), covered);
  return fmt::format("{},p={}", without_proof, to_base64(proof));
}

Status ScramClient::finish(std::string_view server_final) const {
  if (server_final.starts_with("e=")) {
    return fail(ErrorKind::user, "SCRAM: the server refuses user '{}': {}", user_, server_final.substr(2));
  }
  const auto text = take_attribute(server_final, 'v');
  const auto signature = text ? from_base64(*text) : std::nullopt;
  if (!signature) return malformed("server's final message", "no signature");
  if (server_signature_.empty() || !is_same_secret(*signature, server_signature_)) {
    return fail(ErrorKind::external, "SCRAM: the server does not know the password it checked: it may be another's");
  }
  return {};
}

Result<ScramClientFirst> parse_client_first(std::string_view message) {
  constexpr std::string_view kName = "client's first message";
  // "n" or "y": no channel binding, or none at the server as far as the client knows. "p=" would ask for one.
  if (!message.starts_with("n,") && !message.starts_with("y,")) return malformed(kName, "channel binding is not known");
  const std::size_t end = message.find(',', 2);
  if (end == std::string_view::npos) return malformed(kName, "no header");
  ScramClientFirst first;
  first.header = message.substr(0, end + 1);
  first.bare = message.substr(end + 1);
  std::string_view rest = first.bare;
  const auto user = take_attribute(rest, 'n');
  const auto name = user ? unescaped_name(*user) : std::nullopt;
  if (!name || name->empty()) return malformed(kName, "no user");
  const std::string_view acts_for = message.substr(2, end - 2);
  if (!acts_for.empty() && acts_for != fmt::format("a={}", *user)) {
    return malformed(kName, "a user cannot act for another");
  }
  const auto nonce = take_attribute(rest, 'r');
  if (!nonce || !is_nonce(*nonce)) return malformed(kName, "no nonce");
  first.user = *name;
  first.nonce = *nonce;
  for (const std::string_view extension : split(rest, ',')) first.is_token |= extension == "tokenauth=true";
  return first;
}

ScramServer::ScramServer(ScramClientFirst client, ScramCredential credential, std::string nonce)
    : client_(std::move(client)), credential_(std::move(credential)), nonce_(client_.nonce + nonce) {
  CHECK(is_nonce(nonce));
}

std::string ScramServer::first() const {
  return server_first_text(nonce_, credential_);
}

Result<std::string> ScramServer::finish(std::string_view client_final) const {
  constexpr std::string_view kName = "client's final message";
  const std::size_t proof_at = client_final.rfind(",p=");
  if (proof_at == std::string_view::npos) return malformed(kName, "no proof");
  const auto proof = from_base64(client_final.substr(proof_at + 3));
  const std::string_view without_proof = client_final.substr(0, proof_at);
  std::string_view rest = without_proof;
  const auto binding = take_attribute(rest, 'c');
  if (!binding || from_base64(*binding) != client_.header) return malformed(kName, "another channel binding");
  const auto nonce = take_attribute(rest, 'r');
  if (!nonce || !nonce->ends_with(nonce_)) return malformed(kName, "another nonce");
  const ScramHash hash = credential_.hash;
  if (!proof || proof->size() != credential_.stored_key.size()) return malformed(kName, "a proof of another size");
  const std::string covered = fmt::format("{},{},{}", client_.bare, first(), without_proof);
  const std::string client_key = exclusive_or(*proof, hmac(hash, credential_.stored_key, covered));
  if (!is_same_secret(hashed(hash, client_key), credential_.stored_key)) {
    return fail(ErrorKind::user, "SCRAM: user '{}' gave a wrong password", client_.user);
  }
  return fmt::format("v={}", to_base64(hmac(hash, credential_.server_key, covered)));
}

std::string scram_refusal(std::string_view reason) {
  return fmt::format("e={}", reason);
}

}  // namespace weir::wire
