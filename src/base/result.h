#pragma once

// Failures we expect are values: a function that can fail returns Result<T>. Error::kind says who acts next, the
// message says what, where and what to do. TRY hands an error on to the caller.

#include <expected>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace weir {

enum class ErrorKind {
  user,      // Fix the rule, the option or the configuration.
  external,  // Another system failed; trying again may help.
  corrupt,   // Data is damaged; repair or set aside.
};

struct Error {
  ErrorKind kind = ErrorKind::user;
  std::string message;
};

template <typename T>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
};

using Status = Result<void>;

template <typename... Args>
std::unexpected<Error> fail(ErrorKind kind, fmt::format_string<Args...> format, Args&&... args) {
  return std::unexpected<Error>(Error{kind, fmt::format(format, std::forward<Args>(args)...)});
}

}  // namespace weir

#define WEIR_JOIN_INNER(a, b) a##b
#define WEIR_JOIN(a, b) WEIR_JOIN_INNER(a, b)

#define WEIR_TRY_VALUE(temporary, target, expression)                                  \
  auto temporary = (expression);                                                       \
  if (!temporary) return std::unexpected<::weir::Error>(std::move(temporary).error()); \
  target = std::move(*temporary)

#define WEIR_TRY_STATUS(temporary, expression) \
  if (auto temporary = (expression); !temporary) return std::unexpected<::weir::Error>(std::move(temporary).error())

#define WEIR_TRY_PICK(_1, _2, name, ...) name
#define WEIR_TRY_2(target, expression) WEIR_TRY_VALUE(WEIR_JOIN(try_result_, __LINE__), target, expression)
#define WEIR_TRY_1(expression) WEIR_TRY_STATUS(WEIR_JOIN(try_result_, __LINE__), expression)

// TRY(auto x, f()) assigns the value or returns the error; TRY(g()) is for a Status. The first form is several
// statements: it needs braces below an `if`.
#define TRY(...) WEIR_TRY_PICK(__VA_ARGS__, WEIR_TRY_2, WEIR_TRY_1)(__VA_ARGS__)
