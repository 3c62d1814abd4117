#pragma once

// The words that traffic is made of: names of people, web sites, browsers. All of it constant.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::traffic {

enum class SiteKind : std::uint8_t { page, media, software, storage };

struct Site {
  std::string host;
  std::string address;
  bool tls = true;
  SiteKind kind = SiteKind::page;
};

std::span<const std::string_view> first_names();
std::span<const std::string_view> last_names();
std::span<const std::string_view> browser_agents();

// The sites of the world, fixed: first those that everyone visits, then kSitesOfDepartment for each department, then a
// long tail.
inline constexpr std::size_t kSitesOfAll = 20;
inline constexpr std::size_t kSitesOfDepartment = 8;
inline constexpr std::size_t kSitesOfTail = 600;
const std::vector<Site>& all_sites();

// Hosts that pages pull scripts and pictures from.
std::span<const Site> embedded_sites();

std::string_view path_word(std::uint32_t number);
// "Budget_2026_Q1.xlsx": a document's name, the same for the same number.
std::string document_name(std::uint64_t number);

}  // namespace weir::traffic
