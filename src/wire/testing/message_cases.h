#pragma once

// All messages of src/wire/messages.txt behind one interface, for tests and fuzzers. The list is generated.

#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "wire/frame.h"
#include "wire/testing/filler.h"

namespace weir::wire {

struct MessageCase {
  std::string_view name;
  VersionRange versions;
  int key = -1;  // Of a request or response.
  bool is_request = false;
  // Fills every field that `version` has, and encodes. What that decodes to must be equal and encode to the same bytes;
  // if not, `problem` says so.
  std::string (*encode_filled)(Filler& filler, int version, std::string& problem);
  // The decoder's status; what decodes must, encoded and decoded again, be equal, else `problem` says so.
  Status (*decode)(std::string_view bytes, int version, std::string& problem);
};

std::span<const MessageCase> message_cases();

// ---- For the generated list

template <typename Message>
std::string encoded(const Message& message, int version) {
  Encoder encoder;
  message.encode(encoder, version);
  return std::string(encoder.bytes());
}

template <typename Message>
Status decode_again(std::string_view bytes, int version, std::string& problem) {
  Message message;
  Decoder decoder(bytes);
  TRY(message.decode(decoder, version));
  const std::string again = encoded(message, version);
  Message second;
  // It may be shorter than `bytes`, which had unknown tags, and may take no more memory.
  Decoder second_decoder(again, std::numeric_limits<std::size_t>::max());
  const Status status = second.decode(second_decoder, version);
  if (!status) {
    problem = status.error().message;
  } else if (encoded(second, version) != again) {
    // Compared as bytes, in which a number that is not one equals itself.
    problem = "encodes to other bytes the second time";
  }
  return {};
}

template <typename Message, void (*fill_message)(Message&, Filler&, int)>
std::string encode_filled(Filler& filler, int version, std::string& problem) {
  Message message;
  fill_message(message, filler, version);
  const std::string bytes = encoded(message, version);
  Message decoded;
  Decoder decoder(bytes);
  const Status status = decoded.decode(decoder, version);
  if (!status) {
    problem = status.error().message;
  } else if (decoder.remaining() != 0) {
    problem = "bytes are left";
  } else if (!(decoded == message)) {
    problem = "decodes to something else";
  } else if (encoded(decoded, version) != bytes) {
    problem = "encodes to other bytes the second time";
  }
  return bytes;
}

}  // namespace weir::wire
