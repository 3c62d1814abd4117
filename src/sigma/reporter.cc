#include "sigma/reporter.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "base/utf8.h"

namespace weir::sigma {

namespace {

// More diagnostics than this in one file help nobody.
constexpr std::size_t kDiagnosticsMax = 1000;

std::uint32_t count_code_points(std::string_view text) {
  return static_cast<std::uint32_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

Place Reporter::value(const yaml::Node& node) {
  if (!node.is_scalar() || node.text().empty()) return {node.mark(), 1};
  // A plain scalar without blanks stands on one line as it is: no need to look for it in the file's text.
  if (!node.quoted() && node.text().find_first_of(" \t\r\n") == std::string::npos) {
    return {node.mark(), count_code_points(node.text())};
  }
  return part(node, 0, node.text().size());
}

Place Reporter::part(const yaml::Node& node, std::size_t offset, std::size_t size) {
  return inside(node.mark(), node.text(), offset, size);
}

Place Reporter::key(const yaml::Node::Entry& entry) {
  return key_part(entry, 0, entry.key.size());
}

Place Reporter::key_part(const yaml::Node::Entry& entry, std::size_t offset, std::size_t size) {
  return inside(entry.key_mark, entry.key, offset, size);
}

void Reporter::error(std::string_view code, const Place& place, std::string message, std::string hint) {
  ++errors_;
  add(Severity::error, code, place, std::move(message), std::move(hint));
}

void Reporter::warning(std::string_view code, const Place& place, std::string message, std::string hint) {
  add(Severity::warning, code, place, std::move(message), std::move(hint));
}

const SourceText& Reporter::lines() {
  if (!lines_) lines_.emplace(source_);
  return *lines_;
}

Place Reporter::inside(yaml::Mark begin, std::string_view decoded, std::size_t offset, std::size_t size) {
  const yaml::Mark mark = lines().inside(begin, decoded, offset);
  // The caret line stays within the line of the text it underlines.
  const std::string_view named = decoded.substr(std::min(offset, decoded.size()), size);
  const std::uint32_t wanted = std::max(1u, count_code_points(named.substr(0, named.find('\n'))));
  const std::uint32_t line_length = count_code_points(lines().line(mark.line));
  const std::uint32_t room = line_length >= mark.column ? line_length - mark.column + 1 : 1;
  return {mark, std::min(wanted, room)};
}

void Reporter::add(Severity severity, std::string_view code, const Place& place, std::string message,
                   std::string hint) {
  if (diagnostics_.size() >= kDiagnosticsMax) return;
  diagnostics_.push_back(
      {severity, std::string(code), std::string(path_), place.mark, place.length, std::move(message), std::move(hint)});
}

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates) {
  // One letter is near to every other.
  if (word.size() < 2) return {};
  const std::string lowered = lower(word);
  for (const std::string_view candidate : candidates) {
    if (lower(candidate) == lowered) return fmt::format("did you mean '{}'?", candidate);
  }
  const std::string_view near = nearest(word, candidates);
  return near.empty() ? std::string() : fmt::format("did you mean '{}'?", near);
}

std::string shortened(std::string_view text) {
  constexpr std::size_t kSizeMax = 80;
  const std::string_view first_line = text.substr(0, text.find('\n'));
  if (first_line.size() <= kSizeMax) return repaired_utf8(first_line) + (first_line.size() < text.size() ? "…" : "");
  std::size_t end = kSizeMax;
  while (end > 0 && (static_cast<unsigned char>(first_line[end]) & 0xC0) == 0x80) --end;
  return repaired_utf8(first_line.substr(0, end)) + "…";
}

}  // namespace weir::sigma
