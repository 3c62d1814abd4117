#pragma once

// The requests that weir answers, by key and version, and the header before each. The list comes from
// src/wire/messages.txt; what is not in it is not told to clients, who then do without.
//
// Pure functions over constant data; any thread may call them.

#include <span>
#include <string_view>

#include "base/result.h"
#include "wire/frame.h"
#include "wire/messages/api_key.h"
#include "wire/messages/headers.h"

namespace weir::wire {

struct ApiInfo {
  ApiKey key = ApiKey::produce;
  std::string_view name;  // "Produce"
  // What ApiVersions tells. Wider than `served` where a client leaves features out unless it sees an old version that
  // it never sends; a request of such a version is answered with unsupported_version.
  VersionRange advertised;
  VersionRange served;     // What decode() and encode() take.
  int first_flexible = 0;  // The greatest int if no version is flexible.
};

// In ascending order of key.
std::span<const ApiInfo> apis();

// Null if weir does not know the API.
const ApiInfo* find_api(int key);

// The version of the header before a request or response of `api` in `version`, which need not be a served one.
int request_header_version(const ApiInfo& api, int version);
// 0 for ApiVersions in all versions: the client does not know yet what the broker understands (KIP-511).
int response_header_version(const ApiInfo& api, int version);

// Reads the header of a request, so that the decoder stands at its body. Says nothing of whether the version is served,
// since the correlation id is needed to say so to the client. ErrorKind::corrupt if the key is unknown or the header
// ends early: without a header nothing can be answered.
Result<RequestHeader> decode_request_header(Decoder& decoder);

}  // namespace weir::wire
