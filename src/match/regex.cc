#include "match/regex.h"

#include <algorithm>
#include <string>
#include <utility>

#include <re2/filtered_re2.h>
#include <re2/re2.h>

#include "match/fold.h"
#include "match/regex_syntax.h"

namespace weir::match {
namespace {

constexpr std::int64_t kMemoryMax = 8 << 20;
// Shorter literals occur in nearly every value.
constexpr int kLiteralSizeMin = 3;

RE2::Options re2_options() {
  RE2::Options options(RE2::Quiet);
  options.set_max_mem(kMemoryMax);
  return options;
}

std::string with_flags(std::string_view pattern, RegexFlags flags) {
  std::string letters;
  if (flags.ignore_case) letters += 'i';
  if (flags.multi_line) letters += 'm';
  if (flags.dot_all) letters += 's';
  return letters.empty() ? std::string(pattern) : "(?" + letters + ")" + std::string(pattern);
}

// Whether `value` (UTF-8) has `size` characters in a row without a newline, or with any if `dot_all`.
bool has_run(std::string_view value, std::size_t size, bool dot_all) {
  std::size_t run = 0;
  for (std::size_t i = 0; i < value.size() && run < size; ++i) {
    const bool is_continuation = (static_cast<unsigned char>(value[i]) & 0xC0) == 0x80;
    run = value[i] == '\n' && !dot_all ? 0 : run + !is_continuation;
  }
  return run >= size;
}

// See Regex::required_literals.
std::vector<std::string> find_required(const RE2& regex) {
  re2::FilteredRE2 filter(kLiteralSizeMin);
  int id = 0;
  std::vector<std::string> atoms;
  if (filter.Add(regex.pattern(), re2_options(), &id) != RE2::NoError) return {};
  filter.Compile(&atoms);

  // The filter knows when a set of atoms allows a match. A set is required if all the others together do not allow one.
  // Beginning with all atoms, those that are not needed for that are taken out, the short ones first.
  const auto allows_match = [&](const std::vector<int>& present) {
    std::vector<int> allowed;
    filter.AllPotentials(present, &allowed);
    return !allowed.empty();
  };
  if (atoms.empty() || allows_match({})) return {};
  std::vector<std::pair<std::size_t, int>> order;  // Size and number.
  for (const std::string& atom : atoms) order.emplace_back(atom.size(), static_cast<int>(order.size()));
  std::ranges::sort(order);
  std::vector<int> left_out;
  std::vector<std::string> required;
  for (const auto& [size, atom] : order) {
    left_out.push_back(atom);
    if (!allows_match(left_out)) continue;
    left_out.pop_back();
    std::string buffer;
    required.emplace_back(folded(atoms[static_cast<std::size_t>(atom)], buffer));
  }
  return required;
}

// What is wrong with a pattern that RE2 refused, and what to write instead.
std::string refusal(const RE2& regex) {
  const std::string& at = regex.error_arg();
  switch (regex.error_code()) {
    case RE2::ErrorMissingParen: return "has a '(' that is not closed; a literal one is written '\\('";
    case RE2::ErrorUnexpectedParen: return "has a ')' that closes nothing; a literal one is written '\\)'";
    case RE2::ErrorMissingBracket: return "has a '[' that is not closed; a literal one is written '\\['";
    case RE2::ErrorTrailingBackslash: return "ends with a lone '\\'; a literal one is written '\\\\'";
    case RE2::ErrorRepeatArgument: return fmt::format("has '{}' with nothing before it to repeat", at);
    case RE2::ErrorRepeatOp: return fmt::format("repeats a repetition: '{}'", at);
    case RE2::ErrorRepeatSize: return fmt::format("repeats too often: '{}'; 1,000 times is the most", at);
    case RE2::ErrorBadCharRange: return fmt::format("has the range '{}', which ends before it begins", at);
    case RE2::ErrorBadEscape: return fmt::format("has the unknown escape '{}'", at);
    case RE2::ErrorPatternTooLarge: return "is too large; split it into several";
    case RE2::ErrorBadUTF8: return "is not valid UTF-8";
    default: return fmt::format("is not supported: {}", regex.error());
  }
}

}  // namespace

struct Regex::State {
  State(std::string_view text, RegexFlags given, RegexSyntax read)
      : pattern(text), flags(given), syntax(std::move(read)) {
    if (!syntax.dot_run) re2 = std::make_unique<RE2>(with_flags(syntax.for_re2, flags), re2_options());
  }

  std::string pattern;
  RegexFlags flags;
  RegexSyntax syntax;
  std::unique_ptr<RE2> re2;  // None where a run of characters is all that is asked for.
  std::vector<std::string> required;
};

Regex::Regex(std::unique_ptr<State> state) : state_(std::move(state)) {}
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

Result<Regex> Regex::compile(std::string_view pattern, RegexFlags flags) {
  TRY(RegexSyntax syntax, read_regex_syntax(pattern));
  auto state = std::make_unique<State>(pattern, flags, std::move(syntax));
  if (state->re2 && !state->re2->ok()) {
    return fail(ErrorKind::user, "the regular expression '{}' {}", pattern, refusal(*state->re2));
  }
  if (state->re2) state->required = find_required(*state->re2);
  return Regex(std::move(state));
}

bool Regex::found_in(std::string_view value) const {
  if (value.size() < state_->syntax.size_min) return false;
  if (state_->syntax.dot_run) return has_run(value, *state_->syntax.dot_run, state_->flags.dot_all);
  const re2::StringPiece text(value.data(), value.size());
  if (RE2::PartialMatch(text, *state_->re2)) return true;
  // In PCRE `$` fits before a final newline too, in RE2 only at the very end. So the value is also searched without
  // that newline. (What is not found so: expressions that go on behind the `$` and take the newline, such as `a$\s`.)
  const bool try_before_newline =
      state_->syntax.has_soft_end && !state_->syntax.has_strict_end && value.ends_with('\n');
  return try_before_newline && RE2::PartialMatch(re2::StringPiece(value.data(), value.size() - 1), *state_->re2);
}

std::string Regex::replaced(std::string_view text, std::string_view replacement) const {
  const RE2 regex(with_flags(state_->syntax.for_re2, state_->flags), re2_options());
  std::string result(text);
  RE2::GlobalReplace(&result, regex, re2::StringPiece(replacement.data(), replacement.size()));
  return result;
}

const std::string& Regex::pattern() const {
  return state_->pattern;
}
RegexFlags Regex::flags() const {
  return state_->flags;
}
std::size_t Regex::size_min() const {
  return state_->syntax.size_min;
}

const std::vector<std::string>& Regex::required_literals() const {
  return state_->required;
}

}  // namespace weir::match
