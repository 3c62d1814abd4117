#pragma once

// Which log an event comes from, in Sigma's terms (Sigma rules specification, "LogSource"): a rule's logsource names
// up to one product, category and service; an event may belong to several categories and services at once (a line of
// sshd in auth.log is of service sshd and of service auth).

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weir::event {

struct Logsource {
  std::string product;
  std::vector<std::string> categories;
  std::vector<std::string> services;

  auto operator<=>(const Logsource&) const = default;
  bool known() const { return !product.empty() || !categories.empty() || !services.empty(); }
};

// What a rule asks for; an empty part asks for nothing.
struct LogsourceSelector {
  std::string product;
  std::string category;
  std::string service;

  bool operator==(const LogsourceSelector&) const = default;
  // Whether an event of `source` is one that this selector speaks of: every part that is named is the event's.
  bool selects(const Logsource& source) const;
};

// "product=windows,category=process_creation"; several `category=` or `service=` parts may stand.
Result<Logsource> parse_logsource(std::string_view text);

// "windows/process_creation/*" for people.
std::string to_string(const Logsource& source);
std::string to_string(const LogsourceSelector& selector);

}  // namespace weir::event
