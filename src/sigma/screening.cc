#include "sigma/screening.h"

#include <algorithm>
#include <unordered_map>

#include "base/sorted.h"
#include "sigma/witness.h"

namespace weir::sigma {
namespace {

constexpr std::size_t kLongValue = 64;

bool has_keywords(const Plan& plan, std::uint32_t node) {
  const FormulaNode& formula = plan.nodes()[node];
  if (formula.kind == ExprKind::leaf) return plan.atoms()[formula.first].field == kAnyField;
  for (const std::uint32_t child : formula.children()) {
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
    if (fresh) it->second = literals_anywhere(plan_.atoms()[atom]);
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
  static std::optional<std::vector<std::string>> literals_anywhere(const Atom& atom) {
    const auto required = required_literals(atom);
    if (!required || required->size_from != RequiredLiterals{}.size_from) return std::nullopt;
    std::vector<std::string> texts;
    for (const auto& literal : required->literals) {
      if (!match::LiteralScreen::takes(literal.text)) return std::nullopt;
      texts.push_back(literal.text);
    }
    return texts;
  }

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
    for (const std::uint32_t child : formula.children()) {
      if (!add(child)) return false;
    }
    return true;
  }

  std::optional<match::LiteralScreen> make() {
    if (chosen_.empty()) return std::nullopt;
    sort_unique(chosen_);
    return match::LiteralScreen::for_records(chosen_);
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

std::optional<match::LiteralScreen> screen_atoms(const Plan& plan, std::span<const AtomId> atoms) {
  RequiredLiterals all;
  for (const AtomId atom : atoms) {
    const auto required = required_literals(plan.atoms()[atom]);
    if (!required) return std::nullopt;
    all.literals.insert(all.literals.end(), required->literals.begin(), required->literals.end());
    all.size_from = std::min(all.size_from, required->size_from);
  }
  sort_unique(all.literals);
  const bool hardly_passes = all.size_from < kLongValue;
  if (hardly_passes || all.literals.size() > match::LiteralScreen::kQuickMax) return std::nullopt;
  return match::LiteralScreen::for_values(all.literals, all.size_from);
}

}  // namespace weir::sigma
