#include "sigma/rule_set.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

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
    mark_rules_that_only_feed();
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
      add(Severity::error, "duplicate-id", info, fmt::format("another document has the id {}", shortened(info.id)),
          fmt::format("see {}:{} ('{}'); give each a UUID of its own", first.path, first.mark.line,
                      shortened(first.title)));
      ++set_.rules_failed;
      return false;
    }
    if (info.name.empty()) return true;
    const auto [named, is_unique] = by_name_.emplace(info.name, target);
    if (!is_unique) {
      const RuleInfo& first = info_of(named->second);
      add(Severity::warning, "duplicate-name", info,
          fmt::format("another document has the name '{}'", shortened(info.name)),
          fmt::format("see {}:{}; correlations that use the name mean that one", first.path, first.mark.line));
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

  std::optional<Target> find(const std::string& reference) const {
    if (const auto found = by_id_.find(lower(reference)); found != by_id_.end()) return found->second;
    if (const auto found = by_name_.find(reference); found != by_name_.end()) return found->second;
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
      bool fits = false;
      for (const std::size_t index : rules_of(filter)) {
        Rule& rule = set_.rules[index];
        if (!is_covered(filter.logsource, rule.logsource)) continue;
        fits = true;
        if (++applied[index] <= kFiltersPerRuleMax) {
          add_filter(rule, filter);
        } else {
          add(Severity::error, "too-many-filters", *filter.info,
              fmt::format("the rule '{}' has {} filters already, so this one does not suppress", rule.info->title,
                          kFiltersPerRuleMax),
              "join filters into one");
        }
      }
      if (!fits) {
        add(Severity::warning, "filter-fits-no-rule", *filter.info,
            fmt::format("the filter fits no rule (logsource {})", event::to_string(filter.logsource)),
            "its 'rules' must name loaded rules whose logsource has at least the parts of the filter's");
      }
    }
  }

  std::vector<std::size_t> rules_of(const Filter& filter) {
    std::vector<std::size_t> indices;
    if (filter.any_rule) {
      for (std::size_t i = 0; i < set_.rules.size(); ++i) indices.push_back(i);
      return indices;
    }
    for (const std::string& reference : filter.rules) {
      const std::optional<Target> target = find(reference);
      if (target && target->kind == DocumentKind::rule) {
        indices.push_back(target->index);
      } else if (!target) {
        add(Severity::warning, "unknown-rule", *filter.info,
            fmt::format("the filter names '{}', which is not loaded", shortened(reference)), hint_for(reference));
      }
    }
    std::ranges::sort(indices);
    const auto repeated = std::ranges::unique(indices);
    indices.erase(repeated.begin(), repeated.end());
    return indices;
  }

  static void add_filter(Rule& rule, const Filter& filter) {
    Expr kept = filter.condition;
    if (!filter.names_what_stays) {
      kept = Expr{};
      kept.kind = ExprKind::negation;
      kept.children.push_back(filter.condition);
    }
    Expr both;
    both.kind = ExprKind::all_of;
    both.label = fmt::format("({}) and {}({})", rule.condition.label, filter.names_what_stays ? "" : "not ",
                             filter.condition.label);
    both.children.push_back(std::move(rule.condition));
    both.children.push_back(std::move(kept));
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
    for (const std::string& reference : correlation.rules) {
      const std::optional<Target> target = find(reference);
      if (target && target->kind != DocumentKind::filter) continue;
      known = false;
      add(Severity::error, "unknown-rule", *correlation.info,
          target ? fmt::format("the correlation names the filter '{}'", shortened(reference))
                 : fmt::format("the correlation names '{}', which is not loaded or has errors", shortened(reference)),
          target ? "name rules or correlations" : hint_for(reference));
    }
    return known;
  }

  // The correlations that one builds on directly.
  std::vector<std::size_t> correlations_below(const Correlation& correlation) const {
    std::vector<std::size_t> below;
    for (const std::string& reference : correlation.rules) {
      const std::optional<Target> target = find(reference);
      if (target && target->kind == DocumentKind::correlation) below.push_back(target->index);
    }
    return below;
  }

  bool builds_on_unusable(const Correlation& correlation, const std::vector<bool>& usable) {
    for (const std::size_t index : correlations_below(correlation)) {
      if (usable[index]) continue;
      add(Severity::error, "unknown-rule", *correlation.info,
          fmt::format("the correlation builds on '{}', which cannot be used",
                      shortened(set_.correlations[index].info->title)),
          "correct that one first");
      return true;
    }
    return false;
  }

  // Takes away, again and again, correlations that build on none that is left; what remains builds on itself.
  void drop_cycles(std::vector<bool>& usable) {
    const std::size_t count = set_.correlations.size();
    std::vector<std::vector<std::size_t>> above(count);
    std::vector<std::size_t> open(count, 0);
    for (std::size_t i = 0; i < count; ++i) {
      for (const std::size_t below : correlations_below(set_.correlations[i])) {
        above[below].push_back(i);
        ++open[i];
      }
    }
    std::vector<std::size_t> ready;
    for (std::size_t i = 0; i < count; ++i) {
      if (open[i] == 0) ready.push_back(i);
    }
    while (!ready.empty()) {
      const std::size_t done = ready.back();
      ready.pop_back();
      for (const std::size_t waiting : above[done]) {
        if (--open[waiting] == 0) ready.push_back(waiting);
      }
    }
    for (std::size_t i = 0; i < count; ++i) {
      if (open[i] == 0) continue;
      usable[i] = false;
      add(Severity::error, "correlation-cycle", *set_.correlations[i].info,
          "the correlation builds on itself, perhaps through others", "remove one of the references");
    }
  }

  // `generate` (correlation specification): rules that a correlation names are silent on their own unless it says so.
  void mark_rules_that_only_feed() {
    std::vector<bool> named(set_.rules.size(), false);
    std::vector<bool> generated(set_.rules.size(), false);
    for (const Correlation& correlation : set_.correlations) {
      for (const std::string& reference : correlation.rules) {
        const std::optional<Target> target = find(reference);
        if (!target || target->kind != DocumentKind::rule) continue;
        named[target->index] = true;
        if (correlation.generate) generated[target->index] = true;
      }
    }
    for (std::size_t i = 0; i < set_.rules.size(); ++i) set_.rules[i].alerts_alone = !named[i] || generated[i];
  }

  void add(Severity severity, std::string_view code, const RuleInfo& info, std::string message, std::string hint) {
    set_.diagnostics.push_back(
        {severity, std::string(code), info.path, info.mark, 1, std::move(message), std::move(hint)});
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
