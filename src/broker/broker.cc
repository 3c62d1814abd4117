#include "broker/broker.h"

#include <algorithm>

#include "base/log_line.h"
#include "broker/handlers/handlers.h"

namespace weir::broker {

namespace {

constexpr std::chrono::seconds kRetentionInterval{30};
constexpr std::chrono::seconds kCheckpointInterval{5};
constexpr std::chrono::seconds kCleaningInterval{15};
constexpr std::chrono::seconds kSpaceInterval{1};

// So that a topic that comes into being while the broker starts finds its bytes flushed: nobody else syncs yet.
Status flush_now(FlushQueue& flushes, Now now) {
  flushes.hurry();
  while (auto flush = flushes.take(now)) {
    const std::vector<Status> results = sync_parts(*flush);
    flushes.ended(*flush, results);
    for (const Status& result : results) TRY(result);
  }
  return {};
}

}  // namespace

Broker::Broker(std::unique_ptr<log::Log> log, BrokerSettings settings, AnswerSink& sink, Now now)
    : log_(std::move(log)),
      settings_(std::move(settings)),
      sink_(sink),
      flushes_(*log_, settings_.flush_interval),
      retention_due_(now.steady + kRetentionInterval),
      checkpoint_due_(now.steady + kCheckpointInterval),
      cleaning_due_(now.steady + kCleaningInterval),
      space_due_(now.steady) {}

Result<std::unique_ptr<Broker>> Broker::open(std::unique_ptr<log::Log> log, BrokerSettings settings, AnswerSink& sink,
                                             Now now) {
  std::unique_ptr<Broker> broker(new Broker(std::move(log), std::move(settings), sink, now));
  TRY(auto offsets, StoredTable::open(*broker->log_, broker->flushes_, kOffsetsTopic));
  const auto read_topics = [&log = *broker->log_] {
    GroupTopics topics;
    for (const log::Topic* topic : log.topics()) {
      topics[topic->name] = {topic->id, static_cast<std::int32_t>(topic->partitions.size()), is_internal(topic->name)};
    }
    return topics;
  };
  TRY(broker->groups_,
      GroupCoordinator::open(std::move(offsets), read_topics, broker->settings_.offsets_retention, now));
  const TransactionCoordinator::Limits limits{broker->settings_.transaction_timeout_max,
                                              broker->settings_.transactional_id_retention};
  TRY(broker->transactions_,
      TransactionCoordinator::open(*broker->log_, broker->flushes_, *broker->groups_, limits, now));
  TRY(flush_now(broker->flushes_, now));
  return broker;
}

// ---------------------------------------------------------------- requests

void Broker::handle(Session& session, std::uint64_t request_number, std::span<char> frame, Now now) {
  wire::Decoder decoder(std::string_view(frame.data(), frame.size()));
  auto header = wire::decode_request_header(decoder);
  if (!header) return sink_.close(session.id, header.error().message);
  const wire::ApiInfo* api = wire::find_api(header->request_api_key);
  const auto key = static_cast<wire::ApiKey>(header->request_api_key);
  const int version = header->request_api_version;
  Call call(sink_, session.id, request_number, std::move(*header));
  Request request{*this, session, decoder, now};
  const Handler handler = api == nullptr ? nullptr : handler_of(key);
  // ApiVersions answers unknown versions itself: how else would a client learn which there are?
  if (handler != nullptr && (api->served.contains(version) || key == wire::ApiKey::api_versions)) {
    return handler(request, std::move(call));
  }
  call.close(fmt::format("{} version {} is not served", api == nullptr ? "an unknown request in" : api->name, version));
}

void Broker::connection_closed(ConnectionId connection) {
  reads_.connection_closed(connection);
  groups_->connection_closed(connection);
}

io::Address Broker::address_for(const Session& session) const {
  return settings_.advertised.value_or(session.local);
}

// ---------------------------------------------------------------- topics

Result<log::Topic*> Broker::create_topic(const std::string& name, std::int32_t partitions,
                                         const std::map<std::string, std::string>& settings) {
  groups_->topics_changed();
  return log_->create_topic(name, partitions < 0 ? settings_.partitions_default : partitions, settings);
}

Status Broker::add_partitions(log::Topic& topic, std::int32_t count_in_all) {
  groups_->topics_changed();
  return log_->add_partitions(topic, count_in_all);
}

Status Broker::delete_topic(const std::string& name, Now now) {
  const log::Topic* topic = log_->find(name);
  std::vector<PartitionKey> keys;
  for (std::size_t i = 0; topic != nullptr && i < topic->partitions.size(); ++i) {
    keys.push_back({topic->id, static_cast<std::int32_t>(i)});
  }
  TRY(log_->delete_topic(name));
  groups_->topic_deleted(name, now);
  for (const PartitionKey& key : keys) reads_.wake(key);
  return {};
}

void Broker::wrote(const log::Topic& topic, std::int32_t partition, Now now) {
  const PartitionKey key{topic.id, partition};
  flushes_.wrote(key, now);
  if (!reads_.is_watched(key)) return;
  if (topic.config.is_relaxed) {
    reads_.wake(key);
  } else {
    flushes_.hurry();
  }
}

// ---------------------------------------------------------------- time

void Broker::flushed(const Flush& flush, const std::vector<Status>& results) {
  flushes_.ended(flush, results);
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!results[i]) log_error("flush failed", {{"reason", results[i].error().message}});
  }
  for (const auto& part : flush.parts) reads_.wake(part.partition);
}

void Broker::tick(Now now) {
  reads_.tick(now);
  groups_->tick(now);
  transactions_->tick(now);
  if (now.steady >= retention_due_) {
    retention_due_ = now.steady + kRetentionInterval;
    apply_retention(now);
  }
  if (now.steady >= checkpoint_due_) {
    checkpoint_due_ = now.steady + kCheckpointInterval;
    // What it notes is a shorter way to start: without it, more is read anew.
    if (const Status written = log_->write_checkpoint(); !written) {
      log_warn("checkpoint not written", {{"reason", written.error().message}});
    }
  }
  if (now.steady >= space_due_) {
    space_due_ = now.steady + kSpaceInterval;
    if (const auto space = log_->space()) space_.update(*space);
  }
}

void Broker::apply_retention(Now now) {
  for (log::Topic* topic : log_->topics()) {
    for (std::size_t i = 0; i < topic->partitions.size(); ++i) {
      const auto freed = topic->partitions[i]->apply_retention(now.wall);
      if (!freed) {
        log_warn("retention failed",
                 {{"partition", fmt::format("{}/{}", topic->name, i)}, {"reason", freed.error().message}});
      }
    }
  }
}

std::optional<Cleaning> Broker::take_cleaning(Now now) {
  if (is_cleaning_ || now.steady < cleaning_due_) return std::nullopt;
  for (log::Topic* topic : log_->topics()) {
    if (!topic->config.is_compacted) continue;
    for (std::size_t i = 0; i < topic->partitions.size(); ++i) {
      if (auto compaction = topic->partitions[i]->plan_compaction(now.wall)) {
        is_cleaning_ = true;
        return Cleaning{{topic->id, static_cast<std::int32_t>(i)}, std::move(compaction)};
      }
    }
  }
  cleaning_due_ = now.steady + kCleaningInterval;
  return std::nullopt;
}

void Broker::cleaned(const Cleaning& cleaning, const Status& result, Now now) {
  is_cleaning_ = false;
  // What failed is tried again later, not at once.
  if (!result) cleaning_due_ = now.steady + kCleaningInterval;
  log::Topic* topic = log_->find(cleaning.partition.topic);
  if (topic == nullptr) return;  // Deleted since.
  const auto index = static_cast<std::size_t>(cleaning.partition.partition);
  const auto applied = result ? topic->partitions[index]->apply(*cleaning.compaction)
                              : Result<std::uint64_t>(std::unexpected(result.error()));
  const std::string name = fmt::format("{}/{}", topic->name, index);
  if (applied) {
    log_line(LogLevel::debug, "partition compacted", {{"partition", name}, {"freed_bytes", *applied}});
  } else {
    log_warn("compaction failed", {{"partition", name}, {"reason", applied.error().message}});
  }
}

std::optional<SteadyTime> Broker::next_deadline() const {
  SteadyTime next = std::min({retention_due_, checkpoint_due_, space_due_});
  if (!is_cleaning_) next = std::min(next, cleaning_due_);
  for (const auto& deadline :
       {flushes_.due(), reads_.next_deadline(), groups_->next_deadline(), transactions_->next_deadline()}) {
    if (deadline) next = std::min(next, *deadline);
  }
  return next;
}

Status Broker::close() {
  return log_->close();
}

}  // namespace weir::broker
