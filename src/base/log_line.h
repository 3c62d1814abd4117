#pragma once

// What a running service says of itself, a line each on standard error: a fixed sentence and fields. As text
//   2026-01-02T03:04:05.678Z info connection closed address=127.0.0.1:50112 reason="the frame is too large"
// or as JSON. Any thread may write; lines never mix. Values from outside are quoted and escaped.

#include <initializer_list>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace weir {

enum class LogLevel { debug, info, warn, error };
enum class LogFormat { text, json };

// Before threads start; by default info and more, as text.
void set_log_output(LogLevel least, LogFormat format);

struct LogField {
  std::string_view name;
  std::string value;

  LogField(std::string_view n, std::string_view v) : name(n), value(v) {}
  LogField(std::string_view n, const std::string& v) : name(n), value(v) {}
  LogField(std::string_view n, const char* v) : name(n), value(v) {}
  template <typename Number>
  LogField(std::string_view n, Number v) : name(n), value(fmt::format("{}", v)) {}
};

bool is_logged(LogLevel level);
void log_line(LogLevel level, std::string_view sentence, std::initializer_list<LogField> fields = {});

inline void log_info(std::string_view sentence, std::initializer_list<LogField> fields = {}) {
  log_line(LogLevel::info, sentence, fields);
}
inline void log_warn(std::string_view sentence, std::initializer_list<LogField> fields = {}) {
  log_line(LogLevel::warn, sentence, fields);
}
inline void log_error(std::string_view sentence, std::initializer_list<LogField> fields = {}) {
  log_line(LogLevel::error, sentence, fields);
}

// The line without its time, for tests.
std::string format_log_line(LogFormat format, LogLevel level, std::string_view sentence,
                            std::initializer_list<LogField> fields);

}  // namespace weir
