#include "sigma/implication.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "match/fold.h"

namespace weir::sigma {

namespace {

using match::Pattern;

std::string folded_text(std::string_view text) {
  std::string buffer;
  return std::string(match::folded(text, buffer));
}

bool is_run(const Pattern::Part& part) {
  return part.kind == Pattern::PartKind::any_run;
}

// The literal that every fitting value begins (ends) with, folded; empty if there is none.
std::string fixed_front(const Pattern& pattern) {
  if (pattern.parts().empty() || pattern.parts().front().kind != Pattern::PartKind::literal) return {};
  return folded_text(pattern.parts().front().text);
}
std::string fixed_back(const Pattern& pattern) {
  if (pattern.parts().empty() || pattern.parts().back().kind != Pattern::PartKind::literal) return {};
  return folded_text(pattern.parts().back().text);
}

// Whether every value that fits `a` fits `b`, letter case aside.
bool is_within(const Pattern& a, const Pattern& b) {
  if (a == b) return true;
  if (a.is_literal()) return b.fits(a.plain(), false);
  const auto& parts = b.parts();
  if (parts.size() == 1) return is_run(parts.front());
  // "*text*", "text*" and "*text".
  if (parts.size() == 3 && is_run(parts[0]) && parts[1].kind == Pattern::PartKind::literal && is_run(parts[2])) {
    const std::string text = folded_text(parts[1].text);
    return std::ranges::any_of(a.parts(), [&](const Pattern::Part& part) {
      return part.kind == Pattern::PartKind::literal && folded_text(part.text).contains(text);
    });
  }
  if (parts.size() != 2) return false;
  if (parts[0].kind == Pattern::PartKind::literal && is_run(parts[1])) {
    return fixed_front(a).starts_with(folded_text(parts[0].text));
  }
  if (is_run(parts[0]) && parts[1].kind == Pattern::PartKind::literal) {
    return fixed_back(a).ends_with(folded_text(parts[1].text));
  }
  return false;
}

bool are_apart(const Pattern& a, const Pattern& b) {
  if (a.is_literal()) return !b.fits(a.plain(), false);
  if (b.is_literal()) return !a.fits(b.plain(), false);
  const std::string front_a = fixed_front(a), front_b = fixed_front(b);
  if (!front_a.starts_with(front_b) && !front_b.starts_with(front_a)) return true;
  const std::string back_a = fixed_back(a), back_b = fixed_back(b);
  return !back_a.ends_with(back_b) && !back_b.ends_with(back_a);
}

bool is_below(const NumberTest& test) {
  return test.comparison == Comparison::lt || test.comparison == Comparison::lte;
}
bool is_above(const NumberTest& test) {
  return test.comparison == Comparison::gt || test.comparison == Comparison::gte;
}

bool are_apart(const NumberTest& a, const NumberTest& b) {
  if (is_above(a) && is_below(b)) return are_apart(b, a);
  if (!is_below(a) || !is_above(b)) return false;
  const bool both_include = a.comparison == Comparison::lte && b.comparison == Comparison::gte;
  return a.number < b.number || (a.number == b.number && !both_include);
}

bool demands_value(const ValueTest& test) {
  return !std::holds_alternative<NullTest>(test) && !std::holds_alternative<ExistsTest>(test) &&
         !std::holds_alternative<PlaceholderTest>(test);
}

std::optional<bool> existence(const ValueTest& test) {
  const auto* exists = std::get_if<ExistsTest>(&test);
  return exists == nullptr ? std::nullopt : std::optional(exists->expected);
}

bool leaf_implies(const FieldTest& a, const FieldTest& b) {
  if (a.field != b.field) return false;
  if (a.test.index() != b.test.index()) {
    if (existence(b.test) == true) return demands_value(a.test);
    return std::holds_alternative<NullTest>(b.test) && existence(a.test) == false;
  }
  if (const auto* pattern = std::get_if<PatternTest>(&a.test)) {
    const auto& other = std::get<PatternTest>(b.test);
    if (other.cased) return pattern->cased && pattern->pattern == other.pattern;
    return is_within(pattern->pattern, other.pattern);
  }
  if (const auto* regex = std::get_if<RegexTest>(&a.test)) {
    const auto& other = std::get<RegexTest>(b.test);
    return regex->regex->pattern() == other.regex->pattern() && regex->regex->flags() == other.regex->flags();
  }
  if (const auto* network = std::get_if<CidrTest>(&a.test)) return network->text == std::get<CidrTest>(b.test).text;
  if (const auto exists = existence(a.test)) return exists == existence(b.test);
  return std::holds_alternative<NullTest>(a.test);
}

}  // namespace

bool Implication::implies(const Expr& a, const Expr& b) {
  if (++steps_ > kStepsMax) return false;
  if (a.kind == ExprKind::leaf && b.kind == ExprKind::leaf) return leaf_implies(*a.leaf, *b.leaf);
  // Taking `b` apart where all of it must hold, and `a` where any of it might, loses nothing; so these come first.
  if (b.kind == ExprKind::all_of) {
    return std::ranges::all_of(b.children, [&](const Expr& part) { return implies(a, part); });
  }
  if (a.kind == ExprKind::any_of) {
    return std::ranges::all_of(a.children, [&](const Expr& part) { return implies(part, b); });
  }
  if (b.kind == ExprKind::any_of &&
      std::ranges::any_of(b.children, [&](const Expr& part) { return implies(a, part); })) {
    return true;
  }
  if (a.kind == ExprKind::all_of) {
    return std::ranges::any_of(a.children, [&](const Expr& part) { return implies(part, b); });
  }
  if (a.kind == ExprKind::negation && b.kind == ExprKind::negation) {
    return implies(b.children.front(), a.children.front());
  }
  return false;
}

bool Implication::exclude(const FieldTest& a, const FieldTest& b) {
  if (existence(a.test) == false) return demands_value(b.test) || existence(b.test) == true;
  if (existence(b.test) == false) return exclude(b, a);
  const bool a_null = std::holds_alternative<NullTest>(a.test), b_null = std::holds_alternative<NullTest>(b.test);
  if (a_null || b_null) return demands_value(a.test) || demands_value(b.test);
  const auto* pattern = std::get_if<PatternTest>(&a.test);
  const auto* other = std::get_if<PatternTest>(&b.test);
  if (pattern != nullptr && other != nullptr) return are_apart(pattern->pattern, other->pattern);
  const auto* number = std::get_if<NumberTest>(&a.test);
  const auto* other_number = std::get_if<NumberTest>(&b.test);
  return number != nullptr && other_number != nullptr && are_apart(*number, *other_number);
}

}  // namespace weir::sigma
