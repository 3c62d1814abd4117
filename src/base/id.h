#pragma once

// Numbers that must not be mixed up are different types.

#include <compare>
#include <cstddef>
#include <functional>

namespace weir {

template <typename Tag, typename Rep>
struct Id {
  Rep value{};

  constexpr Id() = default;
  constexpr explicit Id(Rep v) : value(v) {}
  friend constexpr auto operator<=>(const Id&, const Id&) = default;
};

}  // namespace weir

template <typename Tag, typename Rep>
struct std::hash<weir::Id<Tag, Rep>> {
  std::size_t operator()(const weir::Id<Tag, Rep>& id) const noexcept { return std::hash<Rep>{}(id.value); }
};
