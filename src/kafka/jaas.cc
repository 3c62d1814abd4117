#include "kafka/jaas.h"

#include <optional>

#include "base/text.h"

namespace weir::kafka {

namespace {

constexpr std::string_view kPlain = "org.apache.kafka.common.security.plain.PlainLoginModule";
constexpr std::string_view kScram = "org.apache.kafka.common.security.scram.ScramLoginModule";

void skip_space(std::string_view& text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
}

std::string_view take_word(std::string_view& text) {
  skip_space(text);
  std::size_t size = 0;
  while (size < text.size() && !is_space(text[size]) && !std::string_view("=;\"'").contains(text[size])) ++size;
  const std::string_view word = text.substr(0, size);
  text.remove_prefix(size);
  return word;
}

// A quoted text, in which a backslash takes the next character as it is, or a bare word.
std::optional<std::string> take_value(std::string_view& text) {
  skip_space(text);
  if (text.empty() || (text.front() != '"' && text.front() != '\'')) {
    const std::string_view word = take_word(text);
    if (word.empty()) return std::nullopt;
    return std::string(word);
  }
  const char quote = text.front();
  text.remove_prefix(1);
  std::string out;
  while (!text.empty() && text.front() != quote) {
    if (text.front() == '\\' && text.size() > 1) text.remove_prefix(1);
    out += text.front();
    text.remove_prefix(1);
  }
  if (!take(text, quote)) return std::nullopt;
  return out;
}

}  // namespace

Result<JaasLogin> parse_jaas(std::string_view text) {
  const std::string_view module = take_word(text);
  if (module != kPlain && module != kScram) {
    return fail(ErrorKind::user, "login module '{}' is not known; PlainLoginModule and ScramLoginModule of Kafka are",
                module);
  }
  if (take_word(text) != "required") return fail(ErrorKind::user, "'required' must follow the login module");
  JaasLogin login{module == kScram, "", ""};
  bool has_user = false;
  bool has_password = false;
  for (skip_space(text); !text.empty() && text.front() != ';'; skip_space(text)) {
    const std::string_view name = take_word(text);
    skip_space(text);
    if (name.empty() || !take(text, '=')) return fail(ErrorKind::user, "option=value is expected before the ';'");
    auto value = take_value(text);
    if (!value) return fail(ErrorKind::user, "the value of '{}' has no end", name);
    if (name == "username") {
      login.user = std::move(*value);
      has_user = true;
    } else if (name == "password") {
      login.password = std::move(*value);
      has_password = true;
    } else {
      return fail(ErrorKind::user, "option '{}' is not known; username and password are", name);
    }
  }
  if (!take(text, ';') || !trim(text).empty()) return fail(ErrorKind::user, "one login module that ends with ';'");
  if (!has_user || !has_password) return fail(ErrorKind::user, "username and password are both needed");
  return login;
}

}  // namespace weir::kafka
