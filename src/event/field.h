#pragma once

// Field names and their numbers. A FieldTable numbers the names that rules read; it is filled while rules are loaded
// and constant afterwards, so any thread may read it. FieldNames resolves the names one parser meets, also those that
// no rule reads, and belongs to that parser.

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/hash.h"
#include "base/id.h"

namespace weir::event {

using FieldId = Id<struct FieldTag, std::uint32_t>;

// The id of every field that no rule reads.
inline constexpr FieldId kUnread{0};

struct Field {
  FieldId id;
  std::string name;  // Sigma's spelling: dots join the parts of a nested name.
};

class FieldTable {
 public:
  FieldTable();

  FieldId intern(std::string_view name);
  // Null if no rule reads a field of this name.
  const Field* find(std::string_view name) const;
  const Field& operator[](FieldId id) const { return fields_[id.value]; }
  // Ids are 1 … size() − 1; id 0 is kUnread.
  std::size_t size() const { return fields_.size(); }

 private:
  std::deque<Field> fields_;  // Addresses stay.
  std::unordered_map<std::string, FieldId, SeededHash, std::equal_to<>> ids_;
};

class FieldNames {
 public:
  // Names beyond this many that no rule reads share one Field, so a hostile input cannot fill memory.
  static constexpr std::size_t kNamesMax = 65'536;

  explicit FieldNames(const FieldTable& table) : table_(table) {}

  // The field of this name, valid as long as this object. Blanks are dropped, since Sigma writes "Threat Name" as
  // ThreatName (Sigma rules specification, "Field Usage").
  const Field* resolve(std::string_view name);

 private:
  const FieldTable& table_;
  std::unordered_map<std::string, const Field*, SeededHash, std::equal_to<>> known_;
  std::deque<Field> unread_;
};

}  // namespace weir::event
