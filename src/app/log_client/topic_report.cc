#include "app/log_client/topic_report.h"

#include <algorithm>

#include <fmt/ranges.h>

#include "app/log_client/rows.h"
#include "base/json_text.h"
#include "base/text.h"

namespace weir::app {

namespace {

Cell cell_of(const std::optional<std::int64_t>& number) {
  return number ? Cell(*number) : Cell();
}

std::optional<std::int64_t> records_of(const PartitionReport& partition) {
  if (!partition.start || !partition.end) return std::nullopt;
  return *partition.end - *partition.start;
}

std::optional<std::int64_t> sum_of(const TopicReport& report,
                                   std::optional<std::int64_t> (*number)(const PartitionReport&)) {
  std::int64_t sum = 0;
  for (const PartitionReport& partition : report.partitions) {
    const auto one = number(partition);
    if (!one) return std::nullopt;
    sum += *one;
  }
  return sum;
}

std::optional<std::int64_t> bytes_of(const PartitionReport& partition) {
  return partition.bytes;
}

Rows partition_rows(const std::vector<TopicReport>& reports, bool names_topic) {
  Rows rows({{"topic", true, names_topic},
             {"partition"},
             {"leader"},
             {"replicas"},
             {"in_sync"},
             {"start"},
             {"end"},
             {"records"},
             {"bytes"}});
  for (const TopicReport& report : reports) {
    for (const PartitionReport& partition : report.partitions) {
      const auto& info = partition.info;
      rows.add({report.name, static_cast<std::int64_t>(info.index),
                info.leader < 0 ? Cell() : Cell(static_cast<std::int64_t>(info.leader)),
                fmt::format("{}", fmt::join(info.replicas, " ")), fmt::format("{}", fmt::join(info.in_sync, " ")),
                cell_of(partition.start), cell_of(partition.end), cell_of(records_of(partition)),
                cell_of(partition.bytes)});
    }
  }
  return rows;
}

std::vector<const kafka::Setting*> shown_settings(const TopicReport& report, bool all) {
  std::vector<const kafka::Setting*> shown;
  for (const kafka::Setting& setting : report.settings) {
    if (all || !setting.is_default) shown.push_back(&setting);
  }
  return shown;
}

std::string value_text(const kafka::Setting& setting) {
  if (setting.is_secret) return "(secret)";
  return setting.value.value_or("");
}

void append_table(std::string& out, const TopicReport& report, const Terminal& terminal, bool all_settings) {
  const auto records = sum_of(report, records_of);
  const auto bytes = sum_of(report, bytes_of);
  out += fmt::format("{}  {}", terminal.paint(Colour::bold, visible(report.name)),
                     counted(report.partitions.size(), "partition"));
  if (records) out += fmt::format(", {}", counted(static_cast<std::uint64_t>(*records), "offset"));
  if (bytes) out += fmt::format(", {}", human_bytes(static_cast<double>(*bytes)));
  out += "\n";
  for (const kafka::Setting* setting : shown_settings(report, all_settings)) {
    out += fmt::format("  {} = {}{}\n", visible(setting->name), visible(value_text(*setting)),
                       setting->is_default ? " (default)" : "");
  }
  out += partition_rows({report}, false).text(OutputFormat::table, terminal);
}

void write_number(JsonWriter& json, std::string_view name, const std::optional<std::int64_t>& number) {
  json.key(name);
  if (number) {
    json.number(*number);
  } else {
    json.null();
  }
}

void write_ids(JsonWriter& json, std::string_view name, const std::vector<std::int32_t>& ids) {
  json.key(name).begin_array();
  for (const std::int32_t id : ids) json.number(static_cast<std::int64_t>(id));
  json.end_array();
}

void append_json(std::string& out, const TopicReport& report, bool all_settings) {
  JsonWriter json(out);
  json.begin_object().key("topic").string(report.name).key("internal").boolean(report.is_internal);
  write_number(json, "records", sum_of(report, records_of));
  write_number(json, "bytes", sum_of(report, bytes_of));
  json.key("settings").begin_object();
  for (const kafka::Setting* setting : shown_settings(report, all_settings)) {
    json.key(setting->name);
    if (setting->value) {
      json.string(*setting->value);
    } else {
      json.null();
    }
  }
  json.end_object().key("partitions").begin_array();
  for (const PartitionReport& partition : report.partitions) {
    json.begin_object().key("partition").number(static_cast<std::int64_t>(partition.info.index));
    write_number(json, "leader",
                 partition.info.leader < 0 ? std::nullopt : std::optional<std::int64_t>(partition.info.leader));
    write_ids(json, "replicas", partition.info.replicas);
    write_ids(json, "in_sync", partition.info.in_sync);
    write_number(json, "start", partition.start);
    write_number(json, "end", partition.end);
    write_number(json, "records", records_of(partition));
    write_number(json, "bytes", partition.bytes);
    json.end_object();
  }
  json.end_array().end_object();
  out += '\n';
}

}  // namespace

Result<std::vector<TopicReport>> report_topics(kafka::AdminClient& client, const std::vector<std::string>& names) {
  auto topics = names.empty() ? client.topics() : client.topics(names);
  if (!topics) return std::unexpected(topics.error());
  if (names.empty()) std::erase_if(*topics, [](const kafka::TopicInfo& topic) { return topic.is_internal; });
  // What has no leader has no offsets at present; the rest is shown all the same.
  std::map<kafka::TopicPartition, std::int64_t> starts;
  std::map<kafka::TopicPartition, std::int64_t> ends;
  for (const kafka::TopicInfo& topic : *topics) {
    for (const kafka::PartitionInfo& partition : topic.partitions) {
      if (partition.leader < 0) continue;
      starts[{topic.name, partition.index}] = kafka::kTimeEarliest;
      ends[{topic.name, partition.index}] = kafka::kTimeLatest;
    }
  }
  TRY(const auto start_offsets, client.offsets(starts));
  TRY(const auto end_offsets, client.offsets(ends));
  TRY(const auto sizes, client.sizes(*topics));
  std::vector<TopicReport> reports;
  for (const kafka::TopicInfo& topic : *topics) {
    TopicReport report{topic.name, topic.is_internal, {}, {}};
    TRY(report.settings, client.settings_of(topic.name));
    for (const kafka::PartitionInfo& partition : topic.partitions) {
      const kafka::TopicPartition where{topic.name, partition.index};
      PartitionReport& told = report.partitions.emplace_back();
      told.info = partition;
      if (start_offsets.contains(where)) told.start = start_offsets.at(where).offset;
      if (end_offsets.contains(where)) told.end = end_offsets.at(where).offset;
      if (sizes.contains(where)) told.bytes = sizes.at(where);
    }
    reports.push_back(std::move(report));
  }
  return reports;
}

std::string topic_reports_text(const std::vector<TopicReport>& reports, OutputFormat format, const Terminal& terminal,
                               bool all_settings) {
  if (format == OutputFormat::csv) return partition_rows(reports, true).text(format, terminal);
  std::string out;
  for (const TopicReport& report : reports) {
    if (format == OutputFormat::json) {
      append_json(out, report, all_settings);
    } else {
      if (!out.empty()) out += '\n';
      append_table(out, report, terminal, all_settings);
    }
  }
  return out;
}

}  // namespace weir::app
