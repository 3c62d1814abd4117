// Requests of any bytes: the broker answers or closes the connection, and serves the next one.

#include <cstdint>
#include <memory>

#include "base/check.h"
#include "base/log_line.h"
#include "broker/testing/broker_harness.h"
#include "wire/messages/metadata.h"

namespace {

using weir::broker::testing::BrokerHarness;

std::unique_ptr<BrokerHarness> make_broker() {
  weir::set_log_output(weir::LogLevel::error, weir::LogFormat::text);
  auto harness = std::make_unique<BrokerHarness>();
  CHECK(harness->open().has_value());
  return harness;
}

}  // namespace

// The first byte is the API, the second the version, and so on for each frame: two bytes of length, then the body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // A new broker now and then: what one input leaves behind must not grow for ever.
  static std::unique_ptr<BrokerHarness> harness = make_broker();
  static int runs = 0;
  if (++runs % 1000 == 0) harness = make_broker();
  const weir::broker::ConnectionId connection = harness->connect();
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  while (rest.size() >= 3 && !harness->is_closed(connection)) {
    const auto length = std::min<std::size_t>(static_cast<unsigned char>(rest[2]), rest.size() - 3);
    std::string frame;
    frame += '\0';
    frame += rest[0];
    frame += '\0';
    frame += rest[1];
    frame += std::string("\0\0\0\7\0\0", 6);
    frame += rest.substr(3, length);
    harness->send_bytes(connection, frame);
    harness->flush();
    rest.remove_prefix(3 + length);
  }
  harness->disconnect(connection);
  harness->pass(std::chrono::milliseconds(100));
  return 0;
}
