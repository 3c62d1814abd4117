#include "oracle/generate.h"

#include <algorithm>

#include "base/json_text.h"
#include "base/utf8.h"
#include "oracle/generate_text.h"
#include "oracle/random.h"

namespace weir::oracle {

namespace {

constexpr std::size_t kEventsPerRule = 16;

const std::vector<std::string>& field_names() {
  static const std::vector<std::string> kNames{"F", "G", "H", "Long.Name"};
  return kNames;
}

class PairMaker {
 public:
  explicit PairMaker(std::uint64_t seed) : random_(seed * 0x2545F4914F6CDD1D + 1) { pair_.seed = seed; }

  Pair make() {
    pair_.placeholders = {{"name", {"ab", "a*", "k?"}}, {"other", {"B"}}};
    make_rule();
    for (std::size_t i = 0; i < kEventsPerRule; ++i) pair_.events.push_back(make_event());
    return std::move(pair_);
  }

 private:
  void make_rule() {
    static const std::vector<std::string> kNames{"sel_a", "sel_b", "sel", "filter_a", "filter_b", "_hidden"};
    const std::size_t first = random_.below(3);
    for (std::size_t count = 1 + random_.below(3); count > 0; --count) {
      pair_.parts.selections.push_back(make_selection(kNames[(first + pair_.parts.selections.size()) % kNames.size()]));
    }
    for (std::size_t count = random_.chance(10) ? 2 : 1; count > 0; --count) {
      pair_.parts.conditions.push_back(make_condition(2));
    }
    if (random_.chance(10)) pair_.parts.category = "cat";
    if (random_.chance(5)) pair_.parts.filter = make_selection("selection");
  }

  RuleSelection make_selection(const std::string& name) {
    RuleSelection selection;
    selection.name = name;
    if (random_.chance(15)) {
      for (std::size_t count = 1 + random_.below(2); count > 0; --count) {
        selection.keywords.push_back({random_sigma_text(random_, false), true});
      }
      if (random_.chance(70)) return selection;  // Else a list of keywords and maps.
    }
    for (std::size_t count = random_.chance(20) ? 2 : 1; count > 0; --count) {
      std::vector<RuleItem> map;
      for (std::size_t items = 1 + random_.below(2); items > 0; --items) {
        RuleItem item = make_item();
        const bool taken = std::any_of(map.begin(), map.end(), [&](const RuleItem& one) {
          return one.field == item.field && one.modifiers == item.modifiers;
        });
        if (!taken) map.push_back(std::move(item));
      }
      selection.maps.push_back(std::move(map));
    }
    return selection;
  }

  RuleItem make_item() {
    RuleItem item;
    item.field = random_.pick(field_names());
    switch (random_.below(20)) {
      case 0: return make_plain(item, {"re"}, [&] { return make_regex(); });
      case 1: return make_plain(item, {"re", random_.pick<std::string>({"i", "m", "s"})}, [&] { return make_regex(); });
      case 2: return make_plain(item, {"cidr"}, [&] { return RuleValue{random_network(random_), true}; });
      case 3: {
        const std::string comparison = random_.pick<std::string>({"lt", "lte", "gt", "gte"});
        return make_plain(item, {comparison}, [&] { return RuleValue{random_number(random_), false}; });
      }
      case 4: return make_time(item);
      case 5: return make_field_ref(item);
      case 6:
        item.modifiers = {"exists"};
        item.values = {{random_.chance(50) ? "true" : "false", false}};
        return item;
      case 7:
        item.values = {{"null", false}};
        if (random_.chance(20)) item.modifiers = {"neq"};
        return item;
      case 8:
        return make_plain(item, {},
                          [&] { return RuleValue{random_.chance(70) ? random_number(random_) : "true", false}; });
      case 9: return make_plain(item, {}, [&] { return RuleValue{"", true}; });
      case 10: return make_encoded(item);
      case 11: return make_expanded(item);
      default: return make_text(item);
    }
  }

  template <typename MakeValue>
  RuleItem make_plain(RuleItem item, std::vector<std::string> modifiers, MakeValue make_value) {
    item.modifiers = std::move(modifiers);
    for (std::size_t count = random_.chance(30) ? 2 : 1; count > 0; --count) item.values.push_back(make_value());
    item.as_list = random_.chance(20);
    add_linking(item);
    return item;
  }

  void add_linking(RuleItem& item) {
    const auto insert = [&](const std::string& modifier) {
      // Flags stay behind `re`.
      const bool front = random_.chance(50) || (item.modifiers.size() > 1 && item.modifiers.front() == "re");
      item.modifiers.insert(front ? item.modifiers.begin() : item.modifiers.end(), modifier);
    };
    if (item.values.size() > 1 && random_.chance(35)) insert("all");
    if (random_.chance(8)) insert("neq");
  }

  RuleItem make_text(RuleItem item) {
    std::vector<std::string> modifiers;
    if (random_.chance(60)) modifiers.push_back(random_.pick<std::string>({"contains", "startswith", "endswith"}));
    if (random_.chance(12)) modifiers.insert(random_.chance(50) ? modifiers.begin() : modifiers.end(), "cased");
    if (random_.chance(12)) modifiers.insert(random_.chance(50) ? modifiers.begin() : modifiers.end(), "windash");
    if (random_.chance(8)) {
      item.field.clear();
      modifiers = {random_.chance(50) ? "contains" : "cased"};
    }
    return make_plain(std::move(item), std::move(modifiers),
                      [&] { return RuleValue{random_sigma_text(random_, false), true}; });
  }

  RuleItem make_encoded(RuleItem item) {
    std::vector<std::string> modifiers;
    if (random_.chance(50)) modifiers.push_back(random_.pick<std::string>({"wide", "utf16le", "utf16be", "utf16"}));
    const bool offset = random_.chance(50);
    if (modifiers.empty() || random_.chance(70)) modifiers.push_back(offset ? "base64offset" : "base64");
    if (random_.chance(70)) modifiers.push_back(random_.pick<std::string>({"contains", "startswith", "endswith"}));
    if (random_.chance(10)) modifiers.push_back("cased");
    return make_plain(std::move(item), std::move(modifiers), [&] {
      // Of one byte alone hardly anything can be recognised at an offset.
      return RuleValue{"a" + random_sigma_text(random_, true), true};
    });
  }

  RuleItem make_expanded(RuleItem item) {
    std::vector<std::string> modifiers{"expand"};
    if (random_.chance(50)) modifiers.insert(random_.chance(50) ? modifiers.begin() : modifiers.end(), "contains");
    return make_plain(std::move(item), std::move(modifiers), [&] {
      static const std::vector<std::string> kTexts{"%name%", "%other%", "a%name%", "%name%.%other%", "plain", "\\%x"};
      return RuleValue{random_.pick(kTexts), true};
    });
  }

  RuleItem make_time(RuleItem item) {
    static const std::vector<std::string> kParts{"minute", "hour", "day", "week", "month", "year"};
    static const std::vector<std::vector<std::string>> kNumbers{{"10", "30", "59"},     {"10", "12", "23"},
                                                                {"1", "3", "21", "31"}, {"1", "9", "52", "53"},
                                                                {"1", "2", "11", "12"}, {"2020", "2024", "2026"}};
    const std::size_t part = random_.below(kParts.size());
    std::vector<std::string> modifiers{kParts[part]};
    if (random_.chance(40)) modifiers.push_back(random_.pick<std::string>({"lt", "lte", "gt", "gte"}));
    return make_plain(std::move(item), std::move(modifiers),
                      [&] { return RuleValue{random_.pick(kNumbers[part]), false}; });
  }

  RuleItem make_field_ref(RuleItem item) {
    std::vector<std::string> modifiers{"fieldref"};
    if (random_.chance(30))
      modifiers.push_back(random_.pick<std::string>({"contains", "startswith", "endswith", "cased"}));
    return make_plain(std::move(item), std::move(modifiers),
                      [&] { return RuleValue{random_.pick(field_names()), true}; });
  }

  RuleValue make_regex() {
    RegexSample sample = random_regex(random_, 3);
    if (random_.chance(20)) sample.pattern = "^" + sample.pattern;
    if (random_.chance(20)) sample.pattern += "$";
    regex_texts_.push_back(sample.text);
    return {sample.pattern, true};
  }

  RuleCondition make_condition(int depth) {
    const auto join = [&](RuleCondition::Kind kind) {
      RuleCondition condition{kind, "", {}};
      condition.parts.push_back(make_condition(depth - 1));
      condition.parts.push_back(make_condition(depth - 1));
      return condition;
    };
    if (depth > 0) {
      switch (random_.below(6)) {
        case 0: return join(RuleCondition::Kind::all_of);
        case 1:
        case 2: return join(RuleCondition::Kind::any_of);
        case 3: return {RuleCondition::Kind::negation, "", {make_condition(depth - 1)}};
        default: break;
      }
    }
    if (random_.chance(30)) return make_quantifier();
    return {RuleCondition::Kind::name, random_.pick(pair_.parts.selections).name, {}};
  }

  RuleCondition make_quantifier() {
    static const std::vector<std::string> kPatterns{"them", "sel*", "*_a", "s*l*", "filter_*", "sel"};
    const auto visible = [&](const std::string& pattern, const std::string& name) {
      if (name.starts_with('_')) return false;
      if (pattern == "them") return true;
      if (pattern == "sel*") return name.starts_with("sel");
      if (pattern == "*_a") return name.ends_with("_a");
      if (pattern == "s*l*") return name.starts_with("sel");
      if (pattern == "filter_*") return name.starts_with("filter_");
      return name == pattern;
    };
    const std::string& pattern = random_.pick(kPatterns);
    for (const RuleSelection& selection : pair_.parts.selections) {
      if (visible(pattern, selection.name)) {
        return {RuleCondition::Kind::quantifier, (random_.chance(60) ? "1 of " : "all of ") + pattern, {}};
      }
    }
    return {RuleCondition::Kind::name, random_.pick(pair_.parts.selections).name, {}};
  }

  Event make_event() {
    Event event;
    event.logsource.product = random_.chance(97) ? "test" : "other";
    if (!pair_.parts.category.empty() && random_.chance(80)) event.logsource.categories = {"x", pair_.parts.category};
    for (const RuleSelection& selection : pair_.parts.selections) {
      if (random_.chance(75)) aim_at(event, selection);
    }
    if (pair_.parts.filter && random_.chance(40)) aim_at(event, *pair_.parts.filter);
    for (const std::string& field : field_names()) {
      if (random_.chance(20)) event.values.push_back(random_value(field));
    }
    return event;
  }

  void aim_at(Event& event, const RuleSelection& selection) {
    if (!selection.keywords.empty()) {
      RuleItem item{.field = "", .modifiers = {}, .values = selection.keywords, .as_list = true};
      if (random_.chance(70)) aim_at(event, item, random_.pick(selection.keywords));
    }
    if (selection.maps.empty()) return;
    for (const RuleItem& item : random_.pick(selection.maps)) {
      const bool all = std::find(item.modifiers.begin(), item.modifiers.end(), "all") != item.modifiers.end();
      if (!all)
        aim_at(event, item, random_.pick(item.values));
      else
        for (const RuleValue& value : item.values) aim_at(event, item, value);
    }
  }

  void aim_at(Event& event, const RuleItem& item, const RuleValue& value) {
    const std::string field = item.field.empty() ? random_.pick(field_names()) : item.field;
    const bool taken =
        std::any_of(event.values.begin(), event.values.end(), [&](const Value& one) { return one.field == field; });
    if (taken && random_.chance(60)) return;
    if (item.modifiers == std::vector<std::string>{"exists"}) {
      if (random_.chance(50)) event.values.push_back(random_value(field));
      return;
    }
    if (!value.quoted && value.text == "null") {
      if (random_.chance(50)) event.values.push_back({field, ValueKind::null, ""});
      return;
    }
    std::string text = text_for(event, item, value);
    if (random_.chance(12)) text = nearly(random_, text);
    put(event, field, text);
  }

  std::string text_for(const Event& event, const RuleItem& item, const RuleValue& value) {
    const auto has = [&](std::string_view modifier) {
      return std::find(item.modifiers.begin(), item.modifiers.end(), modifier) != item.modifiers.end();
    };
    if (has("re") && !regex_texts_.empty())
      return random_text(random_, 1) + random_.pick(regex_texts_) + random_text(random_, 1);
    if (has("fieldref")) {
      for (const Value& one : event.values) {
        if (one.field == value.text) return one.text + (random_.chance(50) ? "" : random_text(random_, 1));
      }
      return random_text(random_, 2);
    }
    return fitting_text(random_, item, value, pair_.placeholders);
  }

  // Event text is UTF-8 with no line end last, whatever an encoding made of it.
  void put(Event& event, const std::string& field, const std::string& text) {
    std::string clean = repaired_utf8(text);
    while (clean.ends_with('\n')) clean.pop_back();
    const bool number = !clean.empty() && clean.find_first_not_of("0123456789") == std::string::npos &&
                        (clean.size() == 1 || clean.front() != '0');
    ValueKind kind = ValueKind::string;
    if (number && random_.chance(50)) kind = ValueKind::number;
    if (clean == "true" || clean == "false") kind = ValueKind::boolean;
    event.values.push_back({field, kind, clean});
  }

  Value random_value(const std::string& field) {
    if (random_.chance(15)) return {field, ValueKind::null, ""};
    if (random_.chance(15)) return {field, ValueKind::string, ""};
    if (random_.chance(10)) return {field, ValueKind::number, random_number(random_)};
    if (random_.chance(5)) return {field, ValueKind::boolean, random_.chance(50) ? "true" : "false"};
    if (random_.chance(5)) return {field, ValueKind::json, R"({"a":"b","k":[1,2]})"};
    return {field, ValueKind::string, random_text(random_, 6)};
  }

  Random random_;
  Pair pair_;
  std::vector<std::string> regex_texts_;  // In each of them one of the rule's expressions is found.
};

}  // namespace

Pair make_pair(std::uint64_t seed) {
  return PairMaker(seed).make();
}

Verdicts evaluate(const Pair& pair) {
  TRY(const Rule rule, read_rule(pair.rule_text(), pair.placeholders));
  std::vector<bool> verdicts;
  for (const Event& event : pair.events) verdicts.push_back(rule.fires(ReadEvent(event)));
  return verdicts;
}

}  // namespace weir::oracle
