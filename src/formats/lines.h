#pragma once

// What all line-based text formats share: walking the lines of a chunk as valid UTF-8, looking at the first lines of a
// sample, and taking tokens off a line. No state; everything here works on borrowed bytes.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "base/utf8.h"
#include "event/batch.h"
#include "formats/format.h"

namespace weir::formats {

// Cells that one record may have; what lies beyond goes into one last cell as it stands.
inline constexpr std::size_t kCellsPerRowMax = 1024;
// Columns that a header may name, and the length of a name.
inline constexpr std::size_t kColumnsMax = 1024;
inline constexpr std::size_t kNameBytesMax = 256;
// A reject shows this much of its record.
inline constexpr std::size_t kRejectShownMax = 1024;
// The field for what a record has beyond its columns.
inline constexpr std::string_view kExtraField = "extra";

bool is_valid_text(std::string_view bytes);

// The record as valid UTF-8: itself, or a repaired copy in the batch's arena, which is counted.
std::string_view valid_text(std::string_view record, event::Batch& batch);

std::string_view without_byte_order_mark(std::string_view text);

// Whether the record is short enough to be read; rejects it otherwise.
bool accept_size(std::string_view record, std::uint64_t number, event::Batch& batch);

inline void reject(event::Batch& batch, std::uint64_t number, std::string_view reason, std::string_view record) {
  batch.reject(number, reason, record.substr(0, kRejectShownMax));
}

// Calls `handle(line, number)` for each line of the chunk that is not empty, as valid UTF-8, and sets the batch's
// record count to the number of all lines.
template <typename Handle>
void for_each_text_line(const Chunk& chunk, event::Batch& batch, Handle&& handle) {
  const bool clean = is_valid_text(chunk.bytes);
  const std::uint64_t count = for_each_line(chunk.bytes, [&](std::string_view line, std::uint64_t number) {
    if (line.empty() || !accept_size(line, number, batch)) return;
    if (line.front() == '\xEF') {
      line = without_byte_order_mark(line);
      if (line.empty()) return;
    }
    handle(clean ? line : valid_text(line, batch), number);
  });
  batch.set_record_count(count);
}

// A name as a header gives it: valid UTF-8, at most kNameBytesMax bytes.
std::string valid_name(std::string_view text);

// Calls `handle(line)` for each line of `bytes` that begins with "#", as for_each_text_line would give it: what a
// splitter sees of a header must be what a parser sees.
template <typename Handle>
void for_each_directive(std::string_view bytes, Handle&& handle) {
  for (std::size_t at = bytes.find('#'); at != std::string_view::npos; at = bytes.find('#', at + 1)) {
    const std::size_t start = at >= 3 && bytes.substr(at - 3, 3) == "\xEF\xBB\xBF" ? at - 3 : at;
    if (start > 0 && bytes[start - 1] != '\n') continue;
    const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
    std::string_view line = bytes.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (at - start + line.size() <= kRecordBytesMax)
      handle(is_valid_text(line) ? std::string(line) : repaired_utf8(line));
    at = end - 1;  // Not before the next line.
  }
}

// The first `count_max` lines of a sample that are not empty; a last line without its newline counts only when it is
// the only one, since the sample may end in its middle.
std::vector<std::string_view> sample_lines(std::string_view sample, std::size_t count_max = 50);

// How many of `lines` satisfy `fits`, in percent.
template <typename Fits>
int percent_of(const std::vector<std::string_view>& lines, Fits&& fits) {
  if (lines.empty()) return 0;
  return static_cast<int>(std::ranges::count_if(lines, fits) * 100 / static_cast<std::ptrdiff_t>(lines.size()));
}

// "likely" from half of the lines on, "certain" from `certain_from` percent on.
Detected detected_by_share(int percent, int certain_from, std::string_view what);

// Everything before the next `separator` (all, if there is none), taken off `text` together with the separator.
inline std::string_view take_until(std::string_view& text, char separator) {
  const void* at = text.empty() ? nullptr : std::memchr(text.data(), separator, text.size());
  const std::size_t size =
      at == nullptr ? text.size() : static_cast<std::size_t>(static_cast<const char*>(at) - text.data());
  const std::string_view token = text.substr(0, size);
  text.remove_prefix(at == nullptr ? size : size + 1);
  return token;
}

inline void skip_blanks(std::string_view& text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
}

// The next token between runs of blanks; empty at the end.
inline std::string_view take_token(std::string_view& text) {
  skip_blanks(text);
  return take_until(text, ' ');
}

bool all_digits(std::string_view text);
// IPv4 in dotted form, or a shape that only IPv6 has.
bool looks_like_address(std::string_view text);

// number for a short run of digits, perhaps with sign and fraction; string for all else.
event::ValueKind kind_of(std::string_view text);

// Adds what is not absent: most formats write "-" for "no value".
inline void add_present(event::Batch& batch, const event::Field* field, std::string_view text,
                        event::ValueKind kind = event::ValueKind::string) {
  if (text.empty() || text == "-") return;
  batch.add(field, kind, text);
}

// Adds a further name or a part of a value that stands in another cell already, if some rule reads it.
inline void add_if_read(event::Batch& batch, const event::Field* field, std::string_view text,
                        event::ValueKind kind = event::ValueKind::string) {
  if (field->id != event::kUnread) batch.add(field, kind, text);
}

// Finishes the row that is being filled. It is verbatim if all its cells borrow from `line`.
void finish_row(event::Batch& batch, std::uint64_t number, const event::Logsource* logsource, std::string_view line);

// The text of the row's first cell of this field, nothing if there is none.
std::optional<std::string_view> find_text(event::Batch& batch, const event::Row& row, const event::Field* field);

}  // namespace weir::formats
