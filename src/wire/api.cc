#include "wire/api.h"

#include <algorithm>

namespace weir::wire {

const ApiInfo* find_api(int key) {
  const std::span<const ApiInfo> all = apis();
  const auto found =
      std::ranges::lower_bound(all, key, {}, [](const ApiInfo& api) { return static_cast<int>(api.key); });
  return found != all.end() && static_cast<int>(found->key) == key ? &*found : nullptr;
}

int request_header_version(const ApiInfo& api, int version) {
  return version >= api.first_flexible ? 2 : 1;
}

int response_header_version(const ApiInfo& api, int version) {
  if (api.key == ApiKey::api_versions) return 0;
  return version >= api.first_flexible ? 1 : 0;
}

Result<RequestHeader> decode_request_header(Decoder& decoder) {
  // All versions of the header begin with key and version of the request.
  Decoder ahead = decoder;
  const int key = ahead.int16("request_api_key");
  const int version = ahead.int16("request_api_version");
  TRY(ahead.status("RequestHeader", 1));
  const ApiInfo* api = find_api(key);
  if (api == nullptr) return fail(ErrorKind::corrupt, "RequestHeader: request_api_key: no API has the key {}", key);
  RequestHeader header;
  TRY(header.decode(decoder, request_header_version(*api, version)));
  return header;
}

}  // namespace weir::wire
