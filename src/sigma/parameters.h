#pragma once

// The parameters of one step of a pipeline, or of one of its conditions: a map whose mistakes are reported at their
// place. Borrows the node and the reporter. One thread.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sigma/reporter.h"
#include "yaml/node.h"

namespace weir::sigma {

class Parameters {
 public:
  // `owner` is for messages: "transformation 'add_condition'".
  Parameters(const yaml::Node& node, std::string owner, Reporter& reporter)
      : node_(node), owner_(std::move(owner)), reporter_(reporter) {}

  const yaml::Node& node() const { return node_; }
  Reporter& reporter() const { return reporter_; }

  const yaml::Node* find(std::string_view key) const { return node_.find(key); }
  // Reports and returns null if the key is missing.
  const yaml::Node* required(std::string_view key) const;
  const yaml::Node* required_map(std::string_view key) const;
  // Also reports what is no scalar. Empty and reported if it is missing.
  std::string required_text(std::string_view key) const;
  std::string text(std::string_view key, std::string_view otherwise = {}) const;
  bool is_true(std::string_view key) const;
  // A scalar, or a list of scalars.
  std::vector<std::string> texts(std::string_view key) const;
  // Reports a text that is none of `known`.
  std::string choice(std::string_view key, std::span<const std::string_view> known) const;

  // Reports keys that are none of `known`.
  void check_keys(std::span<const std::string_view> known) const;
  void error(const yaml::Node& at, std::string message, std::string hint = {}) const;

 private:
  const yaml::Node& node_;
  std::string owner_;
  Reporter& reporter_;
};

// The texts of a scalar or of a list's scalars.
std::vector<std::string> texts_of(const yaml::Node& node);

}  // namespace weir::sigma
