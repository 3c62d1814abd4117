// Real files: SigmaHQ's regression data has for each .evtx a .json that evtx_dump made from it. Both must have the same
// fields with the same values.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include <gtest/gtest.h>
#include <simdjson.h>

#include "base/shared_data.h"
#include "base/text.h"
#include "formats/evtx/evtx.h"
#include "formats/testing/read_events.h"

namespace weir::formats {
namespace {

std::string read_all(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

using Fields = std::multimap<std::string, std::string>;

std::string text_of(simdjson::dom::element value) {
  if (value.is_string()) return std::string(std::string_view(value));
  return simdjson::minify(value);
}

void add_leaves(std::string_view name, simdjson::dom::element value, bool is_system, Fields& fields) {
  if (value.is_null()) return;
  if (!value.is_object()) {
    std::string spelling(name);
    std::erase(spelling, ' ');
    fields.emplace(spelling, lower(text_of(value)));
    return;
  }
  for (const auto [key, child] : simdjson::dom::object(value)) {
    if (key != "#attributes") {
      add_leaves(key == "#text" ? name : key, child, is_system, fields);
      continue;
    }
    for (const auto [attribute, text] : simdjson::dom::object(child)) {
      const bool is_kept = is_system || name == "EventData";
      if (is_kept) fields.emplace(std::string(name) + "_" + std::string(attribute), lower(text_of(text)));
    }
  }
}

// The fields of the JSON twin, in Sigma's names.
std::vector<Fields> read_twin(const std::filesystem::path& path) {
  simdjson::dom::parser parser;
  std::vector<Fields> events;
  const simdjson::padded_string json = simdjson::padded_string::load(path.string()).value();
  for (const auto document : parser.parse_many(json)) {
    Fields fields;
    for (const auto [key, child] : simdjson::dom::object(document["Event"])) {
      if (key != "#attributes") add_leaves(key, child, key == "System", fields);
    }
    if (auto time = fields.find("TimeCreated_SystemTime"); time != fields.end()) {
      time->second = time->second.substr(0, 26) + "z";
    }
    events.push_back(std::move(fields));
  }
  return events;
}

// What evtx_dump changes, undone on our side: GUIDs lose their braces, blanks at the end of a text are dropped. Case
// and the digits of a second beyond the sixth differ as well (Sigma compares without case).
std::string as_evtx_dump_has_it(std::string value, const std::string& twin) {
  const bool is_guid = value.size() == 38 && value.front() == '{' && value.back() == '}' && value[9] == '-';
  if (is_guid && !twin.starts_with('{')) value = value.substr(1, 36);
  while (!value.empty() && is_space(value.back()) && !is_space(twin.empty() ? 'x' : twin.back())) value.pop_back();
  return lower(value);
}

// "name: 'ours' / 'theirs'" for what is on one side only.
std::string differences(const Fields& ours, const Fields& theirs) {
  Fields left, right;
  std::ranges::set_difference(ours, theirs, std::inserter(left, left.end()));
  std::ranges::set_difference(theirs, ours, std::inserter(right, right.end()));
  std::string text;
  for (const auto& [name, value] : left) text += fmt::format("ours   {}: '{}'\n", name, value);
  for (const auto& [name, value] : right) text += fmt::format("theirs {}: '{}'\n", name, value);
  return text;
}

TEST(EvtxRealFiles, HaveTheFieldsOfTheirJsonTwins) {
  WEIR_SKIP_WITHOUT_SHARED_DATA();
  int files = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(shared_data_folder() + "/sigma/regression_data")) {
    if (entry.path().extension() != ".evtx") continue;
    ++files;
    SCOPED_TRACE(entry.path().string());
    const ReadResult result = read_events(kEvtx, read_all(entry.path()));
    EXPECT_TRUE(result.rejects.empty()) << result.rejects.front().reason;
    std::filesystem::path json = entry.path();
    const std::vector<Fields> twins = read_twin(json.replace_extension(".json"));
    ASSERT_EQ(result.events.size(), twins.size());
    for (std::size_t i = 0; i < twins.size(); ++i) {
      Fields fields;
      for (const auto& [name, value] : result.events[i].fields) {
        const auto twin = twins[i].find(name);
        fields.emplace(name, twin == twins[i].end() ? value : as_evtx_dump_has_it(value, twin->second));
      }
      EXPECT_EQ(differences(fields, twins[i]), "");
      EXPECT_TRUE(result.events[i].time.has_value());
    }
  }
  EXPECT_GT(files, 100);
}

}  // namespace
}  // namespace weir::formats
