#include "formats/csv_records.h"

#include <algorithm>

namespace weir::formats {
namespace {

enum class Quoted { closed, open, undecided };

// Looks for the quote that closes the one at `data[0]`; `size` becomes the bytes up to and with it.
Quoted find_closing_quote(std::string_view data, bool at_end, std::size_t& size) {
  const std::string_view window = data.substr(0, kQuotedBytesMax);
  std::size_t at = 1;
  for (;;) {
    at = window.find('"', at);
    if (at == std::string_view::npos) {
      return window.size() < data.size() || at_end || window.size() == kQuotedBytesMax ? Quoted::open
                                                                                       : Quoted::undecided;
    }
    if (at + 1 == data.size() && !at_end) return Quoted::undecided;
    if (at + 1 == data.size() || data[at + 1] != '"') {
      size = at + 1;
      return Quoted::closed;
    }
    at += 2;
  }
}

}  // namespace

std::size_t csv_record_size(std::string_view data, char separator, bool at_end) {
  std::size_t at = 0;  // The start of a cell.
  for (;;) {
    if (at < data.size() && data[at] == '"') {
      std::size_t size = 0;
      const Quoted quoted = find_closing_quote(data.substr(at), at_end, size);
      if (quoted == Quoted::undecided) return 0;
      if (quoted == Quoted::closed)
        at += size;
      else
        ++at;
    }
    const std::size_t newline = data.find('\n', at);
    const std::size_t line_end = newline == std::string_view::npos ? data.size() : newline;
    // Only a quote behind a separator opens a quoted cell; a line without one ends here.
    std::size_t quote = data.substr(at, line_end - at).find('"');
    while (quote != std::string_view::npos && (at + quote == 0 || data[at + quote - 1] != separator)) {
      quote = data.substr(at, line_end - at).find('"', quote + 1);
    }
    if (quote == std::string_view::npos) {
      if (newline != std::string_view::npos) return newline + 1;
      return at_end ? data.size() : 0;
    }
    at += quote;
  }
}

bool CsvCells::next(event::Batch& batch, std::string_view& cell) {
  if (done_) return false;
  std::size_t quoted_size = 0;
  if (!rest_.starts_with('"') || find_closing_quote(rest_, true, quoted_size) != Quoted::closed) {
    const std::size_t end = std::min(rest_.find(separator_), rest_.size());
    cell = rest_.substr(0, end);
    done_ = end == rest_.size();
    rest_.remove_prefix(done_ ? end : end + 1);
    return true;
  }
  std::string_view inside = rest_.substr(1, quoted_size - 2);
  // What stands between the closing quote and the separator is kept as part of the cell.
  const std::size_t end = std::min(rest_.find(separator_, quoted_size), rest_.size());
  const std::string_view behind = rest_.substr(quoted_size, end - quoted_size);
  done_ = end == rest_.size();
  rest_.remove_prefix(done_ ? end : end + 1);
  cell = inside;
  if (behind.empty() && inside.find('"') == std::string_view::npos) return true;
  char* const start = batch.arena().allocate(inside.size() + behind.size());
  char* out = start;
  for (std::size_t i = 0; i < inside.size(); ++i) {
    *out++ = inside[i];
    if (inside[i] == '"') ++i;  // Inside, quotes come in pairs.
  }
  out = std::ranges::copy(behind, out).out;
  cell = {start, out};
  return true;
}

}  // namespace weir::formats
