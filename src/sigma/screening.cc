#include "sigma/screening.h"

#include <algorithm>
#include <unordered_map>

#include "sigma/witness.h"

namespace weir::sigma {
namespace {

bool has_keywords(const Plan& plan, std::uint32_t node) {
  const FormulaNode& formula = plan.nodes()[node];
  if (formula.kind == ExprKind::leaf) return plan.atoms()[formula.first].field == kAnyField;
  for (std::uint32_t child = formula.first; child < formula.first + formula.count; ++child) {
    if (has_keywords(plan, child)) return true;
  }
  return false;
}

// The literals of atoms, each asked for once.
class LiteralsOfAtoms {
 public:
  explicit LiteralsOfAtoms(const Plan& plan) : plan_(plan) {}

  // Null if the atom has none that a screen can look for.
  const std::vector<std::string>* of(AtomId atom) {
    const auto [it, fresh] = known_.try_emplace(atom);
    if (fresh) {
      it->second = required_literals(plan_.atoms()[atom]);
      if (it->second && !std::ranges::all_of(*it->second, match::LiteralScreen::takes)) it->second.reset();
    }
    return it->second ? &*it->second : nullptr;
  }

  // By how often text is likely to hold one of them, wherever.
  std::optional<double> cost(AtomId atom) {
    const std::vector<std::string>* literals = of(atom);
    if (literals == nullptr) return std::nullopt;
    double sum = 0;
    for (const std::string& literal : *literals) {
      const auto size = static_cast<double>(literal.size());
      sum += 1 / (1 + size * size);
    }
    return sum;
  }

 private:
  const Plan& plan_;
  std::unordered_map<AtomId, std::optional<std::vector<std::string>>> known_;
};

// Chooses literals such that, where none of them occurs, taking all keywords for unseen does not change a formula.
class KeywordScreening {
 public:
  explicit KeywordScreening(const Plan& plan)
      : plan_(plan), literals_of_(plan), known_(plan.atoms().size(), Truth::maybe), cost_([this](AtomId atom) {
          const bool is_keyword = plan_.atoms()[atom].field == kAnyField;
          return is_keyword ? literals_of_.cost(atom) : std::nullopt;
        }) {}

  // False if there are no such literals.
  bool add(std::uint32_t node) {
    if (!has_keywords(plan_, node)) return true;
    if (const auto witness = find_witness(plan_, node, known_, cost_)) {
      // Without them the formula is false, whatever its other keywords say.
      for (const AtomId atom : witness->atoms) {
        const std::vector<std::string>& literals = *literals_of_.of(atom);
        chosen_.insert(chosen_.end(), literals.begin(), literals.end());
      }
      return true;
    }
    const FormulaNode& formula = plan_.nodes()[node];
    if (formula.kind == ExprKind::leaf) return false;
    for (std::uint32_t child = formula.first; child < formula.first + formula.count; ++child) {
      if (!add(child)) return false;
    }
    return true;
  }

  std::optional<match::LiteralScreen> make() {
    if (chosen_.empty()) return std::nullopt;
    std::ranges::sort(chosen_);
    const auto repeated = std::ranges::unique(chosen_);
    chosen_.erase(repeated.begin(), repeated.end());
    return match::LiteralScreen::make(chosen_);
  }

 private:
  const Plan& plan_;
  LiteralsOfAtoms literals_of_;
  std::vector<Truth> known_;
  WitnessCost cost_;
  std::vector<std::string> chosen_;
};

}  // namespace

std::optional<match::LiteralScreen> screen_keywords(const Plan& plan, std::span<const std::uint32_t> rules) {
  KeywordScreening screening(plan);
  for (const std::uint32_t rule : rules) {
    if (!screening.add(plan.rules()[rule].root)) return std::nullopt;
  }
  return screening.make();
}

}  // namespace weir::sigma
