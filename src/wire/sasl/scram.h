#pragma once

// SCRAM-SHA-256 and SCRAM-SHA-512 (RFC 5802, RFC 7677) as messages: both sides, without channel binding, as Kafka uses
// them. A side takes what the other sent and gives what to send; sockets and nonces come from the caller.
//
// Nothing the other side says is believed before it is checked: ErrorKind::corrupt for what is no such message,
// ErrorKind::user for a wrong user or password. A conversation belongs to one thread; the functions are pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weir::wire {

enum class ScramHash : std::uint8_t { sha256, sha512 };

// "SCRAM-SHA-256"; nothing for a name that is none of the two.
std::string_view mechanism_name(ScramHash hash);
std::optional<ScramHash> scram_hash_named(std::string_view mechanism);

// Fewer are too weak to ask for (RFC 7677, section 4), and more would let a server keep a client busy.
inline constexpr int kScramIterationsMin = 4096;
inline constexpr int kScramIterationsMax = 1'000'000;

// What a server keeps of a password. All bytes, not base64.
struct ScramCredential {
  ScramHash hash = ScramHash::sha512;
  std::string salt;
  int iterations = kScramIterationsMin;
  std::string stored_key;
  std::string server_key;

  bool operator==(const ScramCredential&) const = default;
};

// `iterations` lies within the limits above.
ScramCredential make_scram_credential(ScramHash hash, std::string_view password, std::string salt, int iterations);

// The side that logs in: first(), then answer(server-first), then finish(server-final).
class ScramClient {
 public:
  // `nonce` is printable ASCII without commas, and fresh for each conversation.
  ScramClient(ScramHash hash, std::string user, std::string password, std::string nonce);

  std::string first() const;
  Result<std::string> answer(std::string_view server_first);
  // Fine only if the server has proven that it knows the credential.
  Status finish(std::string_view server_final) const;

 private:
  std::string first_bare() const;

  const ScramHash hash_;
  const std::string user_;
  const std::string password_;
  const std::string nonce_;
  std::string server_signature_;
};

// What the first message of a client says.
struct ScramClientFirst {
  std::string header;  // The part before `bare`: "n,,".
  std::string bare;    // What the proof covers: "n=user,r=nonce".
  std::string user;
  std::string nonce;
  // Kafka's extension "tokenauth=true": the user is the id of a delegation token.
  bool is_token = false;
};
Result<ScramClientFirst> parse_client_first(std::string_view message);

// The side that knows credentials: made of a parsed first message and the credential of its user, then first() and
// finish(client-final).
class ScramServer {
 public:
  // `nonce` as in ScramClient; it is the server's part.
  ScramServer(ScramClientFirst client, ScramCredential credential, std::string nonce);

  std::string first() const;
  // The last message to send, after the client's proof was found right. ErrorKind::user if it was wrong.
  //
  // A nonce that ends with the right one is taken as well: librdkafka before 2.6.1 repeats its own part.
  Result<std::string> finish(std::string_view client_final) const;

 private:
  const ScramClientFirst client_;
  const ScramCredential credential_;
  const std::string nonce_;  // Of both sides.
};

// The last message of a server that refuses: "e=other-error".
std::string scram_refusal(std::string_view reason);

}  // namespace weir::wire
