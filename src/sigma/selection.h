#pragma once

// The searches of a detection to trees (Sigma rules specification, "Detection"): maps are AND, lists are OR, a list of
// plain values without a field is keywords. Mistakes go to the reporter; a tree that was reported on is not to be used.

#include <cstddef>
#include <string>
#include <vector>

#include "sigma/modifier.h"
#include "sigma/reporter.h"
#include "sigma/rule.h"
#include "yaml/node.h"

namespace weir::sigma {

struct Selection {
  std::string name;
  Expr expr;
  bool used = false;  // A condition speaks of it.
};

class SelectionReader {
 public:
  explicit SelectionReader(Reporter& reporter) : reporter_(reporter) {}

  Selection read(const yaml::Node::Entry& entry);

 private:
  // `Field|modifier|modifier` taken apart.
  struct Key {
    std::string field;
    yaml::Mark mark;
    std::vector<Modifier> modifiers;
    bool all = false;
    bool neq = false;
    bool usable = true;
  };

  Expr read_definition(const yaml::Node& node, std::string_view name);
  Expr read_list(const yaml::Node& list, std::string_view name);
  Expr read_map(const yaml::Node& map);
  Expr read_keyword(const yaml::Node& scalar);
  Expr read_item(const yaml::Node::Entry& entry);
  Key read_key(const yaml::Node::Entry& entry);
  void check_key(const yaml::Node::Entry& entry, const Key& key, const std::vector<std::size_t>& offsets);
  Expr read_value(const Key& key, const yaml::Node& value, bool in_list);
  Expr read_null(const Key& key, const yaml::Node& value, bool in_list);
  void warn_of_rewritten_number(const yaml::Node& node, const Scalar& scalar);
  Expr make_leaf(const Key& key, ValueTest test, const yaml::Node& value);

  Reporter& reporter_;
  std::size_t leaves_ = 0;
};

}  // namespace weir::sigma
