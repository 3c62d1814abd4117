#include "broker/testing/broker_harness.h"

#include "broker/internal_topic.h"

namespace weir::broker::testing {

BrokerHarness::BrokerHarness(std::shared_ptr<io::testing::MemoryDisk> disk, BrokerSettings settings)
    : disk_(std::move(disk)), settings_(std::move(settings)) {
  now_.steady = SteadyTime(std::chrono::hours(1));
  now_.wall = kStart;
}

BrokerHarness::~BrokerHarness() = default;

Status BrokerHarness::open() {
  log::LogOptions options;
  options.now = now_.wall;
  options.reserve_bytes = 1U << 12;
  TRY(auto log, log::Log::open(disk_->root(), options));
  TRY(broker_, Broker::open(std::move(log), settings_, *this, now_));
  return {};
}

void BrokerHarness::kill() {
  broker_.reset();
  disk_ = disk_->after_kill();
}

bool BrokerHarness::flush_once() {
  auto flush = broker_->take_flush(now_);
  if (!flush) return false;
  broker_->flushed(*flush, sync_parts(*flush));
  return true;
}

void BrokerHarness::flush() {
  while (flush_once()) {
  }
}

void BrokerHarness::pass(std::chrono::milliseconds time) {
  now_.steady += time;
  now_.wall += time.count();
  broker_->tick(now_);
  flush();
}

ConnectionId BrokerHarness::connect() {
  Session& session = sessions_[++last_connection_];
  session.id = last_connection_;
  session.local = {"127.0.0.1", 9092};
  session.remote = {"127.0.0.1", 50'000};
  return session.id;
}

BrokerHarness::Ticket BrokerHarness::send_bytes(ConnectionId connection, std::string frame) {
  const std::uint64_t request = request_counts_[connection]++;
  broker_->handle(sessions_.at(connection), request, frame, now_);
  return {connection, request};
}

void BrokerHarness::answer(ConnectionId connection, std::uint64_t request, Frame frame) {
  std::string bytes;
  std::size_t at = 0;
  for (const Frame::Insert& insert : frame.inserts) {
    bytes += frame.bytes.view().substr(at, insert.position - at);
    at = insert.position;
    auto inserted = read_ranges({insert.range});
    CHECK(inserted.has_value());
    bytes += *inserted;
  }
  bytes += frame.bytes.view().substr(at);
  CHECK_EQ(bytes.size(), frame.size());
  answers_[{connection, request}] = std::move(bytes);
}

}  // namespace weir::broker::testing
