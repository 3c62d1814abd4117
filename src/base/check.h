#pragma once

// CHECK states what we promise each other. It stays on in release builds, prints both values and stops the process.

#include <fmt/format.h>

namespace weir {

[[noreturn]] void check_failed(const char* file, int line, const char* expression, const std::string& values);

}  // namespace weir

#define CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::weir::check_failed(__FILE__, __LINE__, #condition, std::string()))

#define WEIR_CHECK_OP(a, op, b)                                                                                \
  do {                                                                                                         \
    const auto& check_a = (a);                                                                                 \
    const auto& check_b = (b);                                                                                 \
    if (!(check_a op check_b)) {                                                                               \
      ::weir::check_failed(__FILE__, __LINE__, #a " " #op " " #b, fmt::format("{} and {}", check_a, check_b)); \
    }                                                                                                          \
  } while (false)

#define CHECK_EQ(a, b) WEIR_CHECK_OP(a, ==, b)
#define CHECK_LT(a, b) WEIR_CHECK_OP(a, <, b)
#define CHECK_LE(a, b) WEIR_CHECK_OP(a, <=, b)
#define CHECK_GE(a, b) WEIR_CHECK_OP(a, >=, b)
