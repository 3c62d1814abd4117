#pragma once

// Whether one part of a condition holds whenever another does, and whether two can hold together, as far as their form
// tells. "No" may mean "not known". Pure.

#include <cstddef>

#include "sigma/rule.h"

namespace weir::sigma {

class Implication {
 public:
  // Whether `b` is certain to be true of every event of which `a` is.
  bool implies(const Expr& a, const Expr& b);
  // Whether no single value fits both leaves. They speak of the same field.
  static bool exclude(const FieldTest& a, const FieldTest& b);

 private:
  // Comparing long lists with each other takes the product of their lengths; beyond this nothing is known.
  static constexpr std::size_t kStepsMax = 200'000;
  std::size_t steps_ = 0;
};

}  // namespace weir::sigma
