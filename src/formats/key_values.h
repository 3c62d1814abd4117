#pragma once

// The ways in which logs write `key=value`: logfmt, and the extensions of CEF and LEEF. Pure, except that unescaped
// values go into the batch's arena.

#include <string_view>

#include "event/batch.h"

namespace weir::formats {

struct KeyValue {
  std::string_view key;
  std::string_view value;
  bool quoted = false;
};

// logfmt: pairs between blanks, the value perhaps in double quotes with \" inside (escapes stay as they are).
class LogfmtPairs {
 public:
  explicit LogfmtPairs(std::string_view text) : rest_(text) {}

  // False at the end. A word without "=" is passed over and counted.
  bool next(KeyValue& pair);
  std::size_t bare_words() const { return bare_words_; }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
  std::size_t bare_words_ = 0;
};

// CEF's extension: a value reaches to the blank before the next `key=`, so it may hold blanks; `\=` is no separator.
class CefPairs {
 public:
  explicit CefPairs(std::string_view text);

  bool next(KeyValue& pair);
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

// Resolves \= \| \\ \n \r (CEF, "Character Encoding"); any other backslash stays, since Windows paths come unescaped.
std::string_view unescape_cef(std::string_view text, event::Batch& batch);

}  // namespace weir::formats
