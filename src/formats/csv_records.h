#pragma once

// Where the records of separated values end, and their cells (RFC 4180, with any separator). A quoted cell may hold
// separators, doubled quotes and newlines. A quote that nothing closes within kQuotedBytesMax is a character like any
// other, so that one stray quote cannot swallow a file. All functions are pure.

#include <string_view>

#include "event/batch.h"

namespace weir::formats {

inline constexpr std::size_t kQuotedBytesMax = 1024 * 1024;

// The bytes of the record at the front of `data` with its newline; 0 if more bytes are needed to tell.
// at_end: nothing will follow `data`.
std::size_t csv_record_size(std::string_view data, char separator, bool at_end);

// Takes the next cell off `record` (without its newline) and the separator behind it; false at the record's end.
// Doubled quotes are resolved into the batch's arena.
class CsvCells {
 public:
  CsvCells(std::string_view record, char separator) : rest_(record), separator_(separator) {}

  bool next(event::Batch& batch, std::string_view& cell);
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
  char separator_;
  bool done_ = false;
};

}  // namespace weir::formats
