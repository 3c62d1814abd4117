#include "sigma/parameters.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace weir::sigma {

namespace {

constexpr std::string_view kCode = "pipeline";

}  // namespace

std::vector<std::string> texts_of(const yaml::Node& node) {
  std::vector<std::string> texts;
  if (node.is_scalar()) texts.push_back(node.text());
  for (const yaml::Node& item : node.items()) {
    if (item.is_scalar()) texts.push_back(item.text());
  }
  return texts;
}

const yaml::Node* Parameters::required(std::string_view key) const {
  const yaml::Node* value = node_.find(key);
  if (value == nullptr) error(node_, fmt::format("the {} needs '{}'", owner_, key));
  return value;
}

const yaml::Node* Parameters::required_map(std::string_view key) const {
  const yaml::Node* value = required(key);
  if (value == nullptr) return nullptr;
  if (value->is_map() && !value->entries().empty()) return value;
  error(*value, fmt::format("'{}' must be a map", key));
  return nullptr;
}

std::string Parameters::required_text(std::string_view key) const {
  const yaml::Node* value = required(key);
  if (value == nullptr) return {};
  if (!value->is_scalar()) error(*value, fmt::format("'{}' must be a text", key));
  return value->text();
}

std::string Parameters::text(std::string_view key, std::string_view otherwise) const {
  const yaml::Node* value = node_.find(key);
  if (value == nullptr) return std::string(otherwise);
  if (value->is_map() || value->is_sequence()) error(*value, fmt::format("'{}' must be a text", key));
  return value->text();
}

bool Parameters::is_true(std::string_view key) const {
  const yaml::Node* value = node_.find(key);
  if (value == nullptr) return false;
  const bool yes = equals_ignoring_case(value->text(), "true");
  if (!yes && !equals_ignoring_case(value->text(), "false")) error(*value, fmt::format("'{}' is true or false", key));
  return yes;
}

std::vector<std::string> Parameters::texts(std::string_view key) const {
  const yaml::Node* value = node_.find(key);
  if (value == nullptr) return {};
  if (value->is_map()) error(*value, fmt::format("'{}' must be a list of texts", key));
  return texts_of(*value);
}

std::string Parameters::choice(std::string_view key, std::span<const std::string_view> known) const {
  const yaml::Node* value = node_.find(key);
  if (value == nullptr) return std::string(known.front());
  if (std::ranges::find(known, value->text()) == known.end()) {
    error(*value, fmt::format("'{}' is not a value of '{}'", shortened(value->text()), key),
          fmt::format("known: {}", fmt::join(known, ", ")));
  }
  return value->text();
}

void Parameters::check_keys(std::span<const std::string_view> known) const {
  for (const yaml::Node::Entry& entry : node_.entries()) {
    if (std::ranges::find(known, entry.key) != known.end()) continue;
    reporter_.error(kCode, reporter_.key(entry),
                    fmt::format("the {} has no parameter '{}'", owner_, shortened(entry.key)),
                    did_you_mean(entry.key, std::vector<std::string_view>(known.begin(), known.end())));
  }
}

void Parameters::error(const yaml::Node& at, std::string message, std::string hint) const {
  reporter_.error(kCode, reporter_.value(at), std::move(message), std::move(hint));
}

}  // namespace weir::sigma
