#include "formats/lines.h"

#include <simdjson.h>

namespace weir::formats {

bool is_valid_text(std::string_view bytes) {
  return simdjson::validate_utf8(bytes.data(), bytes.size());
}

std::string_view valid_text(std::string_view record, event::Batch& batch) {
  if (is_valid_text(record)) return record;
  batch.count_repaired();
  return batch.arena().copy(repaired_utf8(record));
}

std::string_view without_byte_order_mark(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return text;
}

bool accept_size(std::string_view record, std::uint64_t number, event::Batch& batch) {
  if (record.size() <= kRecordBytesMax) return true;
  reject(batch, number, kTooLong, record);
  return false;
}

std::string valid_name(std::string_view text) {
  std::size_t size = std::min(text.size(), kNameBytesMax);
  const auto continues = [&](std::size_t at) { return (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80; };
  while (size > 0 && size < text.size() && continues(size)) --size;
  text = text.substr(0, size);
  return is_valid_text(text) ? std::string(text) : repaired_utf8(text);
}

std::vector<std::string_view> sample_lines(std::string_view sample, std::size_t count_max) {
  std::vector<std::string_view> lines;
  sample = without_byte_order_mark(sample);
  while (!sample.empty() && lines.size() < count_max) {
    const bool whole = sample.find('\n') != std::string_view::npos;
    std::string_view line = take_until(sample, '\n');
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (trim(line).empty() || (!whole && !lines.empty())) continue;
    lines.push_back(line);
  }
  return lines;
}

Detected detected_by_share(int percent, int certain_from, std::string_view what) {
  if (percent >= certain_from) return {Confidence::certain, std::string(what)};
  if (percent >= 50) return {Confidence::likely, std::string(what)};
  if (percent >= 10) return {Confidence::possible, std::string(what)};
  return {};
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

bool looks_like_address(std::string_view text) {
  std::size_t dots = 0;
  std::size_t colons = 0;
  for (const char c : text) {
    if (c == '.')
      ++dots;
    else if (c == ':')
      ++colons;
    else if (hex_value(c) < 0)
      return false;
  }
  if (colons > 0) return colons > 1;
  return dots == 3 && text.size() <= 15 && is_digit(text.front()) && is_digit(text.back());
}

event::ValueKind kind_of(std::string_view text) {
  constexpr std::size_t kNumberBytesMax = 20;
  std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (digits.empty() || digits.size() > kNumberBytesMax || !is_digit(digits.front()) || !is_digit(digits.back())) {
    return event::ValueKind::string;
  }
  bool dot = false;
  for (const char c : digits) {
    if (is_digit(c)) continue;
    if (c != '.' || dot) return event::ValueKind::string;
    dot = true;
  }
  return event::ValueKind::number;
}

void finish_row(event::Batch& batch, std::uint64_t number, const event::Logsource* logsource, std::string_view line) {
  // As numbers, since pointers into different texts have no order.
  const auto begin = reinterpret_cast<std::uintptr_t>(line.data());
  bool verbatim = true;
  for (const event::Cell& cell : batch.open_cells()) {
    const std::uintptr_t offset = reinterpret_cast<std::uintptr_t>(cell.data) - begin;
    verbatim &= cell.size == 0 || (offset < line.size() && cell.size <= line.size() - offset);
  }
  batch.finish_row(number, logsource, line, verbatim);
}

std::optional<std::string_view> find_text(event::Batch& batch, const event::Row& row, const event::Field* field) {
  for (event::Cell& cell : batch.cells(row)) {
    if (cell.field == field) return batch.text(cell);
  }
  return std::nullopt;
}

}  // namespace weir::formats
