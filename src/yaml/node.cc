#include "yaml/node.h"

#include <algorithm>
#include <memory>
#include <numeric>

#include <yaml.h>

#include "base/check.h"
#include "yaml/block_reader.h"
#include "yaml/keys.h"

namespace weir::yaml {

namespace {

// Below this many entries a map's keys are compared pair by pair.
constexpr std::size_t kPairwiseKeysMax = 16;

std::string_view view(const yaml_char_t* text, std::size_t size) {
  return {reinterpret_cast<const char*>(text), size};
}

std::string_view view(const yaml_char_t* text) {
  return text == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(text));
}

Mark to_mark(const yaml_mark_t& mark) {
  return {static_cast<std::uint32_t>(mark.line + 1), static_cast<std::uint32_t>(mark.column + 1)};
}

enum class ScalarTag { none, string, typed, null, unsupported };

ScalarTag scalar_tag(std::string_view tag) {
  constexpr std::string_view kPrefix = "tag:yaml.org,2002:";
  if (tag.empty()) return ScalarTag::none;
  if (tag == "!") return ScalarTag::string;
  if (!tag.starts_with(kPrefix)) return ScalarTag::unsupported;
  tag.remove_prefix(kPrefix.size());
  if (tag == "str") return ScalarTag::string;
  if (tag == "int" || tag == "float" || tag == "bool") return ScalarTag::typed;
  if (tag == "null") return ScalarTag::null;
  return ScalarTag::unsupported;
}

bool is_collection_tag(std::string_view tag, std::string_view expected) {
  return tag.empty() || tag == "!" || tag == expected;
}

struct Event {
  yaml_event_t raw{};
  ~Event() { yaml_event_delete(&raw); }
};

}  // namespace

const Node* Node::find(std::string_view key) const {
  for (const Entry& entry : entries_) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

// Turns libyaml's events into trees. It keeps a stack of open collections instead of recursing, so nesting costs memory
// that the limits bound, never stack.
class Builder {
 public:
  Builder(std::string_view text, const Limits& limits, Documents& documents)
      : text_(text), limits_(limits), documents_(documents) {}

  void run() {
    yaml_parser_t parser;
    if (yaml_parser_initialize(&parser) == 0) {
      documents_.errors.push_back({{}, "out of memory"});
      return;
    }
    const std::unique_ptr<yaml_parser_t, decltype(&yaml_parser_delete)> guard(&parser, &yaml_parser_delete);
    yaml_parser_set_input_string(&parser, reinterpret_cast<const unsigned char*>(text_.data()), text_.size());
    while (true) {
      Event event;
      if (yaml_parser_parse(&parser, &event.raw) == 0) {
        add_syntax_error(parser);
        return;
      }
      if (event.raw.type == YAML_STREAM_END_EVENT) return;
      if (!take(event.raw)) return;
    }
  }

  static void merge(Node& base, const Node& over) {
    if (!base.is_map() || !over.is_map()) {
      base = over;
      return;
    }
    for (const Node::Entry& entry : over.entries_) {
      const auto known = std::ranges::find(base.entries_, entry.key, &Node::Entry::key);
      if (known == base.entries_.end()) {
        base.entries_.push_back(entry);
      } else {
        known->key_mark = entry.key_mark;
        merge(known->value, entry.value);
      }
    }
    base.mark_ = over.mark_;
  }

 private:
  // A collection whose end has not been seen.
  struct Open {
    Node node;
    bool has_key = false;  // A map's key was read, its value is next.
    std::string key;
    Mark key_mark;
  };

  // False: the limits are exceeded and reading ends.
  bool take(const yaml_event_t& event) {
    switch (event.type) {
      case YAML_DOCUMENT_START_EVENT: document_errors_ = 0; return true;
      case YAML_DOCUMENT_END_EVENT: end_document(); return true;
      case YAML_ALIAS_EVENT:
        add_error(to_mark(event.start_mark), "aliases (*name) are not supported; write the value out");
        return begin_node(event.start_mark) && place(make_node(NodeKind::null, event.start_mark), event.start_mark);
      case YAML_SCALAR_EVENT: return take_scalar(event);
      case YAML_SEQUENCE_START_EVENT:
        refuse_anchor(event.data.sequence_start.anchor, event.start_mark);
        check_collection_tag(view(event.data.sequence_start.tag), "tag:yaml.org,2002:seq", event.start_mark);
        return open(NodeKind::sequence, event.start_mark);
      case YAML_MAPPING_START_EVENT:
        refuse_anchor(event.data.mapping_start.anchor, event.start_mark);
        check_collection_tag(view(event.data.mapping_start.tag), "tag:yaml.org,2002:map", event.start_mark);
        return open(NodeKind::map, event.start_mark);
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT: return close();
      default: return true;
    }
  }

  bool take_scalar(const yaml_event_t& event) {
    if (!begin_node(event.start_mark)) return false;
    const auto& scalar = event.data.scalar;
    refuse_anchor(scalar.anchor, event.start_mark);
    const std::string_view text = view(scalar.value, scalar.length);
    const bool plain = scalar.style == YAML_PLAIN_SCALAR_STYLE;
    const ScalarTag tag = scalar_tag(view(scalar.tag));
    if (tag == ScalarTag::unsupported) {
      add_error(to_mark(event.start_mark), fmt::format("the tag {} is not supported", view(scalar.tag)));
    }
    const bool is_key = !stack_.empty() && stack_.back().node.is_map() && !stack_.back().has_key;
    const bool is_null = tag == ScalarTag::null || (tag == ScalarTag::none && plain && is_null_text(text));
    if (is_null && !is_key) return place(make_node(NodeKind::null, event.start_mark), event.start_mark);
    Node node = make_node(NodeKind::scalar, event.start_mark);
    node.text_ = text;
    node.quoted_ = tag == ScalarTag::string || (tag != ScalarTag::typed && !plain);
    return place(std::move(node), event.start_mark);
  }

  bool open(NodeKind kind, const yaml_mark_t& mark) {
    if (!begin_node(mark)) return false;
    if (stack_.size() >= limits_.depth) {
      add_error(to_mark(mark), fmt::format("nested deeper than {} levels", limits_.depth));
      return false;
    }
    if (!stack_.empty() && stack_.back().node.is_map() && !stack_.back().has_key) {
      add_error(to_mark(mark), "a list or map cannot be a key; quote the key if it is text");
    }
    stack_.push_back({make_node(kind, mark), false, {}, {}});
    return true;
  }

  bool close() {
    CHECK(!stack_.empty());
    Open done = std::move(stack_.back());
    stack_.pop_back();
    if (done.node.is_map()) refuse_duplicate_keys(done.node);
    const Mark mark = done.node.mark_;
    return place_at(std::move(done.node), mark);
  }

  bool place(Node&& node, const yaml_mark_t& mark) { return place_at(std::move(node), to_mark(mark)); }

  bool place_at(Node&& node, Mark mark) {
    if (stack_.empty()) {
      root_ = std::move(node);
      return true;
    }
    Open& parent = stack_.back();
    if (parent.node.is_sequence()) {
      parent.node.items_.push_back(std::move(node));
    } else if (!parent.has_key) {
      parent.key = std::move(node.text_);
      parent.key_mark = mark;
      parent.has_key = true;
    } else {
      parent.node.entries_.push_back({std::move(parent.key), parent.key_mark, std::move(node)});
      parent.key.clear();
      parent.has_key = false;
    }
    return true;
  }

  bool begin_node(const yaml_mark_t& mark) {
    if (++nodes_ <= limits_.nodes) return true;
    add_error(to_mark(mark), fmt::format("more than {} values in one file", limits_.nodes));
    return false;
  }

  void end_document() {
    CHECK(stack_.empty());
    if (document_errors_ == 0) documents_.roots.push_back(std::move(root_));
    root_ = Node();
  }

  void refuse_anchor(const yaml_char_t* anchor, const yaml_mark_t& mark) {
    if (anchor == nullptr) return;
    add_error(to_mark(mark), fmt::format("anchors (&{}) are not supported; write the value out", view(anchor)));
  }

  void check_collection_tag(std::string_view tag, std::string_view expected, const yaml_mark_t& mark) {
    if (is_collection_tag(tag, expected)) return;
    add_error(to_mark(mark), fmt::format("the tag {} is not supported", tag));
  }

  void refuse_duplicate_keys(const Node& map) {
    for (const auto& [earlier, later] : duplicate_keys(map.entries_)) {
      add_duplicate(map.entries_[earlier], map.entries_[later]);
    }
  }

  void add_duplicate(const Node::Entry& earlier, const Node::Entry& later) {
    add_error(later.key_mark,
              fmt::format("the key '{}' stands twice (first in line {})", later.key, earlier.key_mark.line));
  }

  void add_error(Mark mark, std::string message) {
    ++document_errors_;
    if (documents_.errors.size() < kErrorsMax) documents_.errors.push_back({mark, std::move(message)});
  }

  void add_syntax_error(const yaml_parser_t& parser) {
    const std::string_view problem =
        parser.problem == nullptr ? std::string_view("malformed YAML") : std::string_view(parser.problem);
    Mark mark = to_mark(parser.problem_mark);
    // The reader of bytes knows an offset only.
    if (parser.error == YAML_READER_ERROR) mark = mark_of_offset(parser.problem_offset);
    std::string message(problem);
    if (parser.context != nullptr) {
      message += fmt::format(" ({}, which begins in line {})", parser.context, parser.context_mark.line + 1);
    }
    add_error(mark, std::move(message));
  }

  Mark mark_of_offset(std::size_t offset) const {
    Mark mark;
    for (const char c : text_.substr(0, offset)) {
      if (c == '\n') {
        ++mark.line;
        mark.column = 1;
      } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
        ++mark.column;
      }
    }
    return mark;
  }

  static Node make_node(NodeKind kind, const yaml_mark_t& mark) {
    Node node;
    node.kind_ = kind;
    node.mark_ = to_mark(mark);
    return node;
  }

  // A file of nothing but duplicate keys needs no more than this many to be understood.
  static constexpr std::size_t kErrorsMax = 100;

  const std::string_view text_;
  const Limits& limits_;
  Documents& documents_;
  std::vector<Open> stack_;
  Node root_;
  std::size_t nodes_ = 0;
  std::size_t document_errors_ = 0;
};

std::vector<std::pair<std::size_t, std::size_t>> duplicate_keys(const std::vector<Node::Entry>& entries) {
  std::vector<std::pair<std::size_t, std::size_t>> duplicates;
  if (entries.size() <= kPairwiseKeysMax) {
    for (std::size_t later = 1; later < entries.size(); ++later) {
      std::size_t earlier = 0;
      while (earlier < later && entries[earlier].key != entries[later].key) ++earlier;
      if (earlier < later) duplicates.emplace_back(earlier, later);
    }
    return duplicates;
  }
  std::vector<std::size_t> order(entries.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t index) -> const std::string& { return entries[index].key; });
  for (std::size_t i = 1; i < order.size(); ++i) {
    if (entries[order[i - 1]].key == entries[order[i]].key) duplicates.emplace_back(order[i - 1], order[i]);
  }
  return duplicates;
}

Documents parse(std::string_view text, const Limits& limits) {
  Documents documents;
  if (read_blocks(text, limits, documents.roots)) return documents;
  return parse_fully(text, limits);
}

Documents parse_fully(std::string_view text, const Limits& limits) {
  Documents documents;
  if (text.size() > limits.bytes) {
    documents.errors.push_back(
        {{}, fmt::format("the file has {} bytes; at most {} are read", text.size(), limits.bytes)});
    return documents;
  }
  Builder(text, limits, documents).run();
  return documents;
}

Node merged(Node base, const Node& over) {
  Builder::merge(base, over);
  return base;
}

}  // namespace weir::yaml
