#pragma once

// All rules as one immutable plan that any number of threads match with.
//
// Leaves that speak of one field and are joined by "or" become one *atom*. What is true of a value is found for all
// atoms of its field at once (FieldPlan: literal sets, then the few tests that a literal guards, then the tests without
// a literal). A rule is a *formula* over atoms. docs/decisions/0006-matching.md tells the whole way of an event.
//
// Regular expressions and references to other fields are not decided with the value: their atom is only "maybe", and is
// resolved when a formula's truth hangs on it.

#include <cstdint>
#include <memory>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <vector>

#include "event/field.h"
#include "event/logsource.h"
#include "match/literal_screen.h"
#include "match/literal_set.h"
#include "match/pattern.h"
#include "sigma/rule.h"

namespace weir::sigma {

// A rule as one pipeline left it. A rule may have several (a Sysmon one, a Security one); any of them fires it.
struct Variant {
  std::uint32_t rule = 0;  // Index into the caller's rules.
  event::LogsourceSelector logsource;
  Expr condition;

  // Whether it speaks of events of a logsource (null: unknown). `any`: of all.
  bool speaks_of(const event::Logsource* source, bool any) const {
    return any || (source != nullptr && logsource.selects(*source));
  }
};

using AtomId = std::uint32_t;

enum class Truth : std::uint8_t { no, maybe, yes };

// Index of the plan for keywords, which look at every value of an event.
inline constexpr std::uint32_t kAnyField = 0;

// What a found literal leads to.
struct Consequence {
  enum class Kind : std::uint8_t {
    holds,  // The atom holds.
    maybe,  // The atom holds if its regular expression does.
    check,  // `index` of FieldPlan::checks decides.
  };
  Kind kind;
  std::uint32_t index;  // Atom or check.
};

struct ValueCheck {
  AtomId atom;
  std::shared_ptr<const FieldTest> leaf;
  std::optional<match::FoldedPattern> folded;  // Of a pattern without case.
};

// Everything to be known about the values of one field. Atoms here are the field's own, ascending.
struct FieldPlan {
  std::vector<AtomId> atoms;
  match::LiteralSet folded;  // Ids index `consequences`.
  match::LiteralSet cased;
  std::vector<std::vector<Consequence>> consequences;
  std::vector<ValueCheck> checks;                         // Guarded by literals.
  std::vector<ValueCheck> unguarded;                      // Tried on every new value.
  std::vector<std::pair<AtomId, std::size_t>> maybe_any;  // Lazy atoms without a guard: maybe, from this many bytes on.
  std::vector<AtomId> when_absent;
  std::vector<AtomId> when_null;
  std::vector<AtomId> when_value;  // Any value that is not null.
};

struct Atom {
  std::uint32_t field;  // Of Plan::fields.
  double cost;          // A guess at how often it holds, to choose which atom a rule waits for.
  std::vector<std::shared_ptr<const FieldTest>> lazy;    // Regular expressions and field references.
  std::vector<std::shared_ptr<const FieldTest>> leaves;  // What it is made of.
};

// Nodes of all formulas in one array; children of a node are neighbours.
struct FormulaNode {
  ExprKind kind = ExprKind::all_of;
  std::uint32_t first = 0;  // First child, or the atom of a leaf.
  std::uint32_t count = 0;

  auto children() const { return std::views::iota(first, first + count); }
};

struct PlannedRule {
  std::uint32_t rule = 0;
  event::LogsourceSelector logsource;
  std::uint32_t root = 0;  // Of Plan::nodes.
};

class Plan {
 public:
  // Rules that still hold placeholders must have been left out.
  explicit Plan(std::span<const Variant> variants);

  const event::FieldTable& field_table() const { return table_; }
  const std::vector<FieldPlan>& fields() const { return fields_; }  // By FieldId; index 0 is kAnyField.
  const std::vector<Atom>& atoms() const { return atoms_; }
  const std::vector<FormulaNode>& nodes() const { return nodes_; }
  const std::vector<PlannedRule>& rules() const { return rules_; }

 private:
  friend class PlanBuilder;

  event::FieldTable table_;
  std::vector<FieldPlan> fields_;
  std::vector<Atom> atoms_;
  std::vector<FormulaNode> nodes_;
  std::vector<PlannedRule> rules_;
};

// What literals tell of an atom: where it is not "no", the value has one of them, or `size_from` bytes or more.
struct RequiredLiterals {
  std::vector<match::LiteralScreen::Wanted> literals;
  std::size_t size_from = std::numeric_limits<std::size_t>::max();
};

// Nothing if literals tell nothing.
std::optional<RequiredLiterals> required_literals(const Atom& atom);

}  // namespace weir::sigma
