#include "wire/messages/describe_configs.h"

#include <algorithm>

#include "broker/config_entries.h"
#include "broker/handlers/config_resource.h"
#include "broker/handlers/handlers.h"

namespace weir::broker {

namespace {

using wire::ErrorCode;
using Wanted = wire::DescribeConfigsRequest::DescribeConfigsResource;
using Result = wire::DescribeConfigsResponse::DescribeConfigsResult;

void add_entries(const std::vector<ConfigEntry>& entries, const Wanted& wanted,
                 const wire::DescribeConfigsRequest& body, bool is_read_only, Result& result) {
  for (const ConfigEntry& entry : entries) {
    if (wanted.configuration_keys &&
        std::ranges::find(*wanted.configuration_keys, entry.name) == wanted.configuration_keys->end()) {
      continue;
    }
    wire::DescribeConfigsResponse::DescribeConfigsResourceResult config;
    config.name = entry.name;
    config.value = entry.value;
    config.read_only = is_read_only;
    config.is_default = entry.source != ConfigSource::topic;
    config.config_source = static_cast<std::int8_t>(entry.source);
    config.config_type = static_cast<std::int8_t>(entry.type);
    if (body.include_documentation) config.documentation = std::string(entry.documentation);
    if (body.include_synonyms) {
      if (entry.source != ConfigSource::built_in) {
        config.synonyms.push_back({entry.name, entry.value, static_cast<std::int8_t>(entry.source)});
      }
      config.synonyms.push_back({entry.name, entry.default_value, static_cast<std::int8_t>(ConfigSource::built_in)});
    }
    result.configs.push_back(std::move(config));
  }
}

void describe(Request& request, const Wanted& wanted, const wire::DescribeConfigsRequest& body, Result& result) {
  Broker& broker = request.broker;
  switch (static_cast<ConfigResource>(wanted.resource_type)) {
    case ConfigResource::topic: {
      const log::Topic* topic = broker.log().find(wanted.resource_name);
      if (topic == nullptr) {
        result.error_code = ErrorCode::unknown_topic_or_partition;
        result.error_message = fmt::format("there is no topic {}", wanted.resource_name);
        return;
      }
      return add_entries(topic_config_entries(topic->settings), wanted, body, false, result);
    }
    case ConfigResource::broker:
      if (!wanted.resource_name.empty() && wanted.resource_name != std::to_string(broker.settings().node_id)) {
        result.error_code = ErrorCode::invalid_request;
        result.error_message =
            fmt::format("this is broker {}, not {}", broker.settings().node_id, wanted.resource_name);
        return;
      }
      // The defaults of all brokers (the empty name) are not kept apart from this one's settings.
      if (wanted.resource_name.empty()) return;
      return add_entries(broker_config_entries(broker.settings()), wanted, body, true, result);
    case ConfigResource::broker_logger:
    case ConfigResource::client_metrics:
    case ConfigResource::group: return;  // Nothing is set there.
  }
  result.error_code = ErrorCode::invalid_request;
  result.error_message = fmt::format("resource type {} is not known", wanted.resource_type);
}

}  // namespace

void handle_describe_configs(Request& request, Call call) {
  wire::DescribeConfigsRequest body;
  if (!read_body(request, call, body)) return;
  wire::DescribeConfigsResponse response;
  for (const Wanted& wanted : body.resources) {
    Result result;
    result.resource_type = wanted.resource_type;
    result.resource_name = wanted.resource_name;
    describe(request, wanted, body, result);
    response.results.push_back(std::move(result));
  }
  call.answer(response);
}

}  // namespace weir::broker
