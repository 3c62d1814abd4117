#include "formats/json/json.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/shared_data.h"
#include "formats/json/json_reading.h"

namespace weir::formats::json {
namespace {

std::string file_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Json, Survey) {
  WEIR_SKIP_WITHOUT_SHARED_DATA();
  for (const char* folder : {"windows/otrf", "sigma/regression_data", "cloud", "zeek", "proxy", "formats/lnav"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(shared_data_folder() + "/" + folder)) {
      const std::string name = entry.path().filename().string();
      if (!entry.is_regular_file() || name.find(".json") == std::string::npos) continue;
      const std::string text = file_text(entry.path());
      const Reading reading = read_json(text);
      std::string padded = text.substr(0, 65536) + std::string(64, ' ');
      const Detected detected = format().detect({padded.data(), padded.size() - 64}, "");
      std::map<std::string, int> sources;
      for (const auto& row : reading.rows) ++sources[row.substr(row.find(' ') + 1, row.find(' ', row.find(' ') + 1) - row.find(' ') - 1) + (row.find(" - |") != std::string::npos ? " notime" : "")];
      printf("%s: rows %zu rejects %zu records %lu repaired %lu detect %d %s\n", name.c_str(), reading.rows.size(), reading.rejects.size(), reading.records, reading.repaired, int(detected.confidence), detected.what.c_str());
      for (auto& [s, n] : sources) printf("     %s %d\n", s.c_str(), n);
      for (size_t i = 0; i < reading.rejects.size() && i < 3; ++i) printf("     %s\n", reading.rejects[i].c_str());
    }
  }
}

}  // namespace
}  // namespace weir::formats::json
