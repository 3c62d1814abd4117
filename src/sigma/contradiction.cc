// Parts of a condition that exclude each other. Two kinds: what is wanted and forbidden at once, which no event can
// meet, and two demands on one field that no single value meets. The second is only told of fields that have a single
// value; a field of a cloud's event may be a list.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "sigma/implication.h"
#include "sigma/lint.h"
#include "sigma/reporter.h"

namespace weir::sigma {

namespace {

// More demands than this in one conjunction are not compared pair by pair.
constexpr std::size_t kDemandsMax = 200;

constexpr std::string_view kNarrower = "what is excluded must be narrower than what is wanted";

// What must hold together.
struct Demands {
  std::vector<const Expr*> wanted;
  std::vector<const Expr*> forbidden;
};

void collect(const Expr& expr, bool holds, Demands& demands) {
  if (expr.kind == ExprKind::negation) return collect(expr.children.front(), !holds, demands);
  const ExprKind joined = holds ? ExprKind::all_of : ExprKind::any_of;
  if (expr.kind == joined) {
    for (const Expr& child : expr.children) collect(child, holds, demands);
  } else {
    (holds ? demands.wanted : demands.forbidden).push_back(&expr);
  }
}

// The leaves of which one must hold; none if the part is more than that.
std::vector<const FieldTest*> alternatives(const Expr& expr) {
  std::vector<const FieldTest*> leaves;
  if (expr.kind == ExprKind::leaf) return {expr.leaf.get()};
  if (expr.kind != ExprKind::any_of) return {};
  for (const Expr& child : expr.children) {
    const std::vector<const FieldTest*> below = alternatives(child);
    if (below.empty()) return {};
    leaves.insert(leaves.end(), below.begin(), below.end());
  }
  return leaves;
}

const FieldTest& first_leaf(const Expr& expr) {
  const Expr* at = &expr;
  while (at->kind != ExprKind::leaf && !at->children.empty()) at = &at->children.front();
  static const FieldTest kNone;
  return at->leaf == nullptr ? kNone : *at->leaf;
}

std::string spoken(const Expr& expr) {
  if (expr.kind != ExprKind::leaf && !expr.label.empty()) return fmt::format("'{}'", shortened(expr.label));
  const FieldTest& leaf = first_leaf(expr);
  return fmt::format("{} {}{}", leaf.field.empty() ? "an event's text" : shortened(leaf.field), shortened(leaf.text),
                     expr.kind == ExprKind::leaf ? "" : " (and others)");
}

class Contradictions {
 public:
  Contradictions(const Rule& rule, std::vector<Diagnostic>& found) : rule_(rule), found_(found) {}

  // Looks at each conjunction once: parts that it is made of are not looked at as conjunctions of their own.
  void look_at(const Expr& expr, bool holds) {
    Demands demands;
    collect(expr, holds, demands);
    if (demands.wanted.size() + demands.forbidden.size() <= kDemandsMax) compare(demands);
    for (const Expr* part : demands.wanted) {
      for (const Expr& child : part->children) look_at(child, true);
    }
    for (const Expr* part : demands.forbidden) {
      for (const Expr& child : part->children) look_at(child, false);
    }
  }

 private:
  void compare(const Demands& demands) {
    for (const Expr* forbidden : demands.forbidden) {
      if (is_met(demands, *forbidden)) return;
    }
    for (const Expr* wanted : demands.wanted) {
      if (wanted->kind != ExprKind::any_of || wanted->children.empty() || !is_covered(*wanted, demands)) continue;
      report(first_leaf(*wanted),
             fmt::format("this never matches: {} is forbidden, one alternative after the other", spoken(*wanted)),
             kNarrower);
      return;
    }
    for (std::size_t i = 0; i < demands.wanted.size(); ++i) {
      for (std::size_t k = i + 1; k < demands.wanted.size(); ++k) {
        if (are_apart(*demands.wanted[i], *demands.wanted[k])) return;
      }
    }
  }

  // Whether each way to meet `wanted` is forbidden by one demand or another.
  bool is_covered(const Expr& wanted, const Demands& demands) {
    if (std::ranges::any_of(demands.forbidden,
                            [&](const Expr* forbidden) { return implication_.implies(wanted, *forbidden); })) {
      return true;
    }
    return wanted.kind == ExprKind::any_of && !wanted.children.empty() &&
           std::ranges::all_of(wanted.children, [&](const Expr& part) { return is_covered(part, demands); });
  }

  bool is_met(const Demands& demands, const Expr& forbidden) {
    // A forbidden conjunction is met if each of its parts is, by whatever demand.
    const auto met_by_any = [&](const Expr& part) {
      return std::ranges::any_of(demands.wanted,
                                 [&](const Expr* wanted) { return implication_.implies(*wanted, part); });
    };
    const Expr* by = nullptr;
    for (const Expr* wanted : demands.wanted) {
      if (implication_.implies(*wanted, forbidden)) by = wanted;
    }
    const bool by_parts = forbidden.kind == ExprKind::all_of && !forbidden.children.empty() &&
                          std::ranges::all_of(forbidden.children, met_by_any);
    if (by == nullptr && !by_parts) return false;
    const FieldTest& at = first_leaf(forbidden);
    report(at,
           fmt::format("this never matches: {} is forbidden and always met{}", spoken(forbidden),
                       by == nullptr ? "" : fmt::format(" where {}", spoken(*by))),
           kNarrower);
    return true;
  }

  bool are_apart(const Expr& a, const Expr& b) {
    const std::vector<const FieldTest*> of_a = alternatives(a), of_b = alternatives(b);
    if (of_a.empty() || of_b.empty() || of_a.size() * of_b.size() > 10'000) return false;
    for (const FieldTest* left : of_a) {
      for (const FieldTest* right : of_b) {
        if (left->field != right->field || !has_one_value(*left, *right) || !Implication::exclude(*left, *right)) {
          return false;
        }
      }
    }
    const FieldTest& left = *of_a.front();
    const FieldTest& right = *of_b.front();
    report(right,
           fmt::format("this never matches: '{}' cannot be both {} and {}", shortened(left.field), shortened(left.text),
                       shortened(right.text)),
           "if either will do, write one list of values");
    return true;
  }

  // Whether the two tests see the same value. What speaks of absence speaks of the whole field.
  bool has_one_value(const FieldTest& a, const FieldTest& b) const {
    if (a.field.empty()) return false;
    if (std::holds_alternative<ExistsTest>(a.test) || std::holds_alternative<ExistsTest>(b.test)) return true;
    if (std::holds_alternative<NumberTest>(a.test) && std::holds_alternative<NumberTest>(b.test)) return true;
    return rule_.logsource.product == "windows" && a.field != "Data";
  }

  void report(const FieldTest& at, std::string message, std::string_view hint) {
    found_.push_back({Severity::warning, "never-matches", rule_.info->path, at.key_mark,
                      static_cast<std::uint32_t>(std::max<std::size_t>(1, at.field.size())), std::move(message),
                      std::string(hint)});
  }

  const Rule& rule_;
  std::vector<Diagnostic>& found_;
  Implication implication_;
};

}  // namespace

void find_contradictions(const Rule& rule, std::vector<Diagnostic>& found) {
  Contradictions(rule, found).look_at(rule.condition, true);
}

}  // namespace weir::sigma
