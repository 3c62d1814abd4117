#include "formats/json/event_reader.h"

#include <algorithm>
#include <cstring>

#include <simdjson.h>

#include "base/check.h"
#include "base/json_text.h"
#include "base/text.h"
#include "base/utf8.h"
#include "formats/json/event_data_text.h"
#include "formats/json/splitter.h"
#include "formats/json/wrapper.h"

namespace weir::formats::json {
namespace {

using event::ValueKind;

constexpr std::string_view kOpenString = "JSON: unclosed string";
constexpr std::string_view kOpenBracket = "JSON: unclosed object or array";
constexpr std::string_view kNoKey = "JSON: a key was expected";
constexpr std::string_view kNoColon = "JSON: a colon was expected";
constexpr std::string_view kNoValue = "JSON: a value was expected";
constexpr std::string_view kNoComma = "JSON: a comma or closing bracket was expected";
constexpr std::string_view kTooDeep = "JSON: nested deeper than 64";
constexpr std::string_view kTooMany = "JSON: more than 65,536 values in one event";
constexpr std::string_view kNul = "JSON: NUL byte";

// NXLog's, PowerShell's and Azure's names for what Windows calls otherwise. They feed the second name where the event
// has none of its own and a rule reads it.
struct WindowsName {
  Mark from;
  Mark to;
  std::string_view name;
  Mark only_with = Mark::none;  // The name promises this only in an event that has that mark too.
};
constexpr auto kWindowsNames = std::to_array<WindowsName>({
    {Mark::source_name, Mark::provider_name, "Provider_Name"},
    {Mark::event_source_name, Mark::provider_name, "Provider_Name"},
    {Mark::hostname, Mark::computer, "Computer"},
    {Mark::machine_name, Mark::computer, "Computer"},
    {Mark::provider_guid_flat, Mark::provider_guid, "Provider_Guid"},
    {Mark::record_number, Mark::event_record_id, "EventRecordID"},
    {Mark::execution_process_id_flat, Mark::execution_process_id, "Execution_ProcessID"},
    {Mark::thread_id, Mark::execution_thread_id, "Execution_ThreadID"},
    {Mark::user_id_flat, Mark::security_user_id, "Security_UserID"},
    {Mark::log_name, Mark::channel, "Channel"},
    {Mark::event_log, Mark::channel, "Channel"},
    {Mark::id, Mark::event_id, "EventID", Mark::log_name},
    {Mark::event_code, Mark::event_id, "EventID"},
    {Mark::provider_name_flat, Mark::provider_name, "Provider_Name", Mark::log_name},
    {Mark::source, Mark::provider_name, "Provider_Name", Mark::event_log},
});

bool is_json_blank(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}
bool ends_scalar(char c) {
  return is_json_blank(c) || c == ',' || c == '}' || c == ']';
}

// RFC 8259, section 6, with leading zeros let through.
bool is_number(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  const auto digits = [&text, &at] {
    const std::size_t begin = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return at > begin;
  };
  if (!digits()) return false;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (!digits()) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (!digits()) return false;
  }
  return at == text.size();
}

}  // namespace

EventReader::EventReader(const event::FieldTable& table, const Options& options)
    : paths_(table), ecs_names_(table), options_(options) {
  for (const WindowsName& name : kWindowsNames) {
    if (const event::Field* field = table.find(name.name))
      aliases_.push_back({name.from, name.to, name.only_with, field});
  }
}

bool EventReader::fail(std::string_view reason) {
  reason_ = reason;
  return false;
}

void EventReader::skip_blanks() {
  while (here_.at < here_.end && is_json_blank(*here_.at)) ++here_.at;
}

std::size_t EventReader::read(std::string_view text, Boundary boundary, std::uint64_t number, event::Batch& batch) {
  batch_ = &batch;
  structure_.outline(text, boundary, kRecordBytesMax);
  std::string_view record = text.substr(0, structure_.size());
  const std::size_t taken = structure_.size();
  if (!structure_.ended() && structure_.size() == kRecordBytesMax && text.size() > kRecordBytesMax) {
    batch.reject(number, kTooLong, record.substr(0, 1024));
    // A document's chunk holds nothing behind the start of such a value (splitter.h).
    const std::size_t newline = boundary == Boundary::line ? text.find('\n', kRecordBytesMax) : std::string_view::npos;
    return std::min(newline, text.size());
  }
  if (record.ends_with('\r')) record.remove_suffix(1);
  if (structure_.has_nul()) {
    batch.reject(number, kNul, record);
    return taken;
  }
  // Where a string breaks, the outline behind it is a guess: good to find the record's end, not to read it.
  if (boundary == Boundary::value && structure_.open_string()) {
    batch.reject(number, kOpenString, record);
    return taken;
  }
  std::string_view source = record;
  if (!structure_.ascii() && !simdjson::validate_utf8(record.data(), record.size())) {
    const std::string repaired = repaired_utf8(record);
    char* const bytes = batch.arena().allocate(repaired.size() + kPadding);
    std::memcpy(bytes, repaired.data(), repaired.size());
    std::memset(bytes + repaired.size(), 0, kPadding);
    source = {bytes, repaired.size()};
    structure_.outline(source, boundary, 3 * kRecordBytesMax);
    batch.count_repaired();
  }
  here_ = {&structure_, source.data(), source.data(), source.data() + source.size(), structure_.marks()};
  read_values(number);
  return taken;
}

// A line holds one object as a rule; several values, with or without commas between, are read all the same.
void EventReader::read_values(std::uint64_t number) {
  for (;;) {
    here_.at += separators_before({here_.at, here_.end}, Run::documents);
    if (here_.at == here_.end) return;
    const char* const begin = here_.at;
    reason_ = kNotAnObject;
    const bool good = at('{') ? read_event(number) : at('[') && read_elements(number);
    if (!good) {
      if (structure_.open_string()) reason_ = kOpenString;
      batch_->reject(number, reason_, {begin, here_.end});
      if (!skip_to_end_of(begin)) return;
    }
  }
}

// After a failure: goes behind the bracket that closes the value at `opening`, if there is one.
bool EventReader::skip_to_end_of(const char* opening) {
  if (here_.structure->open_string()) return false;
  std::int64_t depth = 0;
  bool in_string = false;
  for (const char* at = opening; at < here_.end; ++at) {
    if (*at == '\\') {
      ++at;  // As in the outline, it escapes outside strings too.
    } else if (*at == '"') {
      in_string = !in_string;
    } else if (in_string) {
      continue;
    } else if (*at == '{' || *at == '[') {
      ++depth;
    } else if ((*at == '}' || *at == ']') && --depth == 0) {
      here_.at = at + 1;
      const std::uint32_t* const marks = here_.structure->marks();
      here_.mark = std::lower_bound(marks, marks + here_.structure->mark_count(), offset());
      return true;
    }
    if (depth <= 0) return false;
  }
  return false;
}

// The elements of the array that begins here are events. False: this array itself is broken.
bool EventReader::read_elements(std::uint64_t number) {
  ++here_.at;
  skip_blanks();
  if (at(']')) {
    ++here_.at;
    return true;
  }
  for (;;) {
    skip_blanks();
    if (!at('{')) return fail(here_.at == here_.end ? kOpenBracket : kNotAnObject);
    const char* const begin = here_.at;
    if (!read_event(number)) {
      if (!skip_to_end_of(begin)) return false;
      batch_->reject(number, reason_, {begin, here_.at});
    }
    skip_blanks();
    if (at(']')) {
      ++here_.at;
      return true;
    }
    if (here_.at == here_.end) return fail(kOpenBracket);
    if (*here_.at != ',') return fail(kNoComma);
    ++here_.at;
  }
}

// Whether the first key of the object that begins here is one that a wrapper begins with.
bool EventReader::may_wrap() {
  if (here_.mark[0] == Structure::kNoMark || here_.mark[1] == Structure::kNoMark) return false;
  const char* const key = here_.text + here_.mark[0] + 1;
  const std::uint32_t size = here_.mark[1] - here_.mark[0] - 1;
  const Node* const first = paths_.root()->inside.last;  // What came first last time.
  if (first->key_size == size && same_bytes(first->key, key, size)) return first->wraps;
  return is_wrapper_key({key, size}) || is_companion_key({key, size});
}

// One object that stands alone or in an array: an event, or a wrapper of events.
bool EventReader::read_event(std::uint64_t number) {
  const char* const begin = here_.at;
  if (may_wrap()) {
    const WrappedArray wrapped = find_wrapped_array({begin, here_.end});
    if (wrapped.found == Wrapped::yes) {
      here_.at = begin + wrapped.bracket;
      while (*here_.mark < offset()) ++here_.mark;
      return read_elements(number) && (skip_to_end_of(begin) || fail(kOpenBracket));
    }
  }
  batch_->begin_row();
  marks_.clear();
  ecs_names_.begin_event();
  cells_ = 0;
  verbatim_ = true;
  if (!read_object(paths_.root(), 1)) {
    batch_->drop_row();
    return false;
  }
  finish_event(number, {begin, here_.at});
  return true;
}

bool EventReader::read_object(Node* node, unsigned depth) {
  if (depth > kDepthMax) return fail(kTooDeep);
  if (node->level == Level::data_list) {
    data_name_ = {};
    data_cell_ = Marks::kNoCell;
  }
  const char* const text = here_.text;
  const char* at = here_.at + 1;
  const std::uint32_t* mark = here_.mark;
  const auto stop = [&](std::string_view reason) {
    here_.at = at;
    return fail(at >= here_.end ? kOpenBracket : reason);
  };
  const auto skip = [&] {
    while (at < here_.end && is_json_blank(*at)) ++at;
  };
  Followers* expected = &node->inside;
  if (is_json_blank(*at)) skip();
  if (*at == '}' && at < here_.end) {
    here_.at = at + 1;
    return true;
  }
  for (;;) {
    if (is_json_blank(*at)) skip();
    if (*at != '"' || static_cast<std::uint32_t>(at - text) != mark[0]) return stop(kNoKey);
    if (mark[1] == Structure::kNoMark) return stop(kOpenString);
    const char* const key = at + 1;
    const std::uint32_t key_size = mark[1] - mark[0] - 1;
    at = text + mark[1] + 1;
    mark += 2;
    Node* child = expected->last;
    if (child->key_size != key_size || !same_bytes(child->key, key, key_size)) [[unlikely]] {
      child = paths_.follower(*expected, node, {key, key_size}, depth);
    }
    expected = &child->next;
    if (is_json_blank(*at)) skip();
    if (*at != ':' || at >= here_.end) return stop(kNoColon);
    ++at;
    if (is_json_blank(*at)) skip();
    if (*at == '"' && static_cast<std::uint32_t>(at - text) == mark[0] && mark[1] != Structure::kNoMark) {
      const std::uint32_t begin = mark[0] + 1;
      const std::uint32_t end = mark[1];
      add(child, ValueKind::string, {text + begin, end - begin}, here_.structure->has_backslash(begin, end));
      at = text + end + 1;
      mark += 2;
    } else {
      here_.at = at;
      here_.mark = mark;
      if (!read_value(child, depth + 1)) return false;
      at = here_.at;
      mark = here_.mark;
    }
    if (cells_ > kCellsPerEventMax) return stop(kTooMany);
    if (is_json_blank(*at)) skip();
    if (*at == ',') {
      ++at;
      continue;
    }
    if (*at != '}' || at >= here_.end) return stop(kNoComma);
    here_.at = at + 1;
    here_.mark = mark;
    if (node->level == Level::data_list) name_data();
    return true;
  }
}

// Anything but a string that is an object's value.
bool EventReader::read_value(Node* node, unsigned depth) {
  const char* const begin = here_.at;
  if (begin >= here_.end) return fail(kOpenBracket);
  if (*begin != '{' && *begin != '[') return read_scalar(node);
  if (node->mark != Mark::none) marks_.note(node->mark, Marks::kNoCell);
  const std::uint32_t cells_before = cells_;
  if (!(*begin == '{' ? read_object(node, depth) : read_array(node, depth))) return false;
  add_container(node, begin, cells_ == cells_before);
  return true;
}

bool EventReader::read_array(Node* node, unsigned depth) {
  if (depth > kDepthMax) return fail(kTooDeep);
  if (!at('[')) return fail(kNoValue);
  ++here_.at;
  skip_blanks();
  if (at(']')) {
    ++here_.at;
    return true;
  }
  for (;;) {
    skip_blanks();
    if (at_string()) {
      if (here_.mark[1] == Structure::kNoMark) return fail(kOpenString);
      const std::uint32_t begin = here_.mark[0] + 1;
      const std::uint32_t end = here_.mark[1];
      add(node, ValueKind::string, {here_.text + begin, end - begin}, here_.structure->has_backslash(begin, end));
      here_.at = here_.text + end + 1;
      here_.mark += 2;
    } else if (at('{')) {
      if (!read_object(node, depth + 1)) return false;
    } else if (at('[')) {
      if (!read_array(node, depth + 1)) return false;
    } else if (!read_scalar(node)) {
      return false;
    }
    if (cells_ > kCellsPerEventMax) return fail(kTooMany);
    skip_blanks();
    if (at(']')) {
      ++here_.at;
      return true;
    }
    if (here_.at == here_.end) return fail(kOpenBracket);
    if (*here_.at != ',') return fail(kNoComma);
    ++here_.at;
  }
}

bool EventReader::read_scalar(Node* node) {
  const char* const begin = here_.at;
  const char* end = begin;
  while (end < here_.end && is_digit(*end)) ++end;
  const bool plain_integer = end != begin && (end == here_.end || ends_scalar(*end));
  while (end < here_.end && !ends_scalar(*end)) ++end;
  const std::string_view text(begin, static_cast<std::size_t>(end - begin));
  here_.at = end;
  if (plain_integer || is_number(text)) {
    add(node, ValueKind::number, text, false);
  } else if (text == "true" || text == "false") {
    add(node, ValueKind::boolean, text, false);
  } else if (text == "null" || text == "NaN" || text == "Infinity" || text == "-Infinity") {
    add(node, ValueKind::null, {}, false);
  } else {
    return fail(text.starts_with('"') ? kOpenString : text.empty() && end == here_.end ? kOpenBracket : kNoValue);
  }
  return true;
}

// An object or array as a whole: its text, where a rule reads the name of its place; where it is empty nothing else
// would show that it is there.
void EventReader::add_container(const Node* node, const char* begin, bool empty) {
  const std::string_view text(begin, static_cast<std::size_t>(here_.at - begin));
  if (node->whole != nullptr) {
    batch_->add(node->whole, ValueKind::json, text);
  } else if (empty && node->mark != Mark::event_data_name) {
    batch_->add(node->field, ValueKind::json, text);
  } else {
    return;
  }
  ++cells_;
}

inline void EventReader::add(const Node* node, ValueKind kind, std::string_view text, bool escaped) {
  if (node->mark != Mark::none || node->second != nullptr) [[unlikely]]
    return add_marked(node, kind, text, escaped);
  batch_->add(node->field, kind, text, escaped);
  ++cells_;
}

void EventReader::add_marked(const Node* node, ValueKind kind, std::string_view text, bool escaped) {
  if (node->mark == Mark::event_data_name) {
    data_name_ = text;
    data_name_escaped_ = escaped;
    return;
  }
  if (node->mark == Mark::event_data_text) {
    data_cell_ = cells_;
  } else if (node->mark == Mark::ecs) {
    ecs_names_.note(node->ecs, cells_);
  } else if (node->mark != Mark::none) {
    marks_.note(node->mark, cells_);
  }
  batch_->add(node->field, kind, text, escaped);
  ++cells_;
  if (node->second != nullptr) {
    batch_->add(node->second, kind, text, escaped);
    ++cells_;
  }
}

// At the end of {"@Name": "Image", "#text": "C:\\…"}: the text belongs to the field of that name.
void EventReader::name_data() {
  if (data_name_.empty()) return;
  std::string_view name = data_name_;
  if (data_name_escaped_) {
    char* const bytes = batch_->arena().allocate(name.size());
    name = {bytes, unescape_json(name, bytes)};
  }
  const event::Field* const field = paths_.field(name);
  if (data_cell_ != Marks::kNoCell) {
    batch_->open_cells()[data_cell_].field = field;
  } else {
    batch_->add(field, ValueKind::null, {});
    ++cells_;
  }
  data_name_ = {};
}

void EventReader::finish_event(std::uint64_t number, std::string_view raw) {
  for (const Mark mark : {Mark::cloudtrail_event, Mark::audit_data, Mark::event_data}) {
    if (marks_.cell(mark) != Marks::kNoCell) [[unlikely]]
      read_embedded(mark);
  }
  const LogsourceTable::Found found = logsources_.find(MarkedEvent(marks_, *batch_));
  if (found.windows) add_windows_names(*found.logsource);
  batch_->finish_row(number, chosen_logsource(options_, found.logsource), raw, verbatim_);
}

void EventReader::add_windows_names(const event::Logsource& source) {
  if (ecs_names_.has_noted()) [[unlikely]] {
    const std::size_t before = batch_->open_cells().size();
    const MarkedEvent marked(marks_, *batch_);
    const std::string_view id = marked.text(marked.has(Mark::event_id) ? Mark::event_id : Mark::event_code);
    verbatim_ &= ecs_names_.add_cells(source, id, *batch_);
    cells_ += static_cast<std::uint32_t>(batch_->open_cells().size() - before);
  }
  for (const Alias& alias : aliases_) {
    const std::uint32_t from = marks_.cell(alias.from);
    if (from == Marks::kNoCell || marks_.has(alias.to)) continue;
    if (alias.only_with != Mark::none && !marks_.has(alias.only_with)) continue;
    event::Cell cell = batch_->open_cells()[from];
    batch_->add(alias.field, cell.kind, {cell.data, cell.size}, cell.escaped);
    marks_.note(alias.to, cells_++);
  }
}

// A value that holds an event, or a part of one, as text: CloudTrail's as its API lists them, an M365 audit export's,
// and EventData of Azure's tables. What is read before a fault
// in it counts; the value as text is there in any case.
void EventReader::read_embedded(Mark mark) {
  const std::uint32_t cell = marks_.cell(mark);
  const std::string_view text = batch_->text(batch_->open_cells()[cell]);
  if (!text.starts_with('<') && !text.starts_with('{')) return;
  verbatim_ = false;  // Escapes inside stand in the record with escapes of their own.
  if (mark == Mark::event_data && text.starts_with('<')) {
    cells_ += add_event_data(text, paths_, *batch_);
    return;
  }
  if (!text.starts_with('{') || text.size() > kRecordBytesMax) return;
  char* const bytes = batch_->arena().allocate(text.size() + kPadding);
  std::memcpy(bytes, text.data(), text.size());
  std::memset(bytes + text.size(), 0, kPadding);
  embedded_structure_.outline({bytes, text.size()}, Boundary::value, kRecordBytesMax);
  if (embedded_structure_.open_string()) return;
  const Position outer = here_;
  here_ = {&embedded_structure_, bytes, bytes, bytes + embedded_structure_.size(), embedded_structure_.marks()};
  Node* const node = mark == Mark::event_data ? paths_.event_data() : paths_.root();
  read_object(node, 1);
  here_ = outer;
}

}  // namespace weir::formats::json
