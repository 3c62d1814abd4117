#include "sigma/filter.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "sigma/detection.h"
#include "sigma/metadata.h"

namespace weir::sigma {

namespace {

constexpr std::array<std::string_view, 2> kBodyKeys = {"logsource", "filter"};
constexpr std::array<std::string_view, 1> kOtherKeys = {"rules"};

// `any`, one rule, or a list of them. An empty list means any, as in pySigma.
void read_rules(const yaml::Node& map, Filter& filter, Reporter& reporter) {
  const yaml::Node* node = map.find("rules");
  if (node == nullptr || node->is_null()) {
    filter.any_rule = true;
    reporter.warning("filter-for-all", {map.mark(), 1}, "the filter names no rules, so it is applied to all",
                     "list ids under 'rules', or write 'rules: any'");
    return;
  }
  if (node->is_scalar() && equals_ignoring_case(node->text(), "any")) {
    filter.any_rule = true;
    return;
  }
  filter.rules = read_references(*node, "rules", reporter);
  filter.any_rule = filter.rules.empty() && node->is_sequence();
}

// Whether the condition's first word is "not".
bool begins_with_not(std::string_view condition) {
  condition.remove_prefix(std::min(condition.find_first_not_of(" \t\r\n("), condition.size()));
  const std::string_view word = condition.substr(0, condition.find_first_of(" \t\r\n("));
  return equals_ignoring_case(word, "not");
}

}  // namespace

Filter read_filter(const yaml::Node& document, std::string_view path, Reporter& reporter) {
  Filter filter;
  filter.info = read_info(document, path, kBodyKeys, reporter);
  filter.logsource = read_logsource(document, reporter);
  const yaml::Node& map = *document.find("filter");
  filter.condition = read_detection(map, "filter", kOtherKeys, reporter);
  if (!map.is_map()) return filter;
  read_rules(map, filter, reporter);
  const yaml::Node* condition = map.find("condition");
  if (condition == nullptr) return filter;
  // A selection may be called "not" as well.
  const bool not_is_a_name = std::ranges::any_of(
      map.entries(), [](const yaml::Node::Entry& entry) { return equals_ignoring_case(entry.key, "not"); });
  filter.names_what_stays = condition->is_scalar() && !not_is_a_name && begins_with_not(condition->text());
  if (condition->is_sequence()) {
    reporter.error("condition-syntax", reporter.value(*condition), "a filter has one condition, not a list",
                   "join them with 'or'");
  }
  return filter;
}

}  // namespace weir::sigma
