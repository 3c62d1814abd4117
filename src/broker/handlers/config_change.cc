#include "broker/handlers/config_change.h"

#include <algorithm>
#include <ranges>
#include <set>

#include <fmt/ranges.h>

#include "broker/handlers/config_resource.h"

namespace weir::broker {

namespace {

using wire::ErrorCode;

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> items;
  for (const auto part : std::views::split(list, ',')) {
    if (!part.empty()) items.emplace_back(part.begin(), part.end());
  }
  return items;
}

std::string value_now(const std::map<std::string, std::string>& settings, const log::SettingInfo& info) {
  const auto set = settings.find(std::string(info.name));
  return set == settings.end() ? std::string(info.default_value) : set->second;
}

ConfigOutcome apply(std::map<std::string, std::string>& settings, const ConfigChange& change) {
  const auto known = std::ranges::find(log::topic_settings(), change.name, &log::SettingInfo::name);
  if (known == log::topic_settings().end()) {
    return {ErrorCode::invalid_config, fmt::format("a topic has no setting {}", change.name)};
  }
  if (change.operation != ConfigOperation::remove && !change.value) {
    return {ErrorCode::invalid_request, fmt::format("{} has no value", change.name)};
  }
  switch (change.operation) {
    case ConfigOperation::set: settings[change.name] = *change.value; return {};
    case ConfigOperation::remove: settings.erase(change.name); return {};
    case ConfigOperation::append:
    case ConfigOperation::subtract: break;
    default:
      return {ErrorCode::invalid_request, fmt::format("operation {} is not known", static_cast<int>(change.operation))};
  }
  if (known->type != "list") {
    return {ErrorCode::invalid_config, fmt::format("{} is no list: it can be set, not added to", change.name)};
  }
  std::vector<std::string> items = split(value_now(settings, *known));
  for (const std::string& item : split(*change.value)) {
    const auto found = std::ranges::find(items, item);
    if (change.operation == ConfigOperation::append && found == items.end()) items.push_back(item);
    if (change.operation == ConfigOperation::subtract && found != items.end()) items.erase(found);
  }
  settings[change.name] = fmt::format("{}", fmt::join(items, ","));
  return {};
}

}  // namespace

ConfigOutcome change_config(Broker& broker, std::int8_t resource_type, const std::string& resource_name,
                            const std::vector<ConfigChange>& changes, ConfigBase base, bool validate_only) {
  if (static_cast<ConfigResource>(resource_type) != ConfigResource::topic) {
    return {ErrorCode::invalid_request, "only topics' settings change while weir runs; the broker's are in weir.yaml"};
  }
  log::Topic* topic = broker.log().find(resource_name);
  if (topic == nullptr) {
    return {ErrorCode::unknown_topic_or_partition, fmt::format("there is no topic {}", resource_name)};
  }
  if (is_internal(resource_name)) {
    return {ErrorCode::invalid_topic_exception, "weir's internal topics keep their settings"};
  }
  std::map<std::string, std::string> settings;
  if (base == ConfigBase::current) settings = topic->settings;
  std::set<std::string> named;
  for (const ConfigChange& change : changes) {
    if (!named.insert(change.name).second) {
      return {ErrorCode::invalid_request, fmt::format("{} is changed more than once", change.name)};
    }
    if (ConfigOutcome outcome = apply(settings, change); outcome.code != ErrorCode::none) return outcome;
  }
  if (const auto parsed = log::parse_topic_config(settings); !parsed) {
    return {ErrorCode::invalid_config, parsed.error().message};
  }
  if (validate_only) return {};
  if (const Status set = broker.log().set_settings(*topic, settings); !set) {
    return {ErrorCode::kafka_storage_error, set.error().message};
  }
  return {};
}

}  // namespace weir::broker
