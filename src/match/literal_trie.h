#pragma once

// A compressed trie over literals, walked from the front or from the back of a value: finds all literals that the value
// begins or ends with. A node's label is a piece of some literal's text. Immutable once built; any thread may walk.

#include <cstdint>
#include <string_view>
#include <vector>

namespace weir::match {

enum class Side : std::uint8_t { front, back };

struct TrieLiteral {
  std::string_view text;  // Not empty. Only looked at while building, except through `texts` of walk().
  std::uint32_t index;    // The caller's.
};

class LiteralTrie {
 public:
  // All texts lie in `texts`, of which walk() needs the same bytes again (they may have moved).
  void build(Side side, std::string_view texts, std::vector<TrieLiteral> literals);

  // Appends the indices of the literals that `value` begins (ends) with.
  void walk(std::string_view value, std::string_view texts, std::vector<std::uint32_t>& found) const;

  bool empty() const { return nodes_.empty(); }
  std::size_t memory() const;

 private:
  struct Node {
    std::uint32_t label_begin;  // In `texts`.
    std::uint32_t label_size;
    std::uint32_t child_begin;  // In nodes_.
    std::uint32_t child_count;
    std::uint32_t found_begin;  // In indices_: the literals that end here.
    std::uint32_t found_count;
  };
  struct Range;

  void fill(const std::vector<TrieLiteral>& sorted, std::string_view texts, Range range, std::vector<Range>& open);

  Side side_ = Side::front;
  std::vector<Node> nodes_;
  std::vector<char> branch_bytes_;  // Of each node: the first byte of its label in walking order.
  std::vector<std::uint32_t> indices_;
};

}  // namespace weir::match
