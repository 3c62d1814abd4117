#pragma once

// Many literals against one value at once. Literals are added with an anchor and the caller's id; after `build` the set
// is immutable and any thread may scan with its own Scratch. The set is case-sensitive: callers who want folding add
// folded literals and scan folded values.
//
// How: equals by hash, starts and ends by tries walked from the front and the back, contains by a bitmap over hashed
// four-byte pieces (the rarest piece of each literal), then verification in place. docs/decisions/0004-literal-set.md.

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace weir::match {

enum class Anchor : std::uint8_t { equals, starts, ends, contains };

class LiteralSet {
 public:
  LiteralSet();
  ~LiteralSet();
  LiteralSet(LiteralSet&&) noexcept;
  LiteralSet& operator=(LiteralSet&&) noexcept;

  // `text` is copied. The empty literal: equals fits the empty value only, the others fit every value.
  // The same id may be added with several literals.
  void add(Anchor anchor, std::string_view text, std::uint32_t id);
  void build();

  // Appends to `ids` the id of every literal that fits `value`, each at most once per literal added; order is
  // unspecified. No allocation beyond the growth of `ids`.
  void scan(std::string_view value, std::vector<std::uint32_t>& ids) const;

  std::size_t size() const;
  // Bytes held.
  std::size_t memory() const;

 private:
  struct Tables;
  std::unique_ptr<Tables> tables_;
};

}  // namespace weir::match
