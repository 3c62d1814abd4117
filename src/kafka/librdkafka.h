#pragma once

// What producer and consumer share of librdkafka's C interface; only sources of this module include it.

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <librdkafka/rdkafka.h>

#include "base/result.h"
#include "kafka/connection_settings.h"

namespace weir::kafka {

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using RdConf = std::unique_ptr<rd_kafka_conf_t, Freed<rd_kafka_conf_destroy>>;
using RdQueue = std::unique_ptr<rd_kafka_queue_t, Freed<rd_kafka_queue_destroy>>;
using RdPartitions = std::unique_ptr<rd_kafka_topic_partition_list_t, Freed<rd_kafka_topic_partition_list_destroy>>;
using RdHandle = std::unique_ptr<rd_kafka_t, Freed<rd_kafka_destroy>>;

// The last trouble that librdkafka told of. Its threads write it, any thread reads it.
class Trouble {
 public:
  void set(rd_kafka_resp_err_t code, const char* reason);
  // Empty if there was none.
  std::string text() const;
  // What will not pass by itself: a refused login, a certificate, a fatal error.
  bool is_lasting() const;
  void forget();

 private:
  mutable std::mutex mutex_;
  std::string text_;
  bool is_lasting_ = false;
};

using RdProperties = std::vector<std::pair<std::string, std::string>>;

// A configuration with the connection's settings and `more`. librdkafka's own log lines are dropped, its errors kept in
// `trouble`, which outlives the handle. `opaque` comes back in callbacks; its first base is Trouble's owner.
Result<RdConf> make_conf(const ConnectionSettings& settings, const RdProperties& more);

// Takes the configuration over.
Result<RdHandle> make_handle(rd_kafka_type_t type, RdConf conf);

Error rd_error(std::string_view doing, rd_kafka_resp_err_t code, std::string_view reason = {});

}  // namespace weir::kafka
