#include "sigma/witness.h"

#include <algorithm>

namespace weir::sigma {
namespace {

Truth opposite(Truth truth) {
  if (truth == Truth::maybe) return Truth::maybe;
  return truth == Truth::yes ? Truth::no : Truth::yes;
}

// Chooses the cheapest witness of a formula under what is known.
class WitnessSearch {
 public:
  WitnessSearch(const Plan& plan, std::span<const Truth> known, const WitnessCost& cost)
      : plan_(plan), known_(known), cost_(cost) {}

  // Nothing: the formula may hold though every atom is "no" (a negation).
  std::optional<Witness> of(std::uint32_t node, bool negative = false) const {
    const FormulaNode& formula = plan_.nodes()[node];
    if (formula.kind == ExprKind::leaf) {
      if (negative) return std::nullopt;
      const Truth truth = known_[formula.first];
      // A known atom is seen nowhere else: no witness, and none is needed where it is false (the caller drops those).
      if (truth == Truth::yes) return std::nullopt;
      const std::optional<double> cost = cost_(formula.first);
      if (!cost) return std::nullopt;
      return Witness{*cost, {formula.first}};
    }
    if (formula.kind == ExprKind::negation) return of(formula.first, !negative);
    const bool any_will_do = (formula.kind == ExprKind::all_of) != negative;
    return any_will_do ? cheapest(formula, negative) : united(formula, negative);
  }

 private:
  std::optional<Witness> cheapest(const FormulaNode& formula, bool negative) const {
    std::optional<Witness> best;
    for (const std::uint32_t child : formula.children()) {
      auto witness = of(child, negative);
      if (witness && (!best || witness->cost < best->cost)) best = std::move(witness);
    }
    return best;
  }

  std::optional<Witness> united(const FormulaNode& formula, bool negative) const {
    Witness all;
    for (const std::uint32_t child : formula.children()) {
      const Truth truth = evaluate(plan_, child, known_);
      if (truth == (negative ? Truth::yes : Truth::no)) continue;  // This branch cannot make it hold.
      const auto witness = of(child, negative);
      if (!witness) return std::nullopt;
      all.cost += witness->cost;
      all.atoms.insert(all.atoms.end(), witness->atoms.begin(), witness->atoms.end());
    }
    return all;
  }

  const Plan& plan_;
  std::span<const Truth> known_;
  const WitnessCost& cost_;
};

}  // namespace

Truth evaluate(const Plan& plan, std::uint32_t node, std::span<const Truth> truths) {
  const FormulaNode& formula = plan.nodes()[node];
  switch (formula.kind) {
    case ExprKind::leaf: return truths[formula.first];
    case ExprKind::negation: return opposite(evaluate(plan, formula.first, truths));
    case ExprKind::all_of: {
      Truth result = Truth::yes;
      for (const std::uint32_t child : formula.children()) {
        result = std::min(result, evaluate(plan, child, truths));
        if (result == Truth::no) break;
      }
      return result;
    }
    case ExprKind::any_of: {
      Truth result = Truth::no;
      for (const std::uint32_t child : formula.children()) {
        result = std::max(result, evaluate(plan, child, truths));
        if (result == Truth::yes) break;
      }
      return result;
    }
  }
  return Truth::no;
}

std::optional<Witness> find_witness(const Plan& plan, std::uint32_t node, std::span<const Truth> known,
                                    const WitnessCost& cost) {
  return WitnessSearch(plan, known, cost).of(node);
}

}  // namespace weir::sigma
