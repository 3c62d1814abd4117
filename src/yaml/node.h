#pragma once

// YAML text to a tree with places, for rules, pipelines, test files and configuration. Text from outside is hostile:
// anchors and aliases are refused (a few hundred bytes of them can stand for millions of nodes), depth, node count and
// size are limited, duplicate keys are errors. Pure; the tree owns its text. What rules mostly look like is read by
// block_reader.h, everything else by libyaml.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace weir::yaml {

// Lines and columns count from 1; columns count code points.
struct Mark {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

enum class NodeKind : std::uint8_t { null, scalar, sequence, map };

class Node {
 public:
  struct Entry;

  NodeKind kind() const { return kind_; }
  bool is_null() const { return kind_ == NodeKind::null; }
  bool is_scalar() const { return kind_ == NodeKind::scalar; }
  bool is_sequence() const { return kind_ == NodeKind::sequence; }
  bool is_map() const { return kind_ == NodeKind::map; }

  Mark mark() const { return mark_; }
  // The scalar's text after quotes and escapes; empty for the others.
  const std::string& text() const { return text_; }
  // A plain scalar may be a number or a boolean; a quoted one is always a string. `null`, `~` and nothing at all,
  // when plain, are NodeKind::null (YAML 1.2.2 core schema, section 10.3.2).
  bool quoted() const { return quoted_; }

  const std::vector<Node>& items() const { return items_; }       // Of a sequence.
  const std::vector<Entry>& entries() const { return entries_; }  // Of a map, in the order written.

  // The value of a map's key; null pointer if absent or this is no map.
  const Node* find(std::string_view key) const;

 private:
  friend class Builder;
  friend class BlockReader;

  NodeKind kind_ = NodeKind::null;
  bool quoted_ = false;
  Mark mark_;
  std::string text_;
  std::vector<Node> items_;
  std::vector<Entry> entries_;
};

struct Node::Entry {
  std::string key;
  Mark key_mark;
  Node value;
};

struct ParseError {
  Mark mark;
  std::string message;
};

struct Limits {
  std::size_t bytes = 4 * 1024 * 1024;
  std::size_t nodes = 200'000;
  std::size_t depth = 64;
};

// A document that breaks one of our rules (duplicate key, alias, unknown tag) is left out of `roots` and the next one
// is read; what is no YAML, or exceeds a limit, ends the reading.
struct Documents {
  std::vector<Node> roots;
  std::vector<ParseError> errors;
};

Documents parse(std::string_view text, const Limits& limits = {});

// `base` with the entries of `over` put in: maps are merged key by key, anything else is replaced.
Node merged(Node base, const Node& over);

}  // namespace weir::yaml
