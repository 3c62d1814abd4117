#include "event/field.h"

#include <algorithm>

namespace weir::event {

FieldTable::FieldTable() {
  fields_.push_back({kUnread, ""});
}

FieldId FieldTable::intern(std::string_view name) {
  if (const auto it = ids_.find(name); it != ids_.end()) return it->second;
  const FieldId id{static_cast<std::uint32_t>(fields_.size())};
  fields_.push_back({id, std::string(name)});
  ids_.emplace(name, id);
  return id;
}

const Field* FieldTable::find(std::string_view name) const {
  const auto it = ids_.find(name);
  return it == ids_.end() ? nullptr : &fields_[it->second.value];
}

const Field* FieldNames::resolve(std::string_view name) {
  if (const auto it = known_.find(name); it != known_.end()) return it->second;
  std::string spelling(name);
  std::erase(spelling, ' ');
  const Field* field = table_.find(spelling);
  if (field == nullptr) {
    if (unread_.size() > kNamesMax) return &unread_.back();
    if (unread_.size() == kNamesMax) spelling = "(more field names than weir keeps)";
    unread_.push_back({kUnread, std::move(spelling)});
    field = &unread_.back();
  }
  if (known_.size() <= kNamesMax) known_.emplace(name, field);
  return field;
}

}  // namespace weir::event
