// Comparing two engines on generated pairs, and making a pair they disagree about small.

#include <functional>

#include "oracle/generate.h"
#include "oracle/text.h"

namespace weir::oracle {

namespace {

enum class Difference { none, a_rejects, b_rejects, verdict };

// How the engines differ, and on which event first.
std::pair<Difference, std::size_t> difference(const Verdicts& a, const Verdicts& b) {
  if (!a || !b) {
    if (!a && !b) return {Difference::none, 0};
    return {!a ? Difference::a_rejects : Difference::b_rejects, 0};
  }
  for (std::size_t i = 0; i < a->size(); ++i) {
    if ((*a)[i] != (*b)[i]) return {Difference::verdict, i};
  }
  return {Difference::none, 0};
}

// Calls `try_one` with the list short of one element, for each element; stops when it says that the change was kept.
template <typename T>
bool try_without(std::vector<T>& list, std::size_t least, const std::function<bool()>& differs) {
  for (std::size_t i = 0; i < list.size() && list.size() > least; ++i) {
    T kept = std::move(list[i]);
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(i));
    if (differs()) return true;
    list.insert(list.begin() + static_cast<std::ptrdiff_t>(i), std::move(kept));
  }
  return false;
}

// Drops one character (a whole code point).
bool try_shorter(std::string& text, const std::function<bool()>& differs) {
  const std::string whole = text;
  for (std::size_t begin = 0; begin < whole.size();) {
    std::size_t end = begin + 1;
    while (end < whole.size() && (static_cast<unsigned char>(whole[end]) & 0xC0) == 0x80) ++end;
    text = whole.substr(0, begin) + whole.substr(end);
    if (differs()) return true;
    begin = end;
  }
  text = whole;
  return false;
}

class Shrinker {
 public:
  Shrinker(Pair pair, const Engine& a, const Engine& b) : pair_(std::move(pair)), a_(a), b_(b) {
    const auto [kind, event] = difference(a_(pair_), b_(pair_));
    wanted_ = kind;
    if (kind == Difference::verdict)
      pair_.events = {pair_.events[event]};
    else
      pair_.events.clear();
  }

  Pair shrink() {
    if (wanted_ == Difference::none) return std::move(pair_);
    while (step()) {
    }
    return std::move(pair_);
  }

 private:
  // One change that keeps the difference; the large ones first.
  bool step() {
    const std::function<bool()> differs = [this] { return difference(a_(pair_), b_(pair_)).first == wanted_; };
    if (pair_.parts.filter) {
      auto filter = std::move(pair_.parts.filter);
      pair_.parts.filter.reset();
      if (differs()) return true;
      pair_.parts.filter = std::move(filter);
    }
    if (try_without(pair_.parts.conditions, 1, differs)) return true;
    for (RuleCondition& condition : pair_.parts.conditions) {
      if (try_simpler(condition, differs)) return true;
    }
    if (try_without(pair_.parts.selections, 1, differs)) return true;
    for (RuleSelection& selection : pair_.parts.selections) {
      if (try_smaller(selection, differs)) return true;
    }
    if (pair_.parts.filter && try_smaller(*pair_.parts.filter, differs)) return true;
    for (Event& event : pair_.events) {
      if (try_without(event.values, 0, differs)) return true;
      for (Value& value : event.values) {
        if (try_shorter(value.text, differs)) return true;
      }
    }
    return false;
  }

  static bool try_simpler(RuleCondition& condition, const std::function<bool()>& differs) {
    for (std::size_t i = 0; i < condition.parts.size(); ++i) {
      const RuleCondition whole = condition;
      condition = RuleCondition(whole.parts[i]);
      if (differs()) return true;
      condition = whole;
      if (try_simpler(condition.parts[i], differs)) return true;
    }
    return false;
  }

  static bool try_smaller(RuleSelection& selection, const std::function<bool()>& differs) {
    const std::size_t least = selection.maps.empty() ? 1 : 0;
    if (try_without(selection.keywords, least, differs)) return true;
    if (try_without(selection.maps, selection.keywords.empty() ? 1 : 0, differs)) return true;
    for (RuleValue& keyword : selection.keywords) {
      if (try_shorter(keyword.text, differs)) return true;
    }
    for (std::vector<RuleItem>& map : selection.maps) {
      if (try_without(map, 1, differs)) return true;
      for (RuleItem& item : map) {
        if (try_without(item.values, 1, differs) || try_without(item.modifiers, 0, differs)) return true;
        for (RuleValue& value : item.values) {
          if (value.quoted && try_shorter(value.text, differs)) return true;
        }
      }
    }
    return false;
  }

  Pair pair_;
  const Engine& a_;
  const Engine& b_;
  Difference wanted_ = Difference::none;
};

std::string says(const Verdicts& verdicts) {
  if (!verdicts) return "rejects the rule: " + verdicts.error().message;
  std::string text;
  for (const bool fires : *verdicts) text += fires ? "fires " : "is silent ";
  return text.empty() ? "accepts the rule" : text;
}

}  // namespace

Pair shrink(Pair pair, const Engine& a, const Engine& b) {
  return Shrinker(std::move(pair), a, b).shrink();
}

std::optional<Disagreement> compare(std::uint64_t first_seed, std::uint64_t count, const Engine& a, const Engine& b) {
  for (std::uint64_t seed = first_seed; seed < first_seed + count; ++seed) {
    const Pair pair = make_pair(seed);
    if (difference(a(pair), b(pair)).first == Difference::none) continue;
    Disagreement disagreement{shrink(pair, a, b), ""};
    std::string& text = disagreement.text;
    text = fmt::format("seed {}\n{}", seed, disagreement.pair.rule_text());
    for (const Event& event : disagreement.pair.events) text += to_text(event);
    text += "a: " + says(a(disagreement.pair)) + "\nb: " + says(b(disagreement.pair)) + "\n";
    return disagreement;
  }
  return std::nullopt;
}

}  // namespace weir::oracle
