#include "oracle/condition.h"

#include <vector>

namespace weir::oracle {

namespace {

constexpr int kDepthMax = 100;

// `*` stands for any number of characters.
bool name_fits(std::string_view name, std::string_view pattern) {
  if (pattern.empty()) return name.empty();
  if (pattern.front() == '*') {
    return name_fits(name, pattern.substr(1)) || (!name.empty() && name_fits(name.substr(1), pattern));
  }
  return !name.empty() && name.front() == pattern.front() && name_fits(name.substr(1), pattern.substr(1));
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  bool open = false;  // Whether the next character may continue the last word.
  for (const char c : text) {
    const bool bracket = c == '(' || c == ')';
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!bracket && !blank && open) {
      words.back().push_back(c);
    } else if (!blank) {
      words.emplace_back(1, c);
    }
    open = !bracket && !blank;
  }
  return words;
}

// One function for each level of precedence, from least to most binding.
class ConditionReader {
 public:
  ConditionReader(std::string_view text, const Selections& selections)
      : words_(words_of(text)), selections_(selections) {}

  Result<NodePtr> read() {
    TRY(NodePtr node, read_or(0));
    if (!word().empty()) return fail(ErrorKind::user, "condition: unexpected '{}'", word());
    return node;
  }

 private:
  std::string_view word(std::size_t ahead = 0) const {
    return next_ + ahead < words_.size() ? std::string_view(words_[next_ + ahead]) : std::string_view();
  }

  Result<NodePtr> read_or(int depth) {
    std::vector<NodePtr> parts;
    do {
      TRY(NodePtr part, read_and(depth));
      parts.push_back(std::move(part));
    } while (take("or"));
    return join(Node::Kind::any_of, std::move(parts));
  }

  Result<NodePtr> read_and(int depth) {
    std::vector<NodePtr> parts;
    do {
      TRY(NodePtr part, read_not(depth));
      parts.push_back(std::move(part));
    } while (take("and"));
    return join(Node::Kind::all_of, std::move(parts));
  }

  Result<NodePtr> read_not(int depth) {
    if (depth > kDepthMax) return fail(ErrorKind::user, "condition: nested too deeply");
    if (!take("not")) return read_operand(depth);
    TRY(NodePtr part, read_not(depth + 1));
    return join(Node::Kind::negation, {std::move(part)});
  }

  Result<NodePtr> read_operand(int depth) {
    if (take("(")) {
      TRY(NodePtr inside, read_or(depth + 1));
      if (!take(")")) return fail(ErrorKind::user, "condition: ')' is missing");
      return inside;
    }
    if ((word() == "1" || word() == "all") && word(1) == "of") return read_quantifier();
    if (word() == "and" || word() == "or") return fail(ErrorKind::user, "condition: unexpected '{}'", word());
    const auto found = selections_.find(word());
    if (found == selections_.end()) return fail(ErrorKind::user, "condition: there is no selection '{}'", word());
    ++next_;
    return found->second;
  }

  Result<NodePtr> read_quantifier() {
    const bool all = word() == "all";
    const std::string_view pattern = word(2);
    std::vector<NodePtr> parts;
    for (const auto& [name, node] : selections_) {
      const bool hidden = name.starts_with('_') && !pattern.starts_with('_');
      if (!hidden && (pattern == "them" || name_fits(name, pattern))) parts.push_back(node);
    }
    if (parts.empty()) return fail(ErrorKind::user, "condition: no selection fits '{}'", pattern);
    next_ += 3;
    return join(all ? Node::Kind::all_of : Node::Kind::any_of, std::move(parts));
  }

  bool take(std::string_view expected) {
    if (word() != expected) return false;
    ++next_;
    return true;
  }

  std::vector<std::string> words_;
  const Selections& selections_;
  std::size_t next_ = 0;
};

}  // namespace

Result<NodePtr> read_condition(std::string_view text, const Selections& selections) {
  return ConditionReader(text, selections).read();
}

}  // namespace weir::oracle
