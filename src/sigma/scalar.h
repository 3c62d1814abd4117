#pragma once

// What a plain YAML scalar means in a rule: text, number or boolean (YAML 1.2.2, section 10.3.2, core schema). Pure.

#include <cstdint>
#include <optional>
#include <string>

#include "sigma/decimal.h"
#include "yaml/node.h"

namespace weir::sigma {

enum class ScalarKind : std::uint8_t { text, number, boolean };

struct Scalar {
  ScalarKind kind = ScalarKind::text;
  // As events show it: 0x1F is "31", +5 is "5", 1e3 is "1000", True is "true"; 1.50 and 007 stay, since events keep
  // their digits, too. A text is itself.
  std::string text;
  Decimal number;
  bool boolean = false;
};

// `node` is a scalar.
Scalar read_scalar(const yaml::Node& node);

// A switch of a document: true or false, also in the spellings of YAML 1.1 that pySigma takes (yes, no, on, off).
// Nothing if it is none of these.
std::optional<bool> read_boolean(const yaml::Node& node);

}  // namespace weir::sigma
