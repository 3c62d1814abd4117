#include "sigma/evaluation.h"

#include <algorithm>
#include <chrono>

#include "base/text.h"
#include "event/time.h"
#include "match/fold.h"
#include "match/literal_set.h"

namespace weir::sigma {
namespace {

bool passes(std::strong_ordering order, Comparison comparison) {
  switch (comparison) {
    case Comparison::lt: return order < 0;
    case Comparison::lte: return order <= 0;
    case Comparison::gt: return order > 0;
    case Comparison::gte: return order >= 0;
    case Comparison::eq: return order == 0;
  }
  return false;
}

// ISO 8601 week of the year.
std::int64_t iso_week(std::chrono::sys_days day) {
  using std::chrono::days;
  const std::chrono::weekday weekday(day);
  // The week belongs to the year that its Thursday lies in.
  const std::chrono::sys_days thursday = day + days(4) - days(weekday.iso_encoding());
  const std::chrono::year year = std::chrono::year_month_day(thursday).year();
  const std::chrono::sys_days first = std::chrono::sys_days(year / 1 / 1);
  return (thursday - first).count() / 7 + 1;
}

bool refers_equal(const FieldRefTest& test, std::string_view value, std::string_view other) {
  std::string value_buffer;
  std::string other_buffer;
  if (!test.cased) {
    value = match::folded(value, value_buffer);
    other = match::folded(other, other_buffer);
  }
  if (test.starts && test.ends) return value.find(other) != std::string_view::npos;
  if (test.starts) return value.starts_with(other);
  if (test.ends) return value.ends_with(other);
  return value == other;
}

// The values that a reference names, as literals: arrays of any size are compared without trying each pair.
match::LiteralSet referred_values(const FieldRefTest& test, const EventView& event) {
  using match::Anchor;
  const Anchor anchor = test.starts && test.ends ? Anchor::contains
                        : test.starts            ? Anchor::starts
                        : test.ends              ? Anchor::ends
                                                 : Anchor::equals;
  match::LiteralSet values;
  std::string buffer;
  event.any_cell(test.field, [&](event::Cell& other) {
    const std::string_view text = event.text(other);
    if (other.kind != event::ValueKind::null) values.add(anchor, test.cased ? text : match::folded(text, buffer), 0);
    return false;
  });
  values.build();
  return values;
}

std::size_t count_cells(std::string_view field, const EventView& event) {
  std::size_t count = 0;
  event.any_cell(field, [&](event::Cell&) {
    ++count;
    return false;
  });
  return count;
}

// Of a field with many values.
event::Cell* find_reference(const FieldTest& leaf, const FieldRefTest& test, const EventView& event) {
  const match::LiteralSet values = referred_values(test, event);
  std::string buffer;
  std::vector<std::uint32_t> fitting;
  event::Cell* found = nullptr;
  event.any_cell(leaf.field, [&](event::Cell& cell) {
    if (cell.kind == event::ValueKind::null) return false;
    const std::string_view text = event.text(cell);
    values.scan(test.cased ? text : match::folded(text, buffer), fitting);
    if (!fitting.empty()) found = &cell;
    return found != nullptr;
  });
  return found;
}

bool field_ref_holds(const FieldRefTest& test, std::string_view value, const EventView& event) {
  return event.any_cell(test.field, [&](event::Cell& other) {
    return other.kind != event::ValueKind::null && refers_equal(test, value, event.text(other));
  });
}

bool cell_passes(const FieldTest& leaf, event::Cell& cell, const EventView& event) {
  if (cell.kind == event::ValueKind::null) return std::holds_alternative<NullTest>(leaf.test);
  if (const auto* ref = std::get_if<FieldRefTest>(&leaf.test)) return field_ref_holds(*ref, event.text(cell), event);
  return value_passes(leaf.test, event.text(cell));
}

}  // namespace

std::optional<std::int64_t> time_part(TimePart part, std::string_view text) {
  // No zone conversion (appendix "Modifiers", "Time Modifiers"): the zone, if any, is cut off before reading.
  const std::size_t clock = text.find(':');
  const bool has_clock = clock != std::string_view::npos;
  // A date alone has no minute and no hour.
  if (!has_clock && (part == TimePart::minute || part == TimePart::hour)) return std::nullopt;
  if (!event::parse_iso_time(text)) return std::nullopt;
  const auto time = event::parse_iso_time(has_clock ? trim(text.substr(0, text.find_first_of("Zz+-", clock))) : text);
  if (!time) return std::nullopt;
  const auto day = std::chrono::floor<std::chrono::days>(*time);
  const std::chrono::year_month_day date{day};
  const auto of_day = std::chrono::duration_cast<std::chrono::minutes>(*time - day).count();
  switch (part) {
    case TimePart::minute: return of_day % 60;
    case TimePart::hour: return of_day / 60;
    case TimePart::day: return static_cast<unsigned>(date.day());
    case TimePart::week: return iso_week(day);
    case TimePart::month: return static_cast<unsigned>(date.month());
    case TimePart::year: return static_cast<int>(date.year());
  }
  return std::nullopt;
}

bool value_passes(const ValueTest& test, std::string_view value) {
  if (const auto* pattern = std::get_if<PatternTest>(&test)) return pattern->pattern.fits(value, pattern->cased);
  if (const auto* regex = std::get_if<RegexTest>(&test)) return regex->regex->found_in(value);
  if (const auto* cidr = std::get_if<CidrTest>(&test)) return cidr->network.contains(value);
  if (const auto* number = std::get_if<NumberTest>(&test)) {
    const auto order = number->number.order_of(value);
    return order && passes(*order, number->comparison);
  }
  if (const auto* time = std::get_if<TimeTest>(&test)) {
    const auto part = time_part(time->part, value);
    return part && passes(*part <=> time->number, time->comparison);
  }
  return false;
}

bool holds(const FieldTest& leaf, const EventView& event, event::Cell** deciding) {
  constexpr std::size_t kFewReferred = 8;
  const auto* ref = std::get_if<FieldRefTest>(&leaf.test);
  if (ref != nullptr && !leaf.field.empty() && count_cells(ref->field, event) > kFewReferred) {
    event::Cell* const cell = find_reference(leaf, *ref, event);
    if (deciding != nullptr) *deciding = cell;
    return cell != nullptr;
  }
  event::Cell* found = nullptr;
  bool present = false;
  const auto look = [&](event::Cell& cell) {
    present = true;
    if (!cell_passes(leaf, cell, event)) return false;
    found = &cell;
    return true;
  };
  // Keywords look at values, not at whole objects, whose text would hold field names too.
  const auto search = [&](event::Cell& cell) { return cell.kind != event::ValueKind::json && look(cell); };
  const bool passed =
      leaf.field.empty() ? std::ranges::any_of(event.cells(), search) : event.any_cell(leaf.field, look);
  if (deciding != nullptr) *deciding = found;
  if (const auto* exists = std::get_if<ExistsTest>(&leaf.test)) return present == exists->expected;
  if (std::holds_alternative<NullTest>(leaf.test)) return passed || !present;
  return passed;
}

bool holds(const Expr& condition, const EventView& event) {
  const auto child_holds = [&](const Expr& child) { return holds(child, event); };
  switch (condition.kind) {
    case ExprKind::all_of: return std::ranges::all_of(condition.children, child_holds);
    case ExprKind::any_of: return std::ranges::any_of(condition.children, child_holds);
    case ExprKind::negation: return !child_holds(condition.children.front());
    case ExprKind::leaf: return holds(*condition.leaf, event);
  }
  return false;
}

}  // namespace weir::sigma
