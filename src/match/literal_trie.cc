#include "match/literal_trie.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace weir::match {
namespace {

// The byte at `depth` steps from the side where walking begins.
char byte_at(std::string_view text, std::size_t depth, Side side) {
  return side == Side::front ? text[depth] : text[text.size() - 1 - depth];
}

bool before(std::string_view a, std::string_view b, Side side) {
  if (side == Side::front) return a < b;
  const auto less = [](char x, char y) { return static_cast<unsigned char>(x) < static_cast<unsigned char>(y); };
  return std::lexicographical_compare(a.rbegin(), a.rend(), b.rbegin(), b.rend(), less);
}

}  // namespace

// Literals [first, last) of the sorted list agree in their first `depth` bytes and belong to `node`.
struct LiteralTrie::Range {
  std::size_t first;
  std::size_t last;
  std::size_t depth;
  std::size_t node;
};

void LiteralTrie::build(Side side, std::string_view texts, std::vector<TrieLiteral> literals) {
  side_ = side;
  nodes_.clear();
  branch_bytes_.clear();
  indices_.clear();
  if (literals.empty()) return;
  std::ranges::sort(literals, [&](const TrieLiteral& a, const TrieLiteral& b) { return before(a.text, b.text, side); });
  nodes_.emplace_back();
  branch_bytes_.push_back(byte_at(literals.front().text, 0, side));
  std::vector<Range> open = {{0, literals.size(), 0, 0}};
  while (!open.empty()) {
    const Range range = open.back();
    open.pop_back();
    fill(literals, texts, range, open);
  }
}

void LiteralTrie::fill(const std::vector<TrieLiteral>& sorted, std::string_view texts, Range range,
                       std::vector<Range>& open) {
  const std::string_view low = sorted[range.first].text;
  const std::string_view high = sorted[range.last - 1].text;
  std::size_t depth = range.depth;
  while (depth < low.size() && depth < high.size() && byte_at(low, depth, side_) == byte_at(high, depth, side_))
    ++depth;

  Node node{};
  const std::size_t label_offset = side_ == Side::front ? range.depth : low.size() - depth;
  node.label_begin = static_cast<std::uint32_t>(low.data() - texts.data() + static_cast<std::ptrdiff_t>(label_offset));
  node.label_size = static_cast<std::uint32_t>(depth - range.depth);
  node.found_begin = static_cast<std::uint32_t>(indices_.size());
  std::size_t next = range.first;
  for (; next < range.last && sorted[next].text.size() == depth; ++next) indices_.push_back(sorted[next].index);
  node.found_count = static_cast<std::uint32_t>(indices_.size()) - node.found_begin;

  node.child_begin = static_cast<std::uint32_t>(nodes_.size());
  while (next < range.last) {
    const char branch = byte_at(sorted[next].text, depth, side_);
    std::size_t end = next + 1;
    while (end < range.last && byte_at(sorted[end].text, depth, side_) == branch) ++end;
    open.push_back({next, end, depth, nodes_.size()});
    nodes_.emplace_back();
    branch_bytes_.push_back(branch);
    next = end;
  }
  node.child_count = static_cast<std::uint32_t>(nodes_.size()) - node.child_begin;
  nodes_[range.node] = node;
}

void LiteralTrie::walk(std::string_view value, std::string_view texts, std::vector<std::uint32_t>& found) const {
  if (nodes_.empty()) return;
  std::size_t node_index = 0;
  std::size_t depth = 0;
  while (true) {
    const Node& node = nodes_[node_index];
    if (value.size() - depth < node.label_size) return;
    const std::size_t at = side_ == Side::front ? depth : value.size() - depth - node.label_size;
    if (std::memcmp(value.data() + at, texts.data() + node.label_begin, node.label_size) != 0) return;
    depth += node.label_size;
    for (std::uint32_t i = 0; i < node.found_count; ++i) found.push_back(indices_[node.found_begin + i]);
    if (depth == value.size() || node.child_count == 0) return;
    const char* branches = branch_bytes_.data() + node.child_begin;
    const void* branch = std::memchr(branches, byte_at(value, depth, side_), node.child_count);
    if (branch == nullptr) return;
    node_index = node.child_begin + static_cast<std::size_t>(static_cast<const char*>(branch) - branches);
  }
}

std::size_t LiteralTrie::memory() const {
  return nodes_.capacity() * sizeof(Node) + branch_bytes_.capacity() + indices_.capacity() * sizeof(std::uint32_t);
}

}  // namespace weir::match
