// The set against the obvious search, on literals and a value taken from the input. Layout of the input: literals as
// (anchor and size in one byte, text), up to 64 of them, a byte 0xFF, then the value.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "match/literal_set.h"
#include "match/test_literals.h"

namespace {

using weir::match::Anchor;

struct Literal {
  Anchor anchor;
  std::string_view text;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::vector<Literal> literals;
  while (!rest.empty() && literals.size() < 64) {
    const auto head = static_cast<unsigned char>(rest.front());
    rest.remove_prefix(1);
    if (head == 0xFF) break;
    const std::size_t text_size = std::min<std::size_t>(head >> 2, rest.size());
    literals.push_back({static_cast<Anchor>(head & 3), rest.substr(0, text_size)});
    rest.remove_prefix(text_size);
  }
  // An allocation of exactly the value's size, so that the address sanitizer sees every read outside of it.
  const std::unique_ptr<char[]> exact(new char[rest.size()]);
  std::ranges::copy(rest, exact.get());
  const std::string_view value(exact.get(), rest.size());

  weir::match::LiteralSet set;
  std::vector<std::uint32_t> expected;
  for (std::uint32_t i = 0; i < literals.size(); ++i) {
    set.add(literals[i].anchor, literals[i].text, i);
    if (fits(literals[i].anchor, literals[i].text, value)) expected.push_back(i);
  }
  set.build();
  std::vector<std::uint32_t> ids;
  set.scan(value, ids);
  std::ranges::sort(ids);
  CHECK(ids == expected);
  return 0;
}
