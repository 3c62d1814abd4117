#include "broker/call.h"

#include "base/check.h"

namespace weir::broker {

std::uint64_t Frame::size() const {
  std::uint64_t size = bytes.size();
  for (const Insert& insert : inserts) size += insert.range.size;
  return size;
}

void Call::begin_response(wire::Encoder& encoder) const {
  const wire::ApiInfo* api = wire::find_api(header_.request_api_key);
  CHECK(api != nullptr);
  encoder.begin_frame();
  wire::ResponseHeader header;
  header.correlation_id = header_.correlation_id;
  header.encode(encoder, wire::response_header_version(*api, version()));
}

void Call::send(wire::Encoder encoder, std::vector<std::vector<log::FileRange>> fillings) {
  encoder.end_frame();
  Frame frame;
  CHECK_EQ(encoder.gaps().size(), fillings.size());
  for (std::size_t i = 0; i < fillings.size(); ++i) {
    for (log::FileRange& range : fillings[i]) {
      frame.inserts.push_back({encoder.gaps()[i].position, std::move(range)});
    }
  }
  frame.bytes = encoder.take_bytes();
  sink_->answer(connection_, request_, std::move(frame));
}

}  // namespace weir::broker
