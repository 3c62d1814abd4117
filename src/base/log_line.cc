#include "base/log_line.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>

#include <fmt/chrono.h>

#include "base/json_text.h"

namespace weir {

namespace {

std::atomic<LogLevel> least_level = LogLevel::info;
std::atomic<LogFormat> output_format = LogFormat::text;

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return "debug";
    case LogLevel::info: return "info";
    case LogLevel::warn: return "warn";
    case LogLevel::error: return "error";
  }
  return "error";
}

bool needs_quotes(std::string_view value) {
  return value.empty() || std::ranges::any_of(value, [](char c) {
           return static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '\\' || c == '=' ||
                  static_cast<unsigned char>(c) >= 0x7f;
         });
}

std::string time_now() {
  const auto now = std::chrono::system_clock::now();
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(now)),
                     milliseconds);
}

// Without the opening brace, which stands before the time.
std::string json_members(LogLevel level, std::string_view sentence, std::initializer_list<LogField> fields) {
  std::string line = fmt::format("\"level\":\"{}\",\"message\":", name_of(level));
  append_json_string(line, sentence);
  for (const LogField& field : fields) {
    line += ',';
    append_json_string(line, field.name);
    line += ':';
    append_json_string(line, field.value);
  }
  return line + "}";
}

}  // namespace

void set_log_output(LogLevel least, LogFormat format) {
  least_level = least;
  output_format = format;
}

bool is_logged(LogLevel level) {
  return level >= least_level;
}

std::string format_log_line(LogFormat format, LogLevel level, std::string_view sentence,
                            std::initializer_list<LogField> fields) {
  if (format == LogFormat::json) return "{" + json_members(level, sentence, fields);
  std::string line = fmt::format("{} {}", name_of(level), sentence);
  for (const LogField& field : fields) {
    line += fmt::format(" {}=", field.name);
    if (needs_quotes(field.value)) {
      append_json_string(line, field.value);
    } else {
      line += field.value;
    }
  }
  return line;
}

void log_line(LogLevel level, std::string_view sentence, std::initializer_list<LogField> fields) {
  if (!is_logged(level)) return;
  const LogFormat format = output_format;
  const std::string body = format_log_line(format, level, sentence, fields);
  const std::string line = format == LogFormat::json
                               ? fmt::format("{{\"time\":\"{}\",{}\n", time_now(), std::string_view(body).substr(1))
                               : fmt::format("{} {}\n", time_now(), body);
  // One call, so that lines of several threads do not mix.
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace weir
