#include "sigma/modifier.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace weir::sigma {

namespace {

struct NamedModifier {
  std::string_view name;
  Modifier modifier;
};

constexpr NamedModifier kModifiers[] = {
    {"all", Modifier::all},
    {"base64", Modifier::base64},
    {"base64offset", Modifier::base64offset},
    {"cased", Modifier::cased},
    {"cidr", Modifier::cidr},
    {"contains", Modifier::contains},
    {"day", Modifier::day},
    {"endswith", Modifier::endswith},
    {"exists", Modifier::exists},
    {"expand", Modifier::expand},
    {"fieldref", Modifier::fieldref},
    {"gt", Modifier::gt},
    {"gte", Modifier::gte},
    {"hour", Modifier::hour},
    {"i", Modifier::ignore_case},
    {"lt", Modifier::lt},
    {"lte", Modifier::lte},
    {"m", Modifier::multi_line},
    {"minute", Modifier::minute},
    {"month", Modifier::month},
    {"neq", Modifier::neq},
    {"re", Modifier::re},
    {"s", Modifier::dot_all},
    {"startswith", Modifier::startswith},
    {"utf16", Modifier::utf16},
    {"utf16be", Modifier::utf16be},
    {"utf16le", Modifier::utf16le},
    {"week", Modifier::week},
    {"wide", Modifier::wide},
    {"windash", Modifier::windash},
    {"year", Modifier::year},
    // pySigma's long forms; the names above come first, so that to_string finds them.
    {"dotall", Modifier::dot_all},
    {"ignorecase", Modifier::ignore_case},
    {"multiline", Modifier::multi_line},
};

using Set = std::uint64_t;

template <typename... Modifiers>
constexpr Set set_of(Modifiers... modifiers) {
  return (Set{0} | ... | (Set{1} << static_cast<unsigned>(modifiers)));
}

constexpr bool contains(Set set, Modifier modifier) {
  return (set & set_of(modifier)) != 0;
}

constexpr Set kLinking = set_of(Modifier::all, Modifier::neq);
constexpr Set kFlags = set_of(Modifier::ignore_case, Modifier::multi_line, Modifier::dot_all);
constexpr Set kComparisons = set_of(Modifier::lt, Modifier::lte, Modifier::gt, Modifier::gte);
constexpr Set kTimeParts =
    set_of(Modifier::minute, Modifier::hour, Modifier::day, Modifier::week, Modifier::month, Modifier::year);
constexpr Set kOpenings = set_of(Modifier::startswith, Modifier::endswith, Modifier::contains);
constexpr Set kExpand = set_of(Modifier::expand);
// May stand twice: a text can be encoded twice.
constexpr Set kRepeatable = set_of(Modifier::base64, Modifier::base64offset, Modifier::utf16le, Modifier::utf16be,
                                   Modifier::utf16, Modifier::wide);

// A modifier that makes a value something other than text, and what may stand before and behind it.
struct TypeRule {
  Set types;
  Set before;
  Set behind;
  std::string_view hint;  // `{0}` is the modifier that does not fit, `{1}` the type's.
};

constexpr TypeRule kTypeRules[] = {
    {set_of(Modifier::re), kLinking | kExpand, kLinking | kExpand | kFlags,
     "a regular expression is searched for anywhere in the value: write anchors and classes in the pattern and drop "
     "'{0}'"},
    {set_of(Modifier::cidr), kLinking | kExpand, kLinking | kExpand, "a network stands alone: drop '{0}'"},
    {set_of(Modifier::exists), set_of(Modifier::neq), set_of(Modifier::neq),
     "'exists' takes true or false and stands alone: drop '{0}'"},
    {set_of(Modifier::fieldref), kLinking | kOpenings | set_of(Modifier::cased),
     kLinking | kOpenings | set_of(Modifier::cased), "a field reference takes no '{0}': drop it"},
    {kTimeParts, kLinking | kExpand, kLinking | kExpand | kComparisons, "a part of a date is a number: drop '{0}'"},
    {kComparisons, kLinking | kExpand | kTimeParts, kLinking | kExpand, "a comparison takes a number: drop '{0}'"},
};

// Which rule a list of modifiers is held to: that of the first type in it; null if all of them work on text.
const TypeRule* type_rule(std::span<const Modifier> modifiers, std::size_t& position) {
  for (position = 0; position < modifiers.size(); ++position) {
    for (const TypeRule& rule : kTypeRules) {
      if (contains(rule.types, modifiers[position])) return &rule;
    }
  }
  return nullptr;
}

std::optional<Misuse> find_repetition(std::span<const Modifier> modifiers, std::size_t index) {
  const Modifier modifier = modifiers[index];
  if (!contains(kRepeatable, modifier) && has(modifiers.first(index), modifier)) {
    return Misuse{fmt::format("the modifier '{}' stands twice", to_string(modifier)), "drop one of the two"};
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Modifier modifier) {
  for (const NamedModifier& named : kModifiers) {
    if (named.modifier == modifier) return named.name;
  }
  return {};
}

std::optional<Modifier> find_modifier(std::string_view name) {
  for (const NamedModifier& named : kModifiers) {
    if (named.name == name) return named.modifier;
  }
  return std::nullopt;
}

const std::vector<std::string_view>& modifier_names() {
  static const std::vector<std::string_view> kNames = [] {
    std::vector<std::string_view> names;
    for (const NamedModifier& named : kModifiers) names.push_back(named.name);
    return names;
  }();
  return kNames;
}

bool has(std::span<const Modifier> modifiers, Modifier modifier) {
  return std::ranges::find(modifiers, modifier) != modifiers.end();
}

std::optional<Misuse> find_misuse(std::span<const Modifier> modifiers, std::size_t index) {
  if (std::optional<Misuse> repetition = find_repetition(modifiers, index)) return repetition;
  const Modifier modifier = modifiers[index];
  std::size_t type_at = 0;
  const TypeRule* rule = type_rule(modifiers, type_at);
  if (rule == nullptr || (contains(kFlags, modifier) && index < type_at)) {
    if (!contains(kFlags, modifier)) return std::nullopt;
    return Misuse{fmt::format("the modifier '{}' has no regular expression before it", to_string(modifier)),
                  fmt::format("write 're|{}'", to_string(modifier))};
  }
  if (index == type_at) return std::nullopt;
  const Modifier type = modifiers[type_at];
  if (contains(index < type_at ? rule->before : rule->behind, modifier)) return std::nullopt;
  const std::string message =
      fmt::format("the modifiers '{}' and '{}' do not go together", to_string(type), to_string(modifier));
  if (contains(kComparisons, type) && contains(kTimeParts, modifier)) {
    return Misuse{fmt::format("'{}' must stand before '{}'", to_string(modifier), to_string(type)),
                  fmt::format("write '{}|{}'", to_string(modifier), to_string(type))};
  }
  if (contains(kComparisons, type) && contains(kComparisons, modifier)) {
    return Misuse{message, "write one key for each comparison: 'field|gte: 1' and 'field|lt: 9'"};
  }
  return Misuse{message, fmt::format(fmt::runtime(rule->hint), to_string(modifier), to_string(type))};
}

}  // namespace weir::sigma
