#pragma once

// Value modifiers (Sigma specification 2.1.0, appendix "Modifiers"): their names, which go together, and what they make
// of one value. Pure; errors say what is wrong and how to write it instead.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sigma/rule.h"
#include "sigma/scalar.h"

namespace weir::sigma {

enum class Modifier : std::uint8_t {
  all,
  neq,
  startswith,
  endswith,
  contains,
  cased,
  windash,
  base64,
  base64offset,
  utf16le,
  utf16be,
  utf16,
  wide,
  re,
  ignore_case,
  multi_line,
  dot_all,
  cidr,
  exists,
  fieldref,
  expand,
  lt,
  lte,
  gt,
  gte,
  minute,
  hour,
  day,
  week,
  month,
  year,
};

std::string_view to_string(Modifier modifier);
// The names of the specification, and pySigma's long forms of `i`, `m` and `s` (ignorecase, multiline, dotall).
std::optional<Modifier> find_modifier(std::string_view name);
const std::vector<std::string_view>& modifier_names();

bool has(std::span<const Modifier> modifiers, Modifier modifier);

// Why the modifier at `index` cannot stand where it does, given the others of its field; nothing if it can.
struct Misuse {
  std::string message;
  std::string hint;
};
std::optional<Misuse> find_misuse(std::span<const Modifier> modifiers, std::size_t index);

// What a list of modifiers makes of one value: tests of which any must hold (windash, base64offset and placeholders
// make several of one value). The modifiers have no misuse. `all` and `neq` link values and are passed over here.
Result<std::vector<ValueTest>> transform(const Scalar& value, std::span<const Modifier> modifiers);

// The tests that come from one text that a pipeline puts in the place of a placeholder's whole `text`.
Result<std::vector<ValueTest>> fill_placeholder(const PlaceholderTest& placeholder, std::string_view filled);

// A part of a PlaceholderTest's text: plain Sigma text or a placeholder's name.
struct PlaceholderPart {
  bool is_placeholder = false;
  std::string text;
};
std::vector<PlaceholderPart> split_placeholders(std::string_view text);

}  // namespace weir::sigma
