#pragma once

// Where tests find real data that is not ours to publish: a folder `shared/data` beside the checkout, or what the
// environment variable WEIR_SHARED names. Tests that need it skip, and say so, where it is absent.

#include <cstdlib>
#include <filesystem>
#include <string>

namespace weir {

inline std::string shared_data_folder() {
  if (const char* folder = std::getenv("WEIR_SHARED")) return std::string(folder) + "/data";
  const std::filesystem::path source_root = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path();
  const std::filesystem::path folder = source_root.parent_path() / "shared" / "data";
  return std::filesystem::is_directory(folder) ? folder.string() : std::string();
}

}  // namespace weir

#define WEIR_SKIP_WITHOUT_SHARED_DATA()                                 \
  if (::weir::shared_data_folder().empty())                             \
  GTEST_SKIP() << "needs ../shared/data beside the checkout, which is " \
                  "absent"
