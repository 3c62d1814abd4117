#pragma once

// Sends records through librdkafka: in batches, in the background, with a report of each. Records of one key keep their
// order; where `acks` is all, none is stored twice (idempotence).
//
// One thread calls it; reports come from inside its calls, on that thread.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "kafka/connection_settings.h"

namespace weir::kafka {

enum class Acks : std::int8_t { none = 0, leader = 1, all = -1 };

struct ProducerSettings {
  Acks acks = Acks::all;
  std::string compression = "none";  // gzip, snappy, lz4, zstd.
  // How long a record may take, with all attempts.
  std::chrono::milliseconds delivery_timeout{30'000};
};

struct OutgoingRecord {
  std::int32_t partition = -1;  // -1: by the key as Java's clients choose it (murmur2), else any.
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
  std::int64_t timestamp = 0;  // Milliseconds since 1970; 0: now.
};

struct Delivery {
  std::uint64_t number = 0;  // As given to send().
  std::int32_t partition = -1;
  std::int64_t offset = -1;  // -1 if the broker was not asked for an answer.
};

class Producer {
 public:
  // Called for each record that was sent: with where it is, or why it is lost.
  using OnDelivery = std::function<void(std::uint64_t number, const Result<Delivery>& delivery)>;

  static Result<std::unique_ptr<Producer>> open(const ConnectionSettings& connection, const ProducerSettings& settings,
                                                OnDelivery on_delivery);
  // Records that are still on their way are dropped without a report.
  ~Producer();

  // Copies the record. Waits while the queue is full. An error is about this record alone, and takes the place of its
  // report.
  Status send(const std::string& topic, const OutgoingRecord& record, std::uint64_t number);
  // Gives reports that have come; waits for the first for at most `timeout`.
  void poll(std::chrono::milliseconds timeout);
  // Of records without a report.
  std::size_t waiting() const;
  // What librdkafka last complained of; empty if nothing.
  std::string trouble() const;
  // Whether that will not pass by itself.
  bool is_broken() const;

 private:
  struct State;
  explicit Producer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace weir::kafka
