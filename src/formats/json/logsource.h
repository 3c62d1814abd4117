#pragma once

// Which log a JSON event comes from, told from the fields it has (never from the file, which may mix logs): an ordered
// table of shapes, the first that fits counts. docs/formats.md lists them. The logsources live as long as this
// table. One thread at a time.

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

#include "event/batch.h"
#include "event/logsource.h"
#include "formats/json/mark.h"

namespace weir::formats::json {

// An event as the table sees it: its marks, and the cells of the batch's open row that they point to.
class MarkedEvent {
 public:
  MarkedEvent(const Marks& marks, event::Batch& batch) : marks_(marks), batch_(batch) {}

  bool has(Mark mark) const { return marks_.has(mark); }
  // Empty if the event lacks it or it is an object.
  std::string_view text(Mark mark) const {
    const std::uint32_t cell = marks_.cell(mark);
    return cell == Marks::kNoCell ? std::string_view() : batch_.text(batch_.open_cells()[cell]);
  }
  const event::Cell* cell(Mark mark) const {
    const std::uint32_t cell = marks_.cell(mark);
    return cell == Marks::kNoCell ? nullptr : &batch_.open_cells()[cell];
  }

 private:
  const Marks& marks_;
  event::Batch& batch_;
};

class LogsourceTable {
 public:
  struct Found {
    const event::Logsource* logsource = nullptr;  // Null: unknown.
    bool windows = false;                         // Has the shape of a Windows event.
  };

  Found find(const MarkedEvent& event);

 private:
  const event::Logsource* named(std::string_view product, std::string_view service,
                                std::string_view second_service = {}, std::string_view category = {});
  const event::Logsource* windows(const MarkedEvent& event);
  const event::Logsource* google_cloud(std::string_view service);
  const event::Logsource* microsoft_365(std::string_view workload);
  const event::Logsource* azure_operation(const MarkedEvent& event);
  const event::Logsource* journal(std::string_view identifier);  // By who speaks: journald's SYSLOG_IDENTIFIER.

  // Services come from the data (Zeek's _path), so their number is bounded.
  static constexpr std::size_t kNamedMax = 512;
  std::unordered_map<std::string, event::Logsource> named_;
  std::string key_;  // Kept so that asking takes no memory.
  // The last channel, since channels come in long runs.
  std::string last_channel_;
  const event::Logsource* last_windows_ = nullptr;
};

}  // namespace weir::formats::json
