// What modifiers make of one value. Declared in modifier.h.

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "base/check.h"
#include "base/text.h"
#include "match/encode.h"
#include "sigma/modifier.h"

namespace weir::sigma {

namespace {

using match::Pattern;
using Tests = std::vector<ValueTest>;

// Five dashes of five kinds each; a value with more of them is refused.
constexpr std::size_t kFormsMax = 3125;

std::optional<Comparison> find_comparison(std::span<const Modifier> modifiers) {
  for (const Modifier modifier : modifiers) {
    if (modifier == Modifier::lt) return Comparison::lt;
    if (modifier == Modifier::lte) return Comparison::lte;
    if (modifier == Modifier::gt) return Comparison::gt;
    if (modifier == Modifier::gte) return Comparison::gte;
  }
  return std::nullopt;
}

struct TimePartRange {
  Modifier modifier;
  TimePart part;
  std::int64_t low;
  std::int64_t high;
};

// The appendix gives weeks up to 52, but ISO 8601 counts 53 in some years.
constexpr TimePartRange kTimeParts[] = {
    {Modifier::minute, TimePart::minute, 0, 59}, {Modifier::hour, TimePart::hour, 0, 23},
    {Modifier::day, TimePart::day, 1, 31},       {Modifier::week, TimePart::week, 1, 53},
    {Modifier::month, TimePart::month, 1, 12},   {Modifier::year, TimePart::year, 0, 9999},
};

const TimePartRange* find_time_part(std::span<const Modifier> modifiers) {
  for (const TimePartRange& range : kTimeParts) {
    if (has(modifiers, range.modifier)) return &range;
  }
  return nullptr;
}

// --- Text ------------------------------------------------------------------------------------------------------------

// Applies `encode` to the literal parts; wildcards stay where they are.
template <typename Encode>
void encode_parts(Pattern& pattern, Encode encode) {
  for (Pattern::Part& part : pattern.parts()) {
    if (part.kind == Pattern::PartKind::literal) part.text = encode(part.text);
  }
}

// The byte order mark goes to the very front, whatever stands there.
void encode_utf16(Pattern& pattern) {
  encode_parts(pattern, match::utf16le);
  std::vector<Pattern::Part>& parts = pattern.parts();
  const std::string mark = match::utf16("");
  if (!parts.empty() && parts.front().kind == Pattern::PartKind::literal) {
    parts.front().text.insert(0, mark);
  } else {
    parts.insert(parts.begin(), {Pattern::PartKind::literal, mark});
  }
}

// Every form of a pattern whose literal parts are read with each kind of dash.
Result<std::vector<Pattern>> windash_forms(const Pattern& pattern) {
  std::vector<Pattern> forms{pattern};
  for (std::size_t index = 0; index < pattern.parts().size(); ++index) {
    const Pattern::Part& part = pattern.parts()[index];
    if (part.kind != Pattern::PartKind::literal) continue;
    const std::vector<std::string> texts = match::windash(part.text, kFormsMax + 1);
    if (texts.size() * forms.size() > kFormsMax) {
      return fail(ErrorKind::user, "more than {} forms come from 'windash' for this value; split it at a wildcard",
                  kFormsMax);
    }
    std::vector<Pattern> longer;
    longer.reserve(forms.size() * texts.size());
    for (const Pattern& form : forms) {
      for (const std::string& text : texts) {
        longer.push_back(form);
        longer.back().parts()[index].text = text;
      }
    }
    forms = std::move(longer);
  }
  return forms;
}

Result<std::vector<Pattern>> base64_forms(const Pattern& pattern, Modifier modifier) {
  if (!pattern.is_literal()) {
    return fail(ErrorKind::user,
                "a value with wildcards cannot be encoded by '{}'; put 'contains' behind it and escape "
                "wildcards that are meant as text (\\*)",
                to_string(modifier));
  }
  const std::string bytes = pattern.plain();
  if (modifier == Modifier::base64) return std::vector<Pattern>{Pattern::literal(match::base64(bytes))};
  std::vector<Pattern> forms;
  for (const std::string& text : match::base64_offsets(bytes)) {
    if (text.empty()) {
      return fail(ErrorKind::user,
                  "the value is too short for 'base64offset': nothing of it is the same at every "
                  "position; give at least 3 characters");
    }
    forms.push_back(Pattern::literal(text));
  }
  return forms;
}

Result<std::vector<Pattern>> forms_of(Pattern pattern, Modifier modifier) {
  switch (modifier) {
    case Modifier::startswith: pattern.open_back(); break;
    case Modifier::endswith: pattern.open_front(); break;
    case Modifier::contains:
      pattern.open_front();
      pattern.open_back();
      break;
    case Modifier::utf16le:
    case Modifier::wide: encode_parts(pattern, match::utf16le); break;
    case Modifier::utf16be: encode_parts(pattern, match::utf16be); break;
    case Modifier::utf16: encode_utf16(pattern); break;
    case Modifier::windash: return windash_forms(pattern);
    case Modifier::base64:
    case Modifier::base64offset: return base64_forms(pattern, modifier);
    default: break;  // `all`, `neq`, `cased` and `expand` leave the text as it is.
  }
  return std::vector<Pattern>{std::move(pattern)};
}

Result<Tests> text_tests(Pattern pattern, std::span<const Modifier> modifiers) {
  std::vector<Pattern> patterns{std::move(pattern)};
  for (const Modifier modifier : modifiers) {
    std::vector<Pattern> next;
    for (Pattern& form : patterns) {
      TRY(std::vector<Pattern> made, forms_of(std::move(form), modifier));
      if (next.size() + made.size() > kFormsMax) {
        return fail(ErrorKind::user, "more than {} forms come from the modifiers for this value; split it", kFormsMax);
      }
      std::ranges::move(made, std::back_inserter(next));
    }
    patterns = std::move(next);
  }
  Tests tests;
  tests.reserve(patterns.size());
  const bool cased = has(modifiers, Modifier::cased);
  for (Pattern& form : patterns) tests.emplace_back(PatternTest{std::move(form), cased});
  return tests;
}

// The section "String Modifiers" of the appendix: they take text, and a number there is a missing pair of quotes.
constexpr Modifier kTextOnly[] = {Modifier::re,      Modifier::base64,  Modifier::base64offset, Modifier::windash,
                                  Modifier::utf16le, Modifier::utf16be, Modifier::utf16,        Modifier::wide};

Status need_text(const Scalar& value, std::span<const Modifier> modifiers) {
  if (value.kind == ScalarKind::text) return {};
  const auto modifier = std::ranges::find_first_of(modifiers, kTextOnly);
  if (modifier == modifiers.end()) return {};
  return fail(ErrorKind::user, "'{}' takes text, and {} is none: put it in quotes", to_string(*modifier), value.text);
}

// --- Placeholders ----------------------------------------------------------------------------------------------------

bool has_placeholder(std::string_view text) {
  return std::ranges::any_of(split_placeholders(text), &PlaceholderPart::is_placeholder);
}

// Text in which `\%` was a plain percent sign and no placeholder stands.
std::string plain_percents(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      if (text[i + 1] != '%') out += text[i];
      out += text[++i];
    } else {
      out += text[i];
    }
  }
  return out;
}

// A text with placeholders waits for its values: what opens it is noted, anything else is applied to each value later.
PlaceholderTest wait_for_values(std::string_view text, std::span<const Modifier> modifiers) {
  PlaceholderTest test;
  test.text = text;
  auto later = std::make_shared<std::vector<std::string>>();
  bool only_openings = true;
  for (const Modifier modifier : modifiers) {
    if (modifier == Modifier::expand || modifier == Modifier::all || modifier == Modifier::neq) continue;
    later->emplace_back(to_string(modifier));
    only_openings = only_openings && (modifier == Modifier::startswith || modifier == Modifier::endswith ||
                                      modifier == Modifier::contains || modifier == Modifier::cased);
  }
  if (!only_openings) {
    test.later_modifiers = std::move(later);
    return test;
  }
  test.open_front = has(modifiers, Modifier::endswith) || has(modifiers, Modifier::contains);
  test.open_back = has(modifiers, Modifier::startswith) || has(modifiers, Modifier::contains);
  test.cased = has(modifiers, Modifier::cased);
  return test;
}

// --- Other types -----------------------------------------------------------------------------------------------------

Result<Tests> regex_tests(std::string_view text, std::span<const Modifier> modifiers) {
  const match::RegexFlags flags{.ignore_case = has(modifiers, Modifier::ignore_case),
                                .multi_line = has(modifiers, Modifier::multi_line),
                                .dot_all = has(modifiers, Modifier::dot_all)};
  TRY(match::Regex regex, match::Regex::compile(text, flags));
  return Tests{RegexTest{std::make_shared<const match::Regex>(std::move(regex))}};
}

Result<Tests> cidr_tests(std::string_view text) {
  TRY(const match::Cidr network, match::Cidr::parse(text));
  return Tests{CidrTest{network, std::string(text)}};
}

Result<Tests> exists_tests(const Scalar& value) {
  if (value.kind != ScalarKind::boolean) {
    return fail(ErrorKind::user, "'exists' takes true or false (without quotes), not '{}'", value.text);
  }
  return Tests{ExistsTest{value.boolean}};
}

Result<Tests> fieldref_tests(const Scalar& value, std::span<const Modifier> modifiers) {
  const Pattern pattern = Pattern::parse(value.text);
  if (!pattern.is_literal() || pattern.plain().empty()) {
    return fail(ErrorKind::user, "'fieldref' takes the name of a field, without wildcards, not '{}'", value.text);
  }
  const bool both = has(modifiers, Modifier::contains);
  return Tests{FieldRefTest{.field = pattern.plain(),
                            .starts = both || has(modifiers, Modifier::startswith),
                            .ends = both || has(modifiers, Modifier::endswith),
                            .cased = has(modifiers, Modifier::cased)}};
}

Result<Decimal> number_of(const Scalar& value, Modifier modifier) {
  if (value.kind == ScalarKind::number) return value.number;
  if (value.kind == ScalarKind::text && Decimal::parse(value.text)) {
    return fail(ErrorKind::user, "'{}' takes a number, and '{}' is quoted text: drop the quotes", to_string(modifier),
                value.text);
  }
  return fail(ErrorKind::user, "'{}' takes a number, not '{}'", to_string(modifier), value.text);
}

Result<Tests> number_tests(const Scalar& value, std::span<const Modifier> modifiers, Comparison comparison) {
  const Modifier used = *std::ranges::find_if(modifiers, [](Modifier modifier) {
    return find_comparison(std::span<const Modifier>(&modifier, 1)).has_value();
  });
  TRY(Decimal number, number_of(value, used));
  return Tests{NumberTest{comparison, std::move(number)}};
}

Result<Tests> time_tests(const Scalar& value, std::span<const Modifier> modifiers, const TimePartRange& range) {
  TRY(const Decimal number, number_of(value, range.modifier));
  const std::optional<std::int64_t> whole = number.whole();
  if (!whole || *whole < range.low || *whole > range.high) {
    return fail(ErrorKind::user, "'{}' goes from {} to {}, so it is never {}", to_string(range.modifier), range.low,
                range.high, value.text);
  }
  return Tests{TimeTest{range.part, find_comparison(modifiers).value_or(Comparison::eq), *whole}};
}

}  // namespace

std::vector<PlaceholderPart> split_placeholders(std::string_view text) {
  std::vector<PlaceholderPart> parts;
  std::string plain;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      plain += text.substr(i, 2);
      i += 2;
      continue;
    }
    const std::size_t end = text[i] == '%' ? text.find_first_of("%\\", i + 1) : std::string_view::npos;
    if (end != std::string_view::npos && text[end] == '%' && end > i + 1) {
      if (!plain.empty()) parts.push_back({false, std::exchange(plain, {})});
      parts.push_back({true, std::string(text.substr(i + 1, end - i - 1))});
      i = end + 1;
      continue;
    }
    plain += text[i++];
  }
  if (!plain.empty()) parts.push_back({false, std::move(plain)});
  return parts;
}

Result<Tests> transform(const Scalar& value, std::span<const Modifier> modifiers) {
  TRY(need_text(value, modifiers));
  const bool expands = has(modifiers, Modifier::expand) && value.kind == ScalarKind::text;
  if (expands && has_placeholder(value.text)) return Tests{wait_for_values(value.text, modifiers)};
  const std::string text = expands ? plain_percents(value.text) : value.text;
  if (has(modifiers, Modifier::re)) return regex_tests(text, modifiers);
  if (has(modifiers, Modifier::cidr)) return cidr_tests(text);
  if (has(modifiers, Modifier::exists)) return exists_tests(value);
  if (has(modifiers, Modifier::fieldref)) return fieldref_tests(value, modifiers);
  if (const TimePartRange* range = find_time_part(modifiers)) return time_tests(value, modifiers, *range);
  if (const std::optional<Comparison> comparison = find_comparison(modifiers)) {
    return number_tests(value, modifiers, *comparison);
  }
  return text_tests(value.kind == ScalarKind::text ? Pattern::parse(text) : Pattern::literal(text), modifiers);
}

Result<Tests> fill_placeholder(const PlaceholderTest& placeholder, std::string_view filled) {
  if (placeholder.later_modifiers) {
    std::vector<Modifier> modifiers;
    for (const std::string& name : *placeholder.later_modifiers) {
      const std::optional<Modifier> modifier = find_modifier(name);
      CHECK(modifier.has_value());  // Names come from to_string.
      modifiers.push_back(*modifier);
    }
    Scalar value{ScalarKind::text, std::string(filled), {}, false};
    if (const std::optional<Decimal> number = Decimal::parse(filled)) {
      const bool wants_number = find_comparison(modifiers) || find_time_part(modifiers) != nullptr;
      if (wants_number) value = {ScalarKind::number, std::string(filled), *number, false};
    }
    return transform(value, modifiers);
  }
  Pattern pattern = Pattern::parse(plain_percents(filled));
  if (placeholder.open_front) pattern.open_front();
  if (placeholder.open_back) pattern.open_back();
  return Tests{PatternTest{std::move(pattern), placeholder.cased}};
}

}  // namespace weir::sigma
