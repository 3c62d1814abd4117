#pragma once

// The value of sasl.jaas.config, as far as user and password stand in it: one login module of Kafka's, PLAIN or SCRAM,
// "…PlainLoginModule required username="u" password="p";". Pure.

#include <string>
#include <string_view>

#include "base/result.h"

namespace weir::kafka {

struct JaasLogin {
  bool is_scram = false;
  std::string user;
  std::string password;
};

// ErrorKind::user for other modules, other text, or if one of the two is missing. Messages never hold the password.
Result<JaasLogin> parse_jaas(std::string_view text);

}  // namespace weir::kafka
