#pragma once

// The fields by which an event's shape, source and time are told. A reader notes for each event which of them it has
// and in which cell.

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weir::formats::json {

enum class Mark : std::uint8_t {
  none,
  // Windows.
  channel,
  event_id,
  provider_name,
  provider_guid,
  computer,
  event_record_id,
  execution_process_id,
  execution_thread_id,
  security_user_id,
  source_name,         // NXLog
  hostname,            // NXLog
  provider_guid_flat,  // NXLog
  record_number,       // NXLog
  execution_process_id_flat,
  thread_id,
  user_id_flat,
  log_name,  // Get-WinEvent | ConvertTo-Json
  machine_name,
  id,
  provider_name_flat,
  event_source_name,  // Azure's table SecurityEvent
  event_log,          // Azure's table Event
  source,
  event_data,       // As text: XML or JSON.
  event_data_name,  // "@Name" beside the value it names.
  event_data_text,
  event_code,  // The Elastic Common Schema's.
  ecs,         // Any other of its names that ecs_names.h knows.
  // Events that hold another one as text.
  cloudtrail_event,
  audit_data,
  // Clouds and services.
  aws_region,
  event_version,
  user_identity,
  event_source,
  event_name,
  status,
  table_type,  // Azure's column "Type".
  category,
  category_capital,
  operation_name,
  resource_id,
  subscription_id,
  correlation_id,
  activity_display_name,
  logged_by_service,
  conditional_access,
  user_principal_name,
  risk_event_type,
  workload,
  operation,
  record_type,
  proto_payload,
  log_name_gcp,
  gcp_service,
  event_type,
  actor,
  published,
  display_message,
  action,
  github_org,
  github_document,
  audit_id,
  verb,
  object_ref,
  event_type_id,
  account_id,
  audit_type_action,
  audit_type_category,
  duo_factor,
  opencanary_logtype,
  opencanary_node,
  // Zeek, Suricata.
  zeek_path,
  zeek_stream,
  ts,
  uid,
  orig_h,
  zeek_field,  // One that names its log by itself: see logsource.cc.
  flow_id,
  src_ip,
  // journald.
  journal_cursor,
  journal_identifier,
  count,
};

inline constexpr std::size_t kMarkCount = static_cast<std::size_t>(Mark::count);

// Mark::none for any other name.
Mark mark_of_field(std::string_view name);

// Which marks one event has. A mark whose value is an object has no cell.
class Marks {
 public:
  static constexpr std::uint32_t kNoCell = 0xFFFF'FFFF;

  void clear() { present_.reset(); }
  // The first of its kind counts.
  void note(Mark mark, std::uint32_t cell) {
    const auto i = static_cast<std::size_t>(mark);
    if (present_[i] && cells_[i] != kNoCell) return;
    present_[i] = true;
    cells_[i] = cell;
  }
  bool has(Mark mark) const { return present_[static_cast<std::size_t>(mark)]; }
  // Index of the cell within the row; kNoCell if there is none.
  std::uint32_t cell(Mark mark) const { return has(mark) ? cells_[static_cast<std::size_t>(mark)] : kNoCell; }

 private:
  std::bitset<128> present_;
  std::array<std::uint32_t, 128> cells_;
};
static_assert(kMarkCount <= 128);

}  // namespace weir::formats::json
