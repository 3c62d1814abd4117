#pragma once

// Sigma's names for Windows events that a shipper has renamed to the Elastic Common Schema: Winlogbeat's modules for
// Sysmon, Security and PowerShell take Image out of winlog.event_data and write process.executable. What a name of the
// schema means depends on the event (file.path is what Sysmon's event 11 calls TargetFilename and its event 7
// ImageLoaded), so a reader notes the cells while it reads and has them named at the event's end. Values that were
// taken apart are put together again: Hashes, User, a registry value's Details.
//
// A name is given only where some rule reads it and the event has no field of that name itself. One EventReader owns
// one EcsNames.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "event/batch.h"
#include "event/field.h"

namespace weir::formats::json {

class EcsNames {
 public:
  // 0 for a name that is none of those.
  static std::uint8_t number_of(std::string_view name);

  explicit EcsNames(const event::FieldTable& table);

  void begin_event() { noted_.clear(); }
  // `number` is not 0; `cell` counts within the open row.
  void note(std::uint8_t number, std::uint32_t cell) { noted_.push_back({number, cell}); }
  bool has_noted() const { return !noted_.empty(); }

  // Adds Sigma's names to the open row. False: some value was put together and stands in no record as it is.
  bool add_cells(const event::Logsource& source, std::string_view event_id, event::Batch& batch);

 private:
  struct Noted {
    std::uint8_t number;
    std::uint32_t cell;
  };
  struct Parts;

  bool is_wanted(const event::Field* field) const { return field != nullptr && seen_[field->id.value] != event_; }
  void see(event::Batch& batch);
  void put_together(const Parts& parts, event::Batch& batch);
  void add_text(const event::Field* field, std::string_view text, event::Batch& batch);

  std::vector<Noted> noted_;
  std::vector<const event::Field*> targets_;  // Of each naming; null: no rule reads it.
  const event::Field* hashes_;
  const event::Field* user_;
  const event::Field* details_;
  const event::Field* initiated_;
  const event::Field* query_status_;
  std::vector<std::uint32_t> seen_;  // By field: the event that had it last.
  std::uint32_t event_ = 0;
  bool verbatim_ = true;
};

}  // namespace weir::formats::json
