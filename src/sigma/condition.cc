#include "sigma/condition.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "sigma/reporter.h"

namespace weir::sigma {

namespace {

constexpr std::size_t kTextSizeMax = 64 * 1024;
constexpr std::size_t kDepthMax = 100;
constexpr std::size_t kProblemsMax = 50;

enum class TokenKind { word, open, close, end };

struct Token {
  TokenKind kind = TokenKind::end;
  std::string_view text;
  std::size_t offset = 0;

  bool is(std::string_view keyword) const { return kind == TokenKind::word && equals_ignoring_case(text, keyword); }
};

bool ends_word(char c) {
  return is_space(c) || c == '(' || c == ')';
}

std::vector<Token> split_tokens(std::string_view text) {
  std::vector<Token> tokens;
  std::size_t at = 0;
  while (true) {
    while (at < text.size() && is_space(text[at])) ++at;
    if (at == text.size()) break;
    const std::size_t begin = at;
    if (text[at] == '(' || text[at] == ')') {
      tokens.push_back({text[at] == '(' ? TokenKind::open : TokenKind::close, text.substr(at, 1), at});
      ++at;
      continue;
    }
    while (at < text.size() && !ends_word(text[at])) ++at;
    tokens.push_back({TokenKind::word, text.substr(begin, at - begin), begin});
  }
  tokens.push_back({TokenKind::end, {}, text.size()});
  return tokens;
}

std::size_t count_nodes(const Expr& expr) {
  std::size_t count = 1;
  for (const Expr& child : expr.children) count += count_nodes(child);
  return count;
}

// `*` is the only wildcard of a search-identifier pattern.
bool fits_name(std::string_view name, std::string_view pattern) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return name == pattern;
  if (!name.starts_with(pattern.substr(0, star))) return false;
  name.remove_prefix(star);
  pattern.remove_prefix(star);
  // Each piece between two stars is taken at its first place; the last one must end the name.
  while (true) {
    pattern.remove_prefix(1);
    const std::size_t next = pattern.find('*');
    if (next == std::string_view::npos) return name.ends_with(pattern);
    const std::size_t found = name.find(pattern.substr(0, next));
    if (found == std::string_view::npos) return false;
    name.remove_prefix(found + next);
    pattern.remove_prefix(next);
  }
}

// What people write who think of a programming language.
std::string_view operator_meant(std::string_view word) {
  if (word == "&&" || word == "&" || word == "+") return "and";
  if (word == "||" || word == ",") return "or";
  if (word == "!" || word == "~") return "not";
  return {};
}

class ConditionParser {
 public:
  ConditionParser(std::string_view text, std::span<Selection> selections)
      : tokens_(split_tokens(text)), selections_(selections) {
    for (const Selection& selection : selections) names_.push_back(selection.name);
  }

  ParsedCondition parse() {
    Expr expr = parse_or();
    if (!stopped_ && token().kind != TokenKind::end) fail_at_operand_end();
    return {std::move(expr), std::move(problems_), nodes_};
  }

 private:
  const Token& token(std::size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }

  // Ends the parse: what follows could only be guessed.
  void stop(const Token& at, std::string_view code, std::string message, std::string hint) {
    if (!stopped_) add_problem(at, code, std::move(message), std::move(hint));
    stopped_ = true;
  }

  void add_problem(const Token& at, std::string_view code, std::string message, std::string hint) {
    if (problems_.size() >= kProblemsMax) return;
    problems_.push_back(
        {at.offset, std::max<std::size_t>(1, at.text.size()), std::string(code), std::move(message), std::move(hint)});
  }

  Expr parse_or() { return parse_chain("or", ExprKind::any_of, &ConditionParser::parse_and); }
  Expr parse_and() { return parse_chain("and", ExprKind::all_of, &ConditionParser::parse_not); }

  Expr parse_chain(std::string_view keyword, ExprKind kind, Expr (ConditionParser::*parse_part)()) {
    Expr first = (this->*parse_part)();
    if (stopped_ || !token().is(keyword)) return first;
    Expr chain;
    chain.kind = kind;
    chain.children.push_back(std::move(first));
    while (!stopped_ && token().is(keyword)) {
      ++at_;
      chain.children.push_back((this->*parse_part)());
    }
    return chain;
  }

  Expr parse_not() {
    if (!token().is("not") || is_selection_here()) return parse_operand();
    if (!enter()) return {};
    ++at_;
    Expr negation = negated(parse_not());
    --depth_;
    return negation;
  }

  // A selection may be named like a word of the grammar; it is meant where the grammar has no use for the word.
  bool is_selection_here() const {
    if (std::ranges::find(names_, token().text) == names_.end()) return false;
    const Token& next = token(1);
    return next.kind == TokenKind::end || next.kind == TokenKind::close || next.is("and") || next.is("or");
  }

  Expr parse_operand() {
    if (stopped_) return {};
    const Token& here = token();
    if (here.kind == TokenKind::open) return parse_parentheses();
    if (here.kind != TokenKind::word || ((here.is("and") || here.is("or")) && !is_selection_here())) {
      fail_at_operand();
      return {};
    }
    if (token(1).is("of") && !is_selection_here()) return parse_quantified();
    ++at_;
    return selection_named(here);
  }

  Expr parse_parentheses() {
    const Token& open = token();
    if (!enter()) return {};
    ++at_;
    Expr inner = parse_or();
    --depth_;
    if (stopped_) return {};
    if (token().kind != TokenKind::close) {
      if (token().kind == TokenKind::end) {
        stop(open, "condition-syntax", "this '(' is never closed", "add ')'");
      } else {
        fail_at_operand_end();
      }
      return {};
    }
    ++at_;
    return inner;
  }

  bool enter() {
    if (++depth_ <= kDepthMax) return true;
    stop(token(), "condition-too-deep", fmt::format("nested deeper than {} levels", kDepthMax),
         "name parts of it as selections of their own");
    return false;
  }

  Expr parse_quantified() {
    const Token& quantifier = token();
    const bool any = quantifier.is("1") || quantifier.is("any");
    if (!any && !quantifier.is("all")) {
      stop(quantifier, "condition-syntax", fmt::format("'{} of' does not exist", shortened(quantifier.text)),
           "use '1 of', 'any of' or 'all of'; counting events is a correlation's task");
      return {};
    }
    const Token& pattern = token(2);
    if (pattern.kind != TokenKind::word) {
      stop(pattern, "condition-syntax", fmt::format("after '{} of' stands the name of selections", quantifier.text),
           fmt::format("write '{} of selection_*' or '{} of them'", quantifier.text, quantifier.text));
      return {};
    }
    at_ += 3;
    return selections_fitting(quantifier, pattern, any);
  }

  Expr selections_fitting(const Token& quantifier, const Token& pattern, bool any) {
    // The specification leaves out names with an underscore for `them`; pySigma also for patterns that do not begin so.
    const bool them = pattern.is("them") && std::ranges::find(names_, pattern.text) == names_.end();
    const bool hidden_too = !them && pattern.text.starts_with('_');
    Expr expr;
    expr.kind = any ? ExprKind::any_of : ExprKind::all_of;
    for (Selection& selection : selections_) {
      if (!hidden_too && selection.name.starts_with('_')) continue;
      if (them || fits_name(selection.name, pattern.text)) expr.children.push_back(use(selection, pattern));
    }
    if (expr.children.empty()) {
      add_problem(pattern, "no-selection-fits",
                  fmt::format("no selection fits '{} of {}'", quantifier.text, shortened(pattern.text)),
                  selections_.empty() ? "define selections in 'detection'" : hint_for(pattern.text));
    }
    return expr;
  }

  Expr selection_named(const Token& name) {
    for (Selection& selection : selections_) {
      if (selection.name == name.text) return use(selection, name);
    }
    if (const std::string_view meant = operator_meant(name.text); !meant.empty()) {
      stop(name, "condition-syntax", fmt::format("'{}' is no operator of a condition", name.text),
           fmt::format("write '{}'", meant));
      return {};
    }
    if (name.text.find('*') != std::string_view::npos) {
      add_problem(name, "unknown-selection", fmt::format("'{}' stands for several selections", shortened(name.text)),
                  fmt::format("write '1 of {}' or 'all of {}'", shortened(name.text), shortened(name.text)));
      return {};
    }
    add_problem(name, "unknown-selection", fmt::format("there is no selection '{}'", shortened(name.text)),
                hint_for(name.text));
    return {};
  }

  std::string hint_for(std::string_view text) const {
    std::string bare(text);
    std::erase(bare, '*');
    std::string hint = did_you_mean(bare, names_);
    if (!hint.empty() || names_.empty() || names_.size() > 8) return hint;
    std::string known = "known: ";
    for (const std::string_view name : names_) known += (name == names_.front() ? "" : ", ") + shortened(name);
    return known;
  }

  Expr use(Selection& selection, const Token& at) {
    selection.used = true;
    nodes_ += count_nodes(selection.expr);
    if (nodes_ > kConditionNodesMax) {
      stop(at, "too-large", fmt::format("the condition stands for more than {} values", kConditionNodesMax),
           "name each selection once");
      return {};
    }
    return selection.expr;
  }

  void fail_at_operand() {
    const Token& here = token();
    if (here.kind == TokenKind::end) {
      const Token& last = at_ > 0 ? tokens_[at_ - 1] : here;
      if (at_ == 0) {
        stop(last, "condition-syntax", "the condition is empty", "name a selection");
      } else {
        stop(last, "condition-syntax", fmt::format("something is missing after '{}'", last.text),
             "name a selection behind it");
      }
      return;
    }
    stop(here, "condition-syntax", fmt::format("a selection should stand before '{}'", here.text),
         here.kind == TokenKind::close ? "remove the ')' or name a selection" : "name a selection");
  }

  void fail_at_operand_end() {
    const Token& here = token();
    if (here.kind == TokenKind::close) {
      stop(here, "condition-syntax", "this ')' closes nothing", "remove it");
      return;
    }
    const std::string_view meant = operator_meant(here.text);
    if (!meant.empty()) {
      stop(here, "condition-syntax", fmt::format("'{}' is no operator of a condition", here.text),
           fmt::format("write '{}'", meant));
      return;
    }
    stop(here, "condition-syntax", fmt::format("'and' or 'or' is missing before '{}'", shortened(here.text)),
         did_you_mean(here.text, {"and", "or"}));
  }

  std::vector<Token> tokens_;
  std::span<Selection> selections_;
  std::vector<std::string_view> names_;
  std::vector<ConditionProblem> problems_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::size_t nodes_ = 0;
  bool stopped_ = false;
};

// The aggregation expressions of Sigma before 2.0: `selection | count() by User > 5`.
bool find_aggregation(std::string_view text, ParsedCondition& parsed) {
  const std::size_t pipe = text.find('|');
  if (pipe == std::string_view::npos || text.substr(pipe).starts_with("||")) return false;
  parsed.problems.push_back(
      {pipe, text.size() - pipe, "aggregation",
       "aggregations in a condition ('| count() …', '| near …') are no longer part of Sigma",
       "write a correlation document that names this rule: 'correlation: {type: event_count, …}'"});
  return true;
}

}  // namespace

ParsedCondition parse_condition(std::string_view text, std::span<Selection> selections) {
  ParsedCondition parsed;
  if (text.size() > kTextSizeMax) {
    parsed.problems.push_back({0, 1, "too-large",
                               fmt::format("the condition has more than {} characters", kTextSizeMax),
                               "use '1 of selection_*'"});
    return parsed;
  }
  if (find_aggregation(text, parsed)) return parsed;
  parsed = ConditionParser(text, selections).parse();
  // A selection keeps its own label under one for the whole.
  if (!parsed.expr.label.empty() && parsed.expr.label != text) {
    Expr root;
    root.children.push_back(std::move(parsed.expr));
    parsed.expr = std::move(root);
  }
  parsed.expr.label = text;
  return parsed;
}

}  // namespace weir::sigma
