#include "match/regex_syntax.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/text.h"
#include "base/utf8.h"

namespace weir::match {
namespace {

constexpr std::size_t kSizeMost = std::size_t{1} << 30;

std::size_t saturated(std::size_t size) {
  return std::min(size, kSizeMost);
}

// The shortest text of what was read of one group: alternatives closed so far, and the open one. A quantifier changes
// `last`, the piece read last.
struct Group {
  std::size_t shortest = kSizeMost;
  std::size_t sum = 0;
  std::size_t last = 0;

  void piece(std::size_t size) {
    sum = saturated(sum + last);
    last = size;
  }
  void alternative() {
    shortest = std::min(shortest, saturated(sum + last));
    sum = last = 0;
  }
};

class Reader {
 public:
  explicit Reader(std::string_view pattern) : pattern_(pattern) {}

  Result<RegexSyntax> read() {
    while (at_ < pattern_.size()) TRY(read_piece());
    // A group that is not closed is RE2's to refuse.
    groups_.front().alternative();
    syntax_.size_min = groups_.front().shortest;
    syntax_.dot_run = dot_run();
    return std::move(syntax_);
  }

 private:
  std::string_view rest() const { return pattern_.substr(at_); }
  Group& group() { return groups_.back(); }

  void copy(std::size_t size) {
    syntax_.for_re2 += pattern_.substr(at_, size);
    at_ = std::min(at_ + size, pattern_.size());
  }

  Status refuse(std::string_view what, std::string_view piece) const {
    return fail(ErrorKind::user,
                "{} '{}' at character {} of the regular expression '{}' is not supported: every expression here takes "
                "linear time",
                what, piece, at_ + 1, pattern_);
  }

  Status read_piece() {
    switch (pattern_[at_]) {
      case '\\': return read_escape();
      case '(': return read_group_begin();
      case '[': read_class(); return {};
      case ')':
        copy(1);
        close_group();
        return {};
      case '|':
        copy(1);
        group().alternative();
        return {};
      case '$': syntax_.has_soft_end = true; [[fallthrough]];
      case '^':
        copy(1);
        group().piece(0);
        return {};
      case '*':
      case '+':
      case '?': return read_quantifier(1, pattern_[at_] == '+' ? 1 : 0);
      case '{':
        if (const auto repeat = read_counts()) return read_quantifier(repeat->size, repeat->least);
        [[fallthrough]];
      default: read_character(); return {};
    }
  }

  void read_character() {
    std::string_view left = rest();
    take_code_point(left);
    copy(rest().size() - left.size());
    // One byte, even for a longer character: without case a shorter one may stand for it (K for the Kelvin sign).
    group().piece(1);
  }

  struct Repeat {
    std::size_t size;
    std::size_t least;
  };

  // `{n}`, `{n,}` or `{n,m}`; any other brace is itself.
  std::optional<Repeat> read_counts() const {
    std::size_t i = at_ + 1;
    const auto skip_digits = [&] {
      const std::size_t begin = i;
      while (i < pattern_.size() && is_digit(pattern_[i])) ++i;
      return pattern_.substr(begin, i - begin);
    };
    const std::string_view least = skip_digits();
    if (least.empty()) return std::nullopt;
    if (i < pattern_.size() && pattern_[i] == ',') {
      ++i;
      skip_digits();
    }
    if (i == pattern_.size() || pattern_[i] != '}') return std::nullopt;
    const std::optional<std::int64_t> count = parse_int(least);
    return Repeat{i + 1 - at_, count ? saturated(static_cast<std::size_t>(*count)) : 0};
  }

  Status read_quantifier(std::size_t size, std::size_t least) {
    const std::size_t end = at_ + size;
    if (end < pattern_.size() && pattern_[end] == '+') {
      return refuse("possessive quantifier", pattern_.substr(at_, size + 1));
    }
    copy(size);
    if (at_ < pattern_.size() && pattern_[at_] == '?') copy(1);
    group().last = saturated(group().last * least);  // Both factors are at most 2^30.
    return {};
  }

  // What a search for `.{n}`, `(.){n,}` and the like comes down to.
  std::optional<std::size_t> dot_run() {
    for (const std::string_view dot : {".{", "(.){", "(?:.){"}) {
      if (!pattern_.starts_with(dot)) continue;
      at_ = dot.size() - 1;
      const std::optional<Repeat> repeat = read_counts();
      // An upper bound is left to RE2, which refuses one below the lower.
      const bool is_bounded = pattern_.find(',') < pattern_.size() - 2;
      if (repeat && !is_bounded && at_ + repeat->size == pattern_.size()) return repeat->least;
    }
    return std::nullopt;
  }

  void close_group() {
    if (groups_.size() == 1) return;
    group().alternative();
    const std::size_t shortest = group().shortest;
    groups_.pop_back();
    group().piece(shortest);
  }

  void open_group(std::size_t prefix_size) {
    copy(prefix_size);
    groups_.emplace_back();
  }

  Status read_group_begin() {
    const std::string_view text = rest();
    if (text.starts_with("(*")) return refuse("control verb", text.substr(0, text.find(')') + 1));
    if (!text.starts_with("(?")) {
      open_group(1);
      return {};
    }
    if (text.starts_with("(?=") || text.starts_with("(?!")) return refuse("look-ahead", text.substr(0, 3));
    if (text.starts_with("(?<=") || text.starts_with("(?<!")) return refuse("look-behind", text.substr(0, 4));
    if (text.starts_with("(?>")) return refuse("atomic group", "(?>");
    if (text.starts_with("(?|")) return refuse("branch reset", "(?|");
    if (text.starts_with("(?(")) return refuse("conditional group", "(?(");
    if (text.starts_with("(?P=")) return refuse("back-reference", text.substr(0, text.find(')') + 1));
    if (text.starts_with("(?P>") || text.starts_with("(?&") || text.starts_with("(?R") ||
        (text.size() > 2 && is_digit(text[2]))) {
      return refuse("recursion", text.substr(0, text.find(')') + 1));
    }
    if (text.starts_with("(?#")) {
      at_ = std::min(pattern_.size(), pattern_.find(')', at_));
      if (at_ < pattern_.size()) ++at_;
      return {};
    }
    return read_group_name_or_flags();
  }

  // (?<name>, (?P<name>, (?flags) and (?flags:
  Status read_group_name_or_flags() {
    const std::string_view text = rest();
    if (text.starts_with("(?<") || text.starts_with("(?P<")) {
      const std::size_t size = std::min(text.find('>'), text.size() - 1) + 1;
      const std::size_t name = text.find('<');
      syntax_.for_re2 += "(?P";
      at_ += name;
      open_group(size - name);
      return {};
    }
    std::size_t end = 2;
    while (end < text.size() && (is_alpha(text[end]) || text[end] == '-')) {
      if (std::string_view("imsU-").find(text[end]) == std::string_view::npos) {
        return refuse("flag", text.substr(end, 1));
      }
      ++end;
    }
    if (end < text.size() && text[end] == ')') {
      copy(end + 1);
      group().piece(0);
    } else {
      open_group(std::min(end + 1, text.size()));
    }
    return {};
  }

  Status read_escape() {
    const char following = at_ + 1 < pattern_.size() ? pattern_[at_ + 1] : '\0';
    switch (following) {
      case 'b':
      case 'B':
      case 'A':
        copy(2);
        group().piece(0);
        return {};
      case 'z':
        syntax_.has_strict_end = true;
        copy(2);
        group().piece(0);
        return {};
      case 'Z':
        syntax_.has_soft_end = true;
        syntax_.for_re2 += "(?-m:$)";
        at_ += 2;
        group().piece(0);
        return {};
      case 'w':
      case 'W':
        // Without case, RE2 adds the Kelvin sign and the long s to the ASCII letters; PCRE does not.
        syntax_.for_re2 += following == 'w' ? "(?-i:\\w)" : "(?-i:\\W)";
        at_ += 2;
        group().piece(1);
        return {};
      case 'k':
      case 'g': return refuse("back-reference", rest().substr(0, 2));
      case 'Q': read_quoted(); return {};
      default: break;
    }
    // A single digit refers back; more of them are an octal number if RE2 takes them for one.
    const bool is_single_digit =
        following >= '1' && following <= '9' && (at_ + 2 == pattern_.size() || !is_digit(pattern_[at_ + 2]));
    if (is_single_digit) return refuse("back-reference", rest().substr(0, 2));
    read_escaped_character();
    return {};
  }

  // \d, \., \n, \x41, \x{41}, \pN, \p{Greek}, \101: one character each.
  void read_escaped_character() {
    const std::string_view text = rest();
    std::size_t size = 1;
    if (text.size() > 1) {
      std::string_view left = text.substr(1);
      take_code_point(left);
      size = text.size() - left.size();
    }
    const char kind = text.size() > 1 ? text[1] : '\0';
    const bool takes_argument = kind == 'x' || kind == 'p' || kind == 'P';
    if (takes_argument && text.size() > 2 && text[2] == '{') {
      size = std::min(text.find('}'), text.size() - 1) + 1;
    } else if (kind == 'x') {
      while (size < 4 && size < text.size() && hex_value(text[size]) >= 0) ++size;
    } else if (takes_argument) {
      size = std::min<std::size_t>(text.size(), 3);
    } else if (is_digit(kind)) {
      while (size < 4 && size < text.size() && text[size] >= '0' && text[size] <= '7') ++size;
    }
    copy(size);
    group().piece(1);
  }

  void read_quoted() {
    const std::size_t end = std::min(pattern_.find("\\E", at_), pattern_.size());
    copy(2);
    while (at_ < end) read_character();
    copy(2);
  }

  // [...]: one character. A `]` that comes first is itself.
  void read_class() {
    const std::string_view text = rest();
    std::size_t end = 1;
    if (end < text.size() && text[end] == '^') ++end;
    if (end < text.size() && text[end] == ']') ++end;
    while (end < text.size() && text[end] != ']') {
      if (text[end] == '\\') {
        ++end;
      } else if (text.substr(end).starts_with("[:")) {
        const std::size_t close = text.find(":]", end + 2);
        if (close != std::string_view::npos) end = close + 1;
      }
      ++end;
    }
    copy(end + 1);
    group().piece(1);
  }

  std::string_view pattern_;
  std::size_t at_ = 0;
  std::vector<Group> groups_ = {Group{}};
  RegexSyntax syntax_;
};

}  // namespace

Result<RegexSyntax> read_regex_syntax(std::string_view pattern) {
  return Reader(pattern).read();
}

}  // namespace weir::match
