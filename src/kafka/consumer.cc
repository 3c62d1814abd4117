#include "kafka/consumer.h"

#include "kafka/librdkafka.h"

namespace weir::kafka {

struct Consumer::State {
  Trouble trouble;
  std::optional<std::vector<TopicPartition>> assigned;
  std::vector<rd_kafka_message_t*> taken;
  RdHandle handle;
  RdQueue queue;  // Gone before the handle.

  void release_taken() {
    for (rd_kafka_message_t* message : taken) rd_kafka_message_destroy(message);
    taken.clear();
  }
};

namespace {

std::vector<TopicPartition> partitions_of(const rd_kafka_topic_partition_list_t& list) {
  std::vector<TopicPartition> partitions;
  for (int i = 0; i < list.cnt; ++i) partitions.push_back({list.elems[i].topic, list.elems[i].partition});
  return partitions;
}

RdPartitions list_of(const TopicPartition& partition, std::int64_t offset) {
  RdPartitions list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.partition)->offset = offset;
  return list;
}

std::optional<std::string_view> text_of(const void* data, std::size_t size) {
  if (data == nullptr) return std::nullopt;
  return std::string_view(static_cast<const char*>(data), size);
}

IncomingRecord record_of(const rd_kafka_message_t& message) {
  IncomingRecord record;
  record.topic = rd_kafka_topic_name(message.rkt);
  record.partition = message.partition;
  record.offset = message.offset;
  record.key = text_of(message.key, message.key_len);
  record.value = text_of(message.payload, message.len);
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  record.timestamp = rd_kafka_message_timestamp(&message, &type);
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return record;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i) {
    record.headers.emplace_back(name, text_of(value, size));
  }
  return record;
}

// The reader's own problem may pass; what ends the reading is said by the broker about the topic or the group.
bool is_ending(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED:
    case RD_KAFKA_RESP_ERR__FATAL:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID: return true;
    default: return false;
  }
}

}  // namespace

Consumer::Consumer(std::unique_ptr<State> state) : state_(std::move(state)) {}

Consumer::~Consumer() {
  state_->release_taken();
  state_->queue.reset();
  rd_kafka_consumer_close(state_->handle.get());
}

Result<std::unique_ptr<Consumer>> Consumer::open(const ConnectionSettings& connection,
                                                 const ConsumerSettings& settings) {
  const bool has_group = !settings.group.empty();
  TRY(auto conf,
      make_conf(connection, {
                                // A group's name is needed to be told of ends and to read without a group.
                                {"group.id", has_group ? settings.group : "weir-without-group"},
                                {"enable.auto.commit", has_group ? "true" : "false"},
                                {"enable.auto.offset.store", "false"},
                                {"enable.partition.eof", "true"},
                                // Between the offsets that are given and those that are there lies no choice:
                                // what retention has removed is passed over.
                                {"auto.offset.reset", settings.begins_at_earliest ? "earliest" : "latest"},
                                {"isolation.level",
                                 settings.isolation == Isolation::committed ? "read_committed" : "read_uncommitted"},
                                {"check.crcs", "true"},
                                {"queued.min.messages", "1000000"},
                                {"queued.max.messages.kbytes", "262144"},
                            }));
  auto state = std::make_unique<State>();
  rd_kafka_conf_set_opaque(conf.get(), state.get());
  rd_kafka_conf_set_error_cb(conf.get(), [](rd_kafka_t*, int code, const char* reason, void* opaque) {
    static_cast<State*>(opaque)->trouble.set(static_cast<rd_kafka_resp_err_t>(code), reason);
  });
  rd_kafka_conf_set_rebalance_cb(conf.get(), [](rd_kafka_t* handle, rd_kafka_resp_err_t code,
                                                rd_kafka_topic_partition_list_t* list, void* opaque) {
    auto& assigned = static_cast<State*>(opaque)->assigned;
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
      assigned = partitions_of(*list);
      rd_kafka_assign(handle, list);
    } else {
      assigned.reset();
      rd_kafka_assign(handle, nullptr);
    }
  });
  TRY(state->handle, make_handle(RD_KAFKA_CONSUMER, std::move(conf)));
  rd_kafka_poll_set_consumer(state->handle.get());
  state->queue.reset(rd_kafka_queue_get_consumer(state->handle.get()));
  return std::unique_ptr<Consumer>(new Consumer(std::move(state)));
}

Status Consumer::assign(const std::vector<std::pair<TopicPartition, std::int64_t>>& offsets) {
  RdPartitions list(rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
  for (const auto& [where, offset] : offsets) {
    rd_kafka_topic_partition_list_add(list.get(), where.topic.c_str(), where.partition)->offset = offset;
  }
  const rd_kafka_resp_err_t code = rd_kafka_assign(state_->handle.get(), list.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected(rd_error("read partitions", code));
  return {};
}

Status Consumer::subscribe(const std::vector<std::string>& topics) {
  RdPartitions list(rd_kafka_topic_partition_list_new(static_cast<int>(topics.size())));
  for (const std::string& topic : topics) {
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  }
  const rd_kafka_resp_err_t code = rd_kafka_subscribe(state_->handle.get(), list.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected(rd_error("join the group", code));
  return {};
}

void Consumer::pause(const TopicPartition& partition) {
  rd_kafka_pause_partitions(state_->handle.get(), list_of(partition, RD_KAFKA_OFFSET_INVALID).get());
}

Result<Incoming> Consumer::take(std::size_t records_max, std::chrono::milliseconds timeout) {
  state_->release_taken();
  state_->taken.resize(records_max);
  const ssize_t count = rd_kafka_consume_batch_queue(state_->queue.get(), static_cast<int>(timeout.count()),
                                                     state_->taken.data(), records_max);
  state_->taken.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
  Incoming incoming;
  for (const rd_kafka_message_t* message : state_->taken) {
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      incoming.records.push_back(record_of(*message));
    } else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      incoming.ends.push_back({{rd_kafka_topic_name(message->rkt), message->partition}, message->offset});
    } else if (is_ending(message->err)) {
      return std::unexpected(rd_error("read on", message->err, rd_kafka_message_errstr(message)));
    } else {
      state_->trouble.set(message->err, rd_kafka_message_errstr(message));
    }
  }
  if (incoming.records.empty() && state_->trouble.is_lasting()) {
    return fail(ErrorKind::external, "cannot read on: {}", state_->trouble.text());
  }
  if (!state_->taken.empty() && !incoming.records.empty()) state_->trouble.forget();
  return incoming;
}

const std::optional<std::vector<TopicPartition>>& Consumer::assigned() const {
  return state_->assigned;
}

void Consumer::store(const TopicPartition& partition, std::int64_t offset) {
  // Fails only for a partition that the group has given to another member: then it is not ours to commit.
  rd_kafka_offsets_store(state_->handle.get(), list_of(partition, offset).get());
}

Status Consumer::commit() {
  const rd_kafka_resp_err_t code = rd_kafka_commit(state_->handle.get(), nullptr, 0);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR__NO_OFFSET) return {};
  return std::unexpected(rd_error("commit offsets", code));
}

std::string Consumer::trouble() const {
  return state_->trouble.text();
}

}  // namespace weir::kafka
