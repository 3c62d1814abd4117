// Any bytes: the reader must end, within its limits, with sound trees; and where the fast reader does not decline, it
// must say the same as libyaml.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "yaml/block_reader.h"
#include "yaml/node.h"
#include "yaml/same_tree.h"

namespace {

std::size_t count(const weir::yaml::Node& node, std::size_t depth) {
  CHECK_LE(depth, weir::yaml::Limits().depth);
  CHECK_GE(node.mark().line, 1u);
  CHECK_GE(node.mark().column, 1u);
  std::size_t nodes = 1;
  for (const weir::yaml::Node& item : node.items()) nodes += count(item, depth + 1);
  for (const weir::yaml::Node::Entry& entry : node.entries()) {
    CHECK(node.find(entry.key) == &entry.value);  // Keys are unique.
    nodes += count(entry.value, depth + 1);
  }
  return nodes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const weir::yaml::Documents documents = weir::yaml::parse_fully(text, {});
  std::vector<weir::yaml::Node> blocks;
  if (weir::yaml::read_blocks(text, {}, blocks)) {
    CHECK(documents.errors.empty());
    CHECK_EQ(blocks.size(), documents.roots.size());
    for (std::size_t i = 0; i < blocks.size(); ++i) CHECK(weir::yaml::is_same(blocks[i], documents.roots[i]));
  }
  for (const weir::yaml::Node& root : documents.roots) CHECK_LE(count(root, 0), weir::yaml::Limits().nodes);
  return 0;
}
