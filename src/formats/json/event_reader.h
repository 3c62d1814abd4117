#pragma once

// Turns the text of one JSON record into rows of a Batch: mostly one object into one row; a wrapper or an array into a
// row per event inside. Cells borrow from the text, strings keep their escapes. A record that is no valid JSON gives a
// reject with its reason, and its neighbours are unharmed.
//
// Read strictly by RFC 8259, except that control characters inside strings are accepted, as are NaN and Infinity (null)
// and leading zeros, since loggers write them. Depth, cells per record and names are bounded. One thread at a time; no
// memory is taken per record once the keys of a source are known.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "event/batch.h"
#include "event/field.h"
#include "formats/format.h"
#include "formats/json/ecs_names.h"
#include "formats/json/logsource.h"
#include "formats/json/mark.h"
#include "formats/json/path_tree.h"
#include "formats/json/structure.h"

namespace weir::formats::json {

inline constexpr std::string_view kNotAnObject = "JSON: not an object";
inline constexpr std::size_t kCellsPerEventMax = 65'536;

class EventReader {
 public:
  EventReader(const event::FieldTable& table, const Options& options);

  // Reads the record at the start of `text` (a line, or one value with Boundary::value) into `batch` and returns how
  // many bytes of `text` it took. 64 readable bytes follow `text`.
  std::size_t read(std::string_view text, Boundary boundary, std::uint64_t number, event::Batch& batch);

 private:
  // Where the reader stands in one text: saved and replaced while a text inside a value is read.
  struct Position {
    const Structure* structure = nullptr;
    const char* text = nullptr;
    const char* at = nullptr;
    const char* end = nullptr;
    const std::uint32_t* mark = nullptr;
  };

  void read_values(std::uint64_t number);
  bool read_elements(std::uint64_t number);
  bool may_wrap();
  bool read_event(std::uint64_t number);
  bool skip_to_end_of(const char* opening);
  bool read_object(Node* node, unsigned depth);
  bool read_array(Node* node, unsigned depth);
  bool read_value(Node* node, unsigned depth);
  bool read_scalar(Node* node);
  void add_container(const Node* node, const char* begin, bool empty);
  void finish_event(std::uint64_t number, std::string_view raw);
  void read_embedded(Mark mark);
  void name_data();
  void add_windows_names(const event::Logsource& source);

  void add(const Node* node, event::ValueKind kind, std::string_view text, bool escaped);
  void add_marked(const Node* node, event::ValueKind kind, std::string_view text, bool escaped);
  void skip_blanks();
  bool at(char c) const { return here_.at < here_.end && *here_.at == c; }
  bool at_string() const { return at('"') && offset() == *here_.mark; }
  std::uint32_t offset() const { return static_cast<std::uint32_t>(here_.at - here_.text); }
  bool fail(std::string_view reason);

  PathTree paths_;
  LogsourceTable logsources_;
  EcsNames ecs_names_;
  const Options options_;
  Structure structure_;
  Structure embedded_structure_;
  Marks marks_;
  event::Batch* batch_ = nullptr;
  Position here_;
  std::string_view reason_;
  std::uint32_t cells_ = 0;  // Of the event being read.
  bool verbatim_ = true;     // All of them borrow from its text.
  struct Alias {
    Mark from;
    Mark to;
    Mark only_with;
    const event::Field* field;
  };
  std::vector<Alias> aliases_;
  // What a {"@Name": …, "#text": …} has shown so far.
  std::string_view data_name_;
  bool data_name_escaped_ = false;
  std::uint32_t data_cell_ = Marks::kNoCell;
};

}  // namespace weir::formats::json
