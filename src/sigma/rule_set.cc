#include "sigma/rule_set.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "base/check.h"
#include "base/sorted.h"
#include "base/text.h"
#include "sigma/reporter.h"

namespace weir::sigma {

namespace {

// Of a rule's tree after filters, so that many filters on large rules cannot fill memory.
constexpr std::size_t kFiltersPerRuleMax = 1000;

bool is_covered(const event::LogsourceSelector& wide, const event::LogsourceSelector& narrow) {
  return (wide.product.empty() || wide.product == narrow.product) &&
         (wide.category.empty() || wide.category == narrow.category) &&
         (wide.service.empty() || wide.service == narrow.service);
}

class Linker {
 public:
  RuleSet link(std::vector<ParsedFile> files) {
    for (ParsedFile& file : files) take(std::move(file));
    apply_filters();
    drop_unlinked_correlations();
    return std::move(set_);
  }

 private:
  enum class DocumentKind { rule, correlation, filter };
  // Where the document with an id or a name stands.
  struct Target {
    DocumentKind kind;
    std::size_t index;
  };

  void take(ParsedFile file) {
    set_.rules_failed += file.failed;
    std::ranges::move(file.diagnostics, std::back_inserter(set_.diagnostics));
    for (Rule& rule : file.rules) {
      if (enter(*rule.info, {DocumentKind::rule, set_.rules.size()})) set_.rules.push_back(std::move(rule));
    }
    for (Correlation& correlation : file.correlations) {
      if (enter(*correlation.info, {DocumentKind::correlation, set_.correlations.size()})) {
        set_.correlations.push_back(std::move(correlation));
      }
    }
    for (Filter& filter : file.filters) {
      if (enter(*filter.info, {DocumentKind::filter, set_.filters.size()})) set_.filters.push_back(std::move(filter));
    }
  }

  // False: another document has the id.
  bool enter(const RuleInfo& info, Target target) {
    const auto [known, is_first] = by_id_.emplace(lower(info.id), target);
    if (!is_first) {
      const RuleInfo& first = info_of(known->second);
      add(Severity::error, "duplicate-id", info, info.id_place,
          fmt::format("another document has the id {}", shortened(info.id)),
          fmt::format("see {}:{} ('{}'); give each a UUID of its own", first.path, first.id_place.mark.line,
                      shortened(first.title)));
      ++set_.rules_failed;
      return false;
    }
    if (info.name.empty()) return true;
    const auto [named, is_unique] = by_name_.emplace(info.name, target);
    if (!is_unique) {
      const RuleInfo& first = info_of(named->second);
      add(Severity::warning, "duplicate-name", info, info.name_place,
          fmt::format("another document has the name '{}'", shortened(info.name)),
          fmt::format("see {}:{}; correlations that use the name mean that one", first.path,
                      first.name_place.mark.line));
    }
    return true;
  }

  const RuleInfo& info_of(const Target& target) const {
    switch (target.kind) {
      case DocumentKind::rule: return *set_.rules[target.index].info;
      case DocumentKind::correlation: return *set_.correlations[target.index].info;
      case DocumentKind::filter: break;
    }
    return *set_.filters[target.index].info;
  }

  std::optional<Target> find(const Reference& reference) const {
    if (const auto found = by_id_.find(lower(reference.text)); found != by_id_.end()) return found->second;
    if (const auto found = by_name_.find(reference.text); found != by_name_.end()) return found->second;
    return std::nullopt;
  }

  std::string hint_for(std::string_view reference) const {
    std::vector<std::string_view> names;
    for (const auto& [name, target] : by_name_) names.push_back(name);
    std::ranges::sort(names);
    const std::string hint = did_you_mean(reference, names);
    return hint.empty() ? "load the file that holds it too, or correct the id or name" : hint;
  }

  // --- Filters -------------------------------------------------------------------------------------------------------

  void apply_filters() {
    std::vector<std::size_t> applied(set_.rules.size(), 0);
    for (const Filter& filter : set_.filters) {
      bool fits = reports_unknown_rules(filter);  // Then it is clear enough why it fits none.
      for (const std::size_t index : rules_of(filter)) {
        Rule& rule = set_.rules[index];
        if (!is_covered(filter.logsource, rule.logsource)) continue;
        fits = true;
        if (++applied[index] <= kFiltersPerRuleMax) {
          add_filter(rule, filter);
        } else {
          add(Severity::error, "too-many-filters", *filter.info, place_of(filter),
              fmt::format("the rule '{}' has {} filters already, so this one does not suppress", rule.info->title,
                          kFiltersPerRuleMax),
              "join filters into one");
        }
      }
      if (!fits) {
        add(Severity::warning, "filter-fits-no-rule", *filter.info, place_of(filter),
            fmt::format("the filter fits no rule (logsource {})", event::to_string(filter.logsource)),
            "its 'rules' must name loaded rules whose logsource has at least the parts of the filter's");
      }
    }
  }

  bool reports_unknown_rules(const Filter& filter) {
    bool found = false;
    for (const Reference& reference : filter.rules) {
      if (find(reference)) continue;
      found = true;
      add(Severity::warning, "unknown-rule", *filter.info, reference.place,
          fmt::format("the filter names '{}', which is not loaded", shortened(reference.text)),
          hint_for(reference.text));
    }
    return found;
  }

  std::vector<std::size_t> rules_of(const Filter& filter) const {
    std::vector<std::size_t> indices;
    if (filter.any_rule) {
      for (std::size_t i = 0; i < set_.rules.size(); ++i) indices.push_back(i);
      return indices;
    }
    for (const Reference& reference : filter.rules) {
      const std::optional<Target> target = find(reference);
      if (target && target->kind == DocumentKind::rule) indices.push_back(target->index);
    }
    sort_unique(indices);
    return indices;
  }

  static void add_filter(Rule& rule, const Filter& filter) {
    Expr both;
    both.kind = ExprKind::all_of;
    both.label = fmt::format("({}) and {}({})", rule.condition.label, filter.names_what_stays ? "" : "not ",
                             filter.condition.label);
    both.children.push_back(std::move(rule.condition));
    both.children.push_back(filter.names_what_stays ? filter.condition : negated(filter.condition));
    rule.condition = std::move(both);
  }

  // --- Correlations --------------------------------------------------------------------------------------------------

  void drop_unlinked_correlations() {
    std::vector<bool> usable(set_.correlations.size(), true);
    for (std::size_t i = 0; i < usable.size(); ++i) usable[i] = references_are_known(set_.correlations[i]);
    drop_cycles(usable);
    // What builds on a correlation that cannot be used cannot be used either.
    for (bool changed = true; changed;) {
      changed = false;
      for (std::size_t i = 0; i < usable.size(); ++i) {
        if (!usable[i] || !builds_on_unusable(set_.correlations[i], usable)) continue;
        usable[i] = false;
        changed = true;
      }
    }
    std::vector<Correlation> kept;
    for (std::size_t i = 0; i < usable.size(); ++i) {
      if (usable[i]) {
        kept.push_back(std::move(set_.correlations[i]));
      } else {
        ++set_.rules_failed;
      }
    }
    set_.correlations = std::move(kept);
  }

  bool references_are_known(const Correlation& correlation) {
    bool known = true;
    for (const Reference& reference : correlation.rules) {
      const std::optional<Target> target = find(reference);
      if (target && target->kind != DocumentKind::filter) continue;
      known = false;
      const std::string name = shortened(reference.text);
      add(Severity::error, "unknown-rule", *correlation.info, reference.place,
          target ? fmt::format("the correlation names the filter '{}'", name)
                 : fmt::format("the correlation names '{}', which is not loaded or has errors", name),
          target ? "name rules or correlations" : hint_for(reference.text));
    }
    return known;
  }

  // A correlation that another one builds on directly, and where that one names it.
  struct Below {
    std::size_t index;
    Place place;
  };

  std::vector<Below> correlations_below(const Correlation& correlation) const {
    std::vector<Below> below;
    for (const Reference& reference : correlation.rules) {
      const std::optional<Target> target = find(reference);
      if (target && target->kind == DocumentKind::correlation) below.push_back({target->index, reference.place});
    }
    return below;
  }

  bool builds_on_unusable(const Correlation& correlation, const std::vector<bool>& usable) {
    for (const Below& below : correlations_below(correlation)) {
      if (usable[below.index]) continue;
      add(Severity::error, "unknown-rule", *correlation.info, below.place,
          fmt::format("the correlation builds on '{}', which cannot be used",
                      shortened(set_.correlations[below.index].info->title)),
          "correct that one first");
      return true;
    }
    return false;
  }

  using Graph = std::vector<std::vector<std::size_t>>;

  // Takes away, again and again, the nodes that lead to none that is left. `backward` has the same edges turned round.
  static void peel(const Graph& forward, const Graph& backward, std::vector<bool>& left) {
    const auto is_left = [&](std::size_t node) { return left[node]; };
    std::vector<std::size_t> open(left.size(), 0);
    std::vector<std::size_t> ready;
    for (std::size_t i = 0; i < left.size(); ++i) {
      open[i] = static_cast<std::size_t>(std::ranges::count_if(forward[i], is_left));
      if (left[i] && open[i] == 0) ready.push_back(i);
    }
    while (!ready.empty()) {
      const std::size_t done = ready.back();
      ready.pop_back();
      left[done] = false;
      for (const std::size_t waiting : backward[done]) {
        if (--open[waiting] == 0 && left[waiting]) ready.push_back(waiting);
      }
    }
  }

  // What is left when all that builds on nothing, and then all that nothing builds on, has been taken away, stands in a
  // cycle or between two.
  void drop_cycles(std::vector<bool>& usable) {
    Graph below(usable.size());
    Graph above(usable.size());
    for (std::size_t i = 0; i < usable.size(); ++i) {
      for (const Below& each : correlations_below(set_.correlations[i])) {
        below[i].push_back(each.index);
        above[each.index].push_back(i);
      }
    }
    std::vector<bool> left(usable.size(), true);
    peel(below, above, left);
    peel(above, below, left);
    for (std::size_t i = 0; i < usable.size(); ++i) {
      if (!left[i]) continue;
      usable[i] = false;
      const std::vector<Below> all_below = correlations_below(set_.correlations[i]);
      const auto next = std::ranges::find_if(all_below, [&](const Below& each) { return left[each.index]; });
      CHECK(next != all_below.end());  // Else it would have been taken away.
      add(Severity::error, "correlation-cycle", *set_.correlations[i].info, next->place,
          "the correlation builds on itself, perhaps through others", "remove one of the references");
    }
  }

  // What a filter as a whole is blamed for stands where it says which rules it is for.
  static Place place_of(const Filter& filter) {
    return filter.rules.empty() ? Place{filter.info->mark, 1} : filter.rules.front().place;
  }

  void add(Severity severity, std::string_view code, const RuleInfo& info, const Place& place, std::string message,
           std::string hint) {
    set_.diagnostics.push_back(
        {severity, std::string(code), info.path, place.mark, place.length, std::move(message), std::move(hint)});
  }

  RuleSet set_;
  std::unordered_map<std::string, Target> by_id_;  // Ids in lower case.
  std::unordered_map<std::string, Target> by_name_;
};

}  // namespace

RuleSet link(std::vector<ParsedFile> files) {
  return Linker().link(std::move(files));
}

}  // namespace weir::sigma
