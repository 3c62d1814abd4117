#include "sigma/describe.h"

#include <span>

#include <fmt/format.h>

#include "base/utf8.h"
#include "sigma/scalar.h"

namespace weir::sigma {

namespace {

using Part = match::Pattern::Part;
using PartKind = match::Pattern::PartKind;

constexpr std::string_view kCased = ", letter case included";

std::string_view comparison_words(Comparison comparison) {
  switch (comparison) {
    case Comparison::lt: return "below";
    case Comparison::lte: return "at most";
    case Comparison::gt: return "above";
    case Comparison::gte: return "at least";
    case Comparison::eq: return "";
  }
  return "";
}

std::string_view time_part_name(TimePart part) {
  switch (part) {
    case TimePart::minute: return "minute";
    case TimePart::hour: return "hour";
    case TimePart::day: return "day";
    case TimePart::week: return "week";
    case TimePart::month: return "month";
    case TimePart::year: return "year";
  }
  return "";
}

bool is_run(const Part& part) {
  return part.kind == PartKind::any_run;
}

// The one literal between optional wildcards, if that is all there is.
std::string pattern_words(const match::Pattern& pattern) {
  std::span<const Part> parts = pattern.parts();
  if (parts.empty()) return "is empty";
  const bool front = is_run(parts.front());
  if (front) parts = parts.subspan(1);
  if (parts.empty()) return "has any value";
  const bool back = is_run(parts.back());
  if (back) parts = parts.first(parts.size() - 1);
  if (parts.size() != 1 || parts.front().kind != PartKind::literal) {
    return fmt::format("fits '{}'", repaired_utf8(pattern.to_sigma()));
  }
  const std::string_view verb = front && back ? "contains" : front ? "ends with" : back ? "starts with" : "is";
  return fmt::format("{} '{}'", verb, repaired_utf8(parts.front().text));
}

struct Words {
  std::string operator()(const PatternTest& test) const {
    return pattern_words(test.pattern) + std::string(test.cased ? kCased : "");
  }
  std::string operator()(const RegexTest& test) const {
    const match::RegexFlags flags = test.regex->flags();
    std::string names;
    if (flags.ignore_case) names += 'i';
    if (flags.multi_line) names += 'm';
    if (flags.dot_all) names += 's';
    if (!names.empty()) names = fmt::format(" ({})", names);
    return fmt::format("matches regex '{}'{}", repaired_utf8(test.regex->pattern()), names);
  }
  std::string operator()(const CidrTest& test) const { return fmt::format("is in {}", test.text); }
  std::string operator()(const NumberTest& test) const {
    const std::string_view words = comparison_words(test.comparison);
    return fmt::format("is {}{}{}", words, words.empty() ? "" : " ", test.number.text());
  }
  std::string operator()(const ExistsTest& test) const { return test.expected ? "exists" : "does not exist"; }
  std::string operator()(const NullTest&) const { return "is null"; }
  std::string operator()(const FieldRefTest& test) const {
    const std::string_view verb = test.starts && test.ends ? "contains"
                                  : test.starts            ? "starts with"
                                  : test.ends              ? "ends with"
                                                           : "equals";
    return fmt::format("{} field '{}'{}", verb, test.field, test.cased ? kCased : "");
  }
  std::string operator()(const TimeTest& test) const {
    const std::string_view words = comparison_words(test.comparison);
    return fmt::format("{} is {}{}{}", time_part_name(test.part), words, words.empty() ? "" : " ", test.number);
  }
  std::string operator()(const PlaceholderTest& test) const {
    const std::string_view verb = test.open_front && test.open_back ? "contains"
                                  : test.open_front                 ? "ends with"
                                  : test.open_back                  ? "starts with"
                                                                    : "is";
    return fmt::format("{} one of the values of '{}'", verb, test.text);
  }
};

}  // namespace

std::string describe(const ValueTest& test) {
  return std::visit(Words{}, test);
}

}  // namespace weir::sigma
