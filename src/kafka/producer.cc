#include "kafka/producer.h"

#include "kafka/librdkafka.h"

namespace weir::kafka {

struct Producer::State {
  OnDelivery on_delivery;
  Trouble trouble;
  RdHandle handle;
};

namespace {

constexpr std::chrono::milliseconds kFullQueueWait{50};

// Numbers travel as the pointer that librdkafka gives back with the report.
void* pointer_of(std::uint64_t number) {
  return reinterpret_cast<void*>(static_cast<std::uintptr_t>(number));
}

using HeaderList = std::unique_ptr<rd_kafka_headers_t, Freed<rd_kafka_headers_destroy>>;

HeaderList headers_of(const OutgoingRecord& record) {
  HeaderList headers(rd_kafka_headers_new(record.headers.size()));
  for (const auto& [name, value] : record.headers) {
    rd_kafka_header_add(headers.get(), name.data(), static_cast<ssize_t>(name.size()), value ? value->data() : nullptr,
                        value ? static_cast<ssize_t>(value->size()) : 0);
  }
  return headers;
}

// librdkafka tells an absent key or value from an empty one by the pointer.
const char* data_of(const std::optional<std::string_view>& text) {
  if (!text) return nullptr;
  return text->data() == nullptr ? "" : text->data();
}

}  // namespace

Producer::Producer(std::unique_ptr<State> state) : state_(std::move(state)) {}

Producer::~Producer() {
  rd_kafka_purge(state_->handle.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  state_->on_delivery = [](std::uint64_t, const Result<Delivery>&) {};
}

Result<std::unique_ptr<Producer>> Producer::open(const ConnectionSettings& connection, const ProducerSettings& settings,
                                                 OnDelivery on_delivery) {
  const bool is_idempotent = settings.acks == Acks::all;
  TRY(auto conf, make_conf(connection, {
                                           {"acks", std::to_string(static_cast<int>(settings.acks))},
                                           {"enable.idempotence", is_idempotent ? "true" : "false"},
                                           {"compression.type", settings.compression},
                                           {"delivery.timeout.ms", std::to_string(settings.delivery_timeout.count())},
                                           {"partitioner", "murmur2_random"},
                                           {"queue.buffering.max.messages", "1000000"},
                                           {"queue.buffering.max.kbytes", "262144"},
                                           {"linger.ms", "5"},
                                       }));
  auto state = std::make_unique<State>();
  state->on_delivery = std::move(on_delivery);
  rd_kafka_conf_set_opaque(conf.get(), state.get());
  rd_kafka_conf_set_error_cb(conf.get(), [](rd_kafka_t*, int code, const char* reason, void* opaque) {
    static_cast<State*>(opaque)->trouble.set(static_cast<rd_kafka_resp_err_t>(code), reason);
  });
  rd_kafka_conf_set_dr_msg_cb(conf.get(), [](rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    const auto number = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(message->_private));
    const State& own = *static_cast<State*>(opaque);
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      own.on_delivery(number, Delivery{number, message->partition, message->offset});
    } else {
      const Result<Delivery> lost = std::unexpected(rd_error("store the record", message->err));
      own.on_delivery(number, lost);
    }
  });
  TRY(state->handle, make_handle(RD_KAFKA_PRODUCER, std::move(conf)));
  return std::unique_ptr<Producer>(new Producer(std::move(state)));
}

Status Producer::send(const std::string& topic, const OutgoingRecord& record, std::uint64_t number) {
  const std::size_t key_size = record.key ? record.key->size() : 0;
  const std::size_t value_size = record.value ? record.value->size() : 0;
  while (true) {
    HeaderList headers = headers_of(record);
    rd_kafka_t* handle = state_->handle.get();
    const rd_kafka_resp_err_t code = rd_kafka_producev(
        handle, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(record.partition),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(data_of(record.key), key_size),
        RD_KAFKA_V_VALUE(const_cast<char*>(data_of(record.value)), value_size), RD_KAFKA_V_HEADERS(headers.get()),
        RD_KAFKA_V_TIMESTAMP(record.timestamp), RD_KAFKA_V_OPAQUE(pointer_of(number)), RD_KAFKA_V_END);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      headers.release();  // NOLINT: librdkafka has taken them over.
      return {};
    }
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) return std::unexpected(rd_error("send the record", code));
    poll(kFullQueueWait);
  }
}

void Producer::poll(std::chrono::milliseconds timeout) {
  rd_kafka_poll(state_->handle.get(), static_cast<int>(timeout.count()));
}

std::size_t Producer::waiting() const {
  return static_cast<std::size_t>(rd_kafka_outq_len(state_->handle.get()));
}

std::string Producer::trouble() const {
  return state_->trouble.text();
}

bool Producer::is_broken() const {
  return state_->trouble.is_lasting();
}

}  // namespace weir::kafka
