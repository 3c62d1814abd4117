#pragma once

// Every place in a JSON document that a parser has met, as a tree of keys: what a value there feeds is worked out once
// and then found by following the keys. Records of one source repeat their keys in the same order, so each node
// remembers which keys came next the last two times; a reader compares those first, and asks `child` only when it is
// another.
//
// Bounded: past kNodesMax nodes or kNameBytesMax bytes of names, unknown keys are served by one borrowed node per
// depth, slower but just as right (names that no rule reads then share one Field). Nodes stay as long as the tree. One
// thread at a time.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "event/field.h"
#include "formats/json/mark.h"
#include "formats/json/naming.h"

namespace weir::formats::json {

inline constexpr unsigned kDepthMax = 64;

struct Node;

// The keys that came at one point of the document in the last records, the latest first. Never null.
struct Followers {
  Node* last;
  Node* earlier;
};

struct Node {
  const char* key = "";  // As written, escapes and all; readable to the next multiple of 8 bytes.
  std::uint32_t key_size = 0;
  Mark mark = Mark::none;
  std::uint8_t ecs = 0;  // With Mark::ecs: its number in ecs_names.h.
  Level level = Level::root;
  bool wraps = false;     // "Records" and the like, and what stands beside it: see wrapper.h.
  bool borrowed = false;  // Not part of the tree.
  Followers next{};       // The keys that followed this one.
  Followers inside{};     // The keys that came first inside.
  const event::Field* field = nullptr;
  const event::Field* second = nullptr;  // May be null.
  const event::Field* whole = nullptr;   // Set if a rule reads the name of this place: objects and arrays feed it too.
  const Node* parent = nullptr;
  Place place;
};

// Whether two runs of `size` bytes are the same; both are readable to the next multiple of 8.
inline bool same_bytes(const char* a, const char* b, std::size_t size) {
  if constexpr (std::endian::native != std::endian::little) return std::memcmp(a, b, size) == 0;
  std::uint64_t x;
  std::uint64_t y;
  for (; size > 8; size -= 8, a += 8, b += 8) {
    std::memcpy(&x, a, 8);
    std::memcpy(&y, b, 8);
    if (x != y) return false;
  }
  if (size == 0) return true;
  std::memcpy(&x, a, 8);
  std::memcpy(&y, b, 8);
  return (x ^ y) << (64 - 8 * size) == 0;
}

class PathTree {
 public:
  static constexpr std::size_t kNodesMax = 65'536;
  static constexpr std::size_t kNameBytesMax = 16 * 1024 * 1024;
  static constexpr std::size_t kKeyBytesMax = 1024;       // Longer keys get a borrowed node and are cut.
  static constexpr std::size_t kValueNameBytesMax = 256;  // Longer names that are values are known to rules or to none.

  explicit PathTree(const event::FieldTable& table);

  Node* root() { return &root_; }
  // The node of `key` (as written, readable to the next multiple of 8) inside an object at `parent`. A node that was
  // borrowed is good until the next call for the same depth.
  Node* child(Node* parent, std::string_view key, unsigned depth);
  // The same, where `key` is not the last of `expected`, which learns it.
  Node* follower(Followers& expected, Node* parent, std::string_view key, unsigned depth) {
    Node* node = expected.earlier;
    if (node->parent != parent || node->key_size != key.size() || !same_bytes(node->key, key.data(), key.size())) {
      node = child(parent, key, depth);
    }
    expected.earlier = expected.last;
    expected.last = node;
    return node;
  }
  Node* event_data() { return event_data_; }  // Of "EventData" at the top of an event.

  // The field of a name that stands as a value, such as {"@Name": …}.
  const event::Field* field(std::string_view name);

 private:
  Node* borrow(const Node& parent, std::string_view key, unsigned depth);
  void name(Node& node, const Node& parent, std::string_view key);
  void grow();
  void clear(Node& node);

  const event::FieldTable& table_;
  event::FieldNames names_;
  Node nothing_;  // What an unknown follower points to: equal to no key.
  Node root_;
  Node* event_data_;
  std::deque<Node> nodes_;
  std::vector<Node*> slots_;  // Open addressing by (parent, key); a power of two.
  Arena keys_;
  std::size_t name_bytes_ = 0;
  std::array<Node, kDepthMax + 2> borrowed_;
  event::Field unnamed_{event::kUnread, "(more field names than weir keeps)"};
};

}  // namespace weir::formats::json
