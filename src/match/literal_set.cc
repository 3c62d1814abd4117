#include "match/literal_set.h"

#include <string>

namespace weir::match {

struct LiteralSet::Tables {
  struct Literal {
    Anchor anchor;
    std::string text;
    std::uint32_t id;
  };
  std::vector<Literal> literals;
};
LiteralSet::LiteralSet() : tables_(std::make_unique<Tables>()) {}
LiteralSet::~LiteralSet() = default;
LiteralSet::LiteralSet(LiteralSet&&) noexcept = default;
LiteralSet& LiteralSet::operator=(LiteralSet&&) noexcept = default;
void LiteralSet::add(Anchor anchor, std::string_view text, std::uint32_t id) {
  tables_->literals.push_back({anchor, std::string(text), id});
}
void LiteralSet::build() {}
void LiteralSet::scan(std::string_view value, std::vector<std::uint32_t>& ids) const {
  for (const auto& literal : tables_->literals) {
    const bool fits = literal.anchor == Anchor::equals   ? value == literal.text
                      : literal.anchor == Anchor::starts ? value.starts_with(literal.text)
                      : literal.anchor == Anchor::ends   ? value.ends_with(literal.text)
                                                         : value.find(literal.text) != std::string_view::npos;
    if (fits) ids.push_back(literal.id);
  }
}
std::size_t LiteralSet::size() const {
  return tables_->literals.size();
}
std::size_t LiteralSet::memory() const {
  return 0;
}

}  // namespace weir::match
