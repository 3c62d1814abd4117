#include "oracle/regex.h"

#include "base/check.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace weir::oracle {

namespace {

struct Compiled {
  pcre2_code* code = nullptr;
  pcre2_match_data* match = nullptr;
  pcre2_match_context* context = nullptr;

  ~Compiled() {
    pcre2_match_context_free(context);
    pcre2_match_data_free(match);
    pcre2_code_free(code);
  }
};

// The first construct outside character classes that no automaton can do; empty if there is none.
std::string_view unsupported_piece(std::string_view pattern) {
  static constexpr std::string_view kGroups[] = {"(?=", "(?!", "(?<=", "(?<!", "(?>", "(?|",
                                                 "(?(", "(?R", "(?&",  "(?#",  "(*"};
  bool in_class = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const std::string_view rest = pattern.substr(i);
    if (rest.front() == '\\') {
      const char escaped = rest.size() > 1 ? rest[1] : '\0';
      const bool reference = (escaped >= '1' && escaped <= '9') || escaped == 'g' || escaped == 'k';
      if (reference && !in_class) return rest.substr(0, 2);
      ++i;
    } else if (in_class) {
      in_class = rest.front() != ']';
    } else if (rest.front() == '[') {
      in_class = true;
      if (rest.starts_with("[^]"))
        i += 2;
      else if (rest.starts_with("[]"))
        i += 1;
    } else {
      for (const std::string_view group : kGroups) {
        if (rest.starts_with(group)) return group;
      }
      if (rest.starts_with("*+") || rest.starts_with("++") || rest.starts_with("?+") || rest.starts_with("}+")) {
        return rest.substr(0, 2);
      }
    }
  }
  return {};
}

}  // namespace

Result<Regex> Regex::compile(std::string_view pattern, RegexFlags flags) {
  if (const std::string_view piece = unsupported_piece(pattern); !piece.empty()) {
    return fail(ErrorKind::user, "regular expression: '{}' is not supported by Sigma", piece);
  }
  std::uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF;
  if (flags.ignore_case) options |= PCRE2_CASELESS;
  if (flags.multi_line) options |= PCRE2_MULTILINE;
  if (flags.dot_all) options |= PCRE2_DOTALL;
  int error = 0;
  PCRE2_SIZE place = 0;
  const auto compiled = std::make_shared<Compiled>();
  compiled->code =
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), options, &error, &place, nullptr);
  if (compiled->code == nullptr) {
    char message[256] = {};
    pcre2_get_error_message(error, reinterpret_cast<PCRE2_UCHAR*>(message), sizeof message);
    return fail(ErrorKind::user, "regular expression: {} at byte {}", message, place);
  }
  // Without the just-in-time compiler the same matches are found, more slowly.
  pcre2_jit_compile(compiled->code, PCRE2_JIT_COMPLETE);
  compiled->match = pcre2_match_data_create_from_pattern(compiled->code, nullptr);
  compiled->context = pcre2_match_context_create(nullptr);
  pcre2_set_match_limit(compiled->context, 50'000'000);
  Regex regex;
  regex.code_ = compiled;
  return regex;
}

bool Regex::found_in(std::string_view value) const {
  const auto* compiled = static_cast<const Compiled*>(code_.get());
  const int found = pcre2_match(compiled->code, reinterpret_cast<PCRE2_SPTR>(value.data()), value.size(), 0, 0,
                                compiled->match, compiled->context);
  // An oracle that gave up half-way must not pass for one that says no.
  CHECK(found >= 0 || found == PCRE2_ERROR_NOMATCH);
  return found >= 0;
}

}  // namespace weir::oracle
