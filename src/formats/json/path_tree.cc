#include "formats/json/path_tree.h"

#include "base/check.h"
#include "base/hash.h"
#include "base/json_text.h"
#include "formats/json/ecs_names.h"
#include "formats/json/structure.h"
#include "formats/json/wrapper.h"

namespace weir::formats::json {
namespace {

std::size_t hash_of(const Node* parent, std::string_view key) {
  constexpr std::uint64_t kMix = 0x9E37'79B9'7F4A'7C15;
  return seeded_hash(key) ^ (reinterpret_cast<std::uintptr_t>(parent) * kMix >> 16);
}

std::string unescaped(std::string_view key) {
  std::string text(key.size(), '\0');
  text.resize(unescape_json(key, text.data()));
  return text;
}

}  // namespace

PathTree::PathTree(const event::FieldTable& table) : table_(table), names_(table), slots_(1024) {
  clear(nothing_);
  nothing_.key_size = Structure::kNoMark;
  clear(root_);
  alignas(8) static constexpr char kEventData[16] = "EventData";
  event_data_ = child(&root_, {kEventData, 9}, 1);
}

void PathTree::clear(Node& node) {
  node = Node{};
  node.next = node.inside = {&nothing_, &nothing_};
}

const event::Field* PathTree::field(std::string_view name) {
  if (name.size() <= kValueNameBytesMax) return names_.resolve(name);
  const event::Field* known = table_.find(name);
  return known != nullptr ? known : &unnamed_;
}

Node* PathTree::child(Node* parent, std::string_view key, unsigned depth) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = hash_of(parent, key) & mask;
  for (; slots_[slot] != nullptr; slot = (slot + 1) & mask) {
    Node* const node = slots_[slot];
    if (node->parent == parent && std::string_view(node->key, node->key_size) == key) return node;
  }
  if (parent->borrowed || key.size() > kKeyBytesMax || nodes_.size() >= kNodesMax || name_bytes_ >= kNameBytesMax) {
    return borrow(*parent, key, depth);
  }
  Node& node = nodes_.emplace_back();
  clear(node);
  char* const bytes = keys_.allocate(key.size() + 8);
  std::memcpy(bytes, key.data(), key.size());
  std::memset(bytes + key.size(), 0, 8);
  node.key = bytes;
  node.key_size = static_cast<std::uint32_t>(key.size());
  name(node, *parent, key);
  name_bytes_ += node.place.path.size() + node.place.name.size() + node.place.prefix.size() + key.size();
  node.field = names_.resolve(node.place.name);
  slots_[slot] = &node;
  if (nodes_.size() * 2 > slots_.size()) grow();
  return &node;
}

Node* PathTree::borrow(const Node& parent, std::string_view key, unsigned depth) {
  CHECK_LT(depth, borrowed_.size());
  Node& node = borrowed_[depth];
  clear(node);
  node.borrowed = true;
  node.key_size = Structure::kNoMark;  // Equal to no key, should another node remember this one as its follower.
  name(node, parent, key.substr(0, kKeyBytesMax));
  const event::Field* known = table_.find(node.place.name);
  node.field = known != nullptr ? known : &unnamed_;
  return &node;
}

void PathTree::name(Node& node, const Node& parent, std::string_view key) {
  const std::string text = unescaped(key);
  node.parent = &parent;
  node.place = place_below(parent.place, text);
  node.level = node.place.level;
  node.mark = mark_of_field(node.place.name);
  if (node.mark == Mark::none) {
    node.ecs = EcsNames::number_of(node.place.name);
    if (node.ecs != 0) node.mark = Mark::ecs;
  }
  node.wraps = &parent == &root_ && (is_wrapper_key(text) || is_companion_key(text));
  if (parent.level == Level::data_list || parent.level == Level::data_attributes) {
    node.mark = Mark::none;
    if (text == "@Name" || text == "Name") node.mark = Mark::event_data_name;
    if (parent.level == Level::data_list && node.place.name == "Data") node.mark = Mark::event_data_text;
  }
  node.whole = table_.find(node.place.name);
  if (!node.place.alias.empty()) {
    node.second = names_.resolve(node.place.alias);
    if (node.mark == Mark::none) node.mark = mark_of_field(node.place.alias);
  } else if (node.place.path != node.place.name) {
    node.second = table_.find(node.place.path);  // A rule may name the place as it is written.
    if (node.whole == nullptr) node.whole = node.second;
  }
}

void PathTree::grow() {
  std::vector<Node*> larger(slots_.size() * 2);
  const std::size_t mask = larger.size() - 1;
  for (Node& node : nodes_) {
    std::size_t slot = hash_of(node.parent, {node.key, node.key_size}) & mask;
    while (larger[slot] != nullptr) slot = (slot + 1) & mask;
    larger[slot] = &node;
  }
  slots_ = std::move(larger);
}

}  // namespace weir::formats::json
