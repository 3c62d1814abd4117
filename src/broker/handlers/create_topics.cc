#include "wire/messages/create_topics.h"

#include <algorithm>

#include "broker/config_entries.h"
#include "broker/handlers/handlers.h"

namespace weir::broker {

namespace {

using wire::ErrorCode;
using Wanted = wire::CreateTopicsRequest::CreatableTopic;
using Result = wire::CreateTopicsResponse::CreatableTopicResult;

constexpr std::int32_t kPartitionsMax = 10'000;

void refuse(Result& result, ErrorCode code, std::string message) {
  result.error_code = code;
  result.error_message = std::move(message);
}

// How many partitions the request asks for, by number or by assignment; -1 after a refusal.
std::int32_t partitions_of(const Broker& broker, const Wanted& wanted, Result& result) {
  if (!wanted.assignments.empty()) {
    if (wanted.num_partitions != -1 || wanted.replication_factor != -1) {
      refuse(result, ErrorCode::invalid_request, "either a number of partitions or an assignment of them, not both");
      return -1;
    }
    std::vector<bool> is_given(wanted.assignments.size());
    for (const auto& assignment : wanted.assignments) {
      const bool is_ours =
          assignment.broker_ids.size() == 1 && assignment.broker_ids.front() == broker.settings().node_id;
      const auto index = static_cast<std::size_t>(assignment.partition_index);
      if (!is_ours || assignment.partition_index < 0 || index >= is_given.size() || is_given[index]) {
        refuse(result, ErrorCode::invalid_replica_assignment,
               fmt::format("partitions are numbered from 0, each on broker {} alone", broker.settings().node_id));
        return -1;
      }
      is_given[index] = true;
    }
    return static_cast<std::int32_t>(wanted.assignments.size());
  }
  if (wanted.replication_factor != -1 && wanted.replication_factor != 1) {
    refuse(result, ErrorCode::invalid_replication_factor,
           fmt::format("replication factor {}: weir is one node, so it is 1 (or -1 for the default)",
                       wanted.replication_factor));
    return -1;
  }
  const std::int32_t count = wanted.num_partitions == -1 ? broker.settings().partitions_default : wanted.num_partitions;
  if (count < 1 || count > kPartitionsMax) {
    refuse(result, ErrorCode::invalid_partitions,
           fmt::format("{} partitions: a topic has 1 to {}", wanted.num_partitions, kPartitionsMax));
    return -1;
  }
  return count;
}

void create(Request& request, const Wanted& wanted, bool validate_only, Result& result) {
  Broker& broker = request.broker;
  if (!log::is_topic_name(wanted.name)) {
    return refuse(result, ErrorCode::invalid_topic_exception,
                  "a topic's name has 1 to 249 letters, digits, '.', '_' or '-', and is neither '.' nor '..'");
  }
  if (broker.log().find(wanted.name) != nullptr) {
    return refuse(result, ErrorCode::topic_already_exists, fmt::format("Topic '{}' already exists.", wanted.name));
  }
  const std::int32_t partitions = partitions_of(broker, wanted, result);
  if (partitions < 0) return;
  std::map<std::string, std::string> settings;
  for (const auto& config : wanted.configs) {
    if (!config.value) {
      return refuse(result, ErrorCode::invalid_config, fmt::format("{} has no value", config.name));
    }
    settings[config.name] = *config.value;
  }
  if (const auto config = log::parse_topic_config(settings); !config) {
    return refuse(result, ErrorCode::invalid_config, config.error().message);
  }
  if (!validate_only) {
    const auto created = broker.create_topic(wanted.name, partitions, settings);
    if (!created) return refuse(result, ErrorCode::kafka_storage_error, created.error().message);
    result.topic_id = (*created)->id;
  }
  result.num_partitions = partitions;
  result.replication_factor = 1;
  result.configs.emplace();
  for (const ConfigEntry& entry : topic_config_entries(settings)) {
    result.configs->push_back({entry.name, entry.value, false, static_cast<std::int8_t>(entry.source), false});
  }
}

}  // namespace

// The work is done before the answer, whatever the time-out: a topic that was answered can be used.
void handle_create_topics(Request& request, Call call) {
  wire::CreateTopicsRequest body;
  if (!read_body(request, call, body)) return;
  wire::CreateTopicsResponse response;
  for (const Wanted& wanted : body.topics) {
    Result result;
    result.name = wanted.name;
    const auto same = std::ranges::count(body.topics, wanted.name, &Wanted::name);
    if (same > 1) {
      refuse(result, ErrorCode::invalid_request, "the request names this topic more than once");
    } else {
      create(request, wanted, body.validate_only, result);
    }
    response.topics.push_back(std::move(result));
  }
  call.answer(response);
}

}  // namespace weir::broker
