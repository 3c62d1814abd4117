#include "app/scan/notes.h"

#include <algorithm>
#include <set>

#include <fmt/ranges.h>

#include "app/terminal.h"
#include "base/sorted.h"
#include "base/text.h"

namespace weir::app {
namespace {

constexpr std::size_t kLogsourcesNamed = 5;

bool is_spoken_of(const event::Logsource& source, const std::vector<sigma::Variant>& variants) {
  return std::ranges::any_of(variants,
                             [&](const sigma::Variant& variant) { return variant.logsource.selects(source); });
}

// What the loaded rules are for, most rules first: "windows/process_creation/* (1,234 rules), …".
std::string logsources_of(const LoadedRules& loaded) {
  std::map<std::string, std::uint64_t> counts;
  for (const sigma::Rule& rule : loaded.scan.rules) ++counts[event::to_string(rule.logsource)];
  std::vector<std::string> named;
  for (const auto& [source, number] : by_count(counts)) {
    if (named.size() == kLogsourcesNamed) {
      named.emplace_back("…");
      break;
    }
    named.push_back(fmt::format("{} ({})", visible(source), counted(number, "rule")));
  }
  return fmt::format("{}", fmt::join(named, ", "));
}

// " (did you mean 'windows'?)" for the first part of `given` that no rule names but nearly.
std::string near_miss(const event::Logsource& given, const std::vector<sigma::Variant>& variants) {
  std::set<std::string_view> products;
  std::set<std::string_view> others;
  for (const sigma::Variant& variant : variants) {
    products.insert(variant.logsource.product);
    others.insert(variant.logsource.category);
    others.insert(variant.logsource.service);
  }
  const auto hint = [](std::string_view name, const std::set<std::string_view>& known) {
    if (name.empty() || known.contains(name)) return std::string();
    const std::string_view near = nearest(name, std::vector(known.begin(), known.end()));
    return near.empty() ? std::string() : fmt::format(" (did you mean '{}'?)", near);
  };
  std::string found = hint(given.product, products);
  for (const auto* names : {&given.categories, &given.services}) {
    for (const std::string& name : *names) {
      if (found.empty()) found = hint(name, others);
    }
  }
  return found;
}

void add_note_on_logsources(const LoadedRules& loaded, const ScanOptions& options, const ScanCounts& counts,
                            std::vector<std::string>& notes) {
  if (options.any_logsource) return;
  const std::string advice =
      fmt::format("; the loaded rules are for {} (weir rules list shows all)", logsources_of(loaded));
  if (const auto& given = options.format_options.assumed_logsource) {
    if (is_spoken_of(*given, loaded.scan.variants)) return;
    notes.push_back(fmt::format("no loaded rule is for {} events, as --logsource says these are{}{}",
                                visible(event::to_string(*given)), near_miss(*given, loaded.scan.variants), advice));
    return;
  }
  std::vector<std::string> unspoken;
  for (const auto& [source, number] : counts.logsources) {
    if (is_spoken_of(source, loaded.scan.variants)) return;
    unspoken.push_back(visible(event::to_string(source)));
  }
  if (unspoken.empty()) return;
  std::ranges::sort(unspoken);
  if (unspoken.size() > kLogsourcesNamed) {
    unspoken.resize(kLogsourcesNamed);
    unspoken.emplace_back("…");
  }
  notes.push_back(
      fmt::format("no loaded rule is for {} events, and so none could fire; load others with --rules, or try "
                  "every rule with --logsource any{}",
                  fmt::join(unspoken, ", "), advice));
}

}  // namespace

std::vector<std::string> notes_on(const LoadedRules& loaded, const ScanOptions& options, const ScanCounts& counts) {
  std::vector<std::string> notes;
  if (!loaded.need_lists.empty()) {
    notes.push_back(
        fmt::format("{} left out because of a placeholder without a list or a pipeline's refusal (weir rules "
                    "check says which)",
                    counted(loaded.need_lists.size(), "rule was", "rules were")));
  }
  if (!loaded.set.correlations.empty()) {
    notes.push_back(fmt::format(
        "{} read but not run: a scan looks at single events yet; the rules that they name alert on their own",
        counted(loaded.set.correlations.size(), "correlation rule was", "correlation rules were")));
  }
  add_note_on_logsources(loaded, options, counts, notes);
  return notes;
}

}  // namespace weir::app
