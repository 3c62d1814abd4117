#include "app/log_client/record_text.h"

#include <gtest/gtest.h>

namespace weir::app {
namespace {

using Headers = std::vector<std::pair<std::string, std::optional<std::string>>>;

LineForm json_form() {
  return {std::nullopt, false, true};
}

std::string error_of(std::string_view line, const LineForm& form) {
  const auto read = parse_record_line(line, form);
  return read ? "(fine)" : read.error().message;
}

TEST(RecordLine, IsAValueUnlessToldOtherwise) {
  EXPECT_EQ(parse_record_line("a:b\tc", {})->value, "a:b\tc");
  EXPECT_EQ(parse_record_line("", {})->value, "");
  EXPECT_EQ(parse_record_line("", {})->key, std::nullopt);
}

TEST(RecordLine, BeginsWithHeadersAndKey) {
  const auto read = parse_record_line("h:1,g:\tk::v:w", {"::", true, false});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->headers, (Headers{{"h", "1"}, {"g", ""}}));
  EXPECT_EQ(read->key, "k");
  EXPECT_EQ(read->value, "v:w");
  EXPECT_EQ(error_of("kv", {":", false, false}), "no ':' behind a key");
  EXPECT_EQ(error_of("h:1", {std::nullopt, true, false}), "no tab behind the headers");
  EXPECT_EQ(error_of("h\tv", {std::nullopt, true, false}), "header 'h' has no ':'");
}

TEST(RecordLine, IsAnObject) {
  const auto read = parse_record_line(
      R"({"key":"k","value_base64":"AP8=","headers":{"a":"1","b":null},"timestamp":"2026-01-02T03:04:05Z","partition":3,"offset":9})",
      json_form());
  ASSERT_TRUE(read) << read.error().message;
  using namespace std::string_literals;
  EXPECT_EQ(*read, (ParsedRecord{"k", "\0\xFF"s, {{"a", "1"}, {"b", std::nullopt}}, 1'767'323'045'000, 3}));
  EXPECT_EQ(parse_record_line(R"({"value":{"a":[1]}})", json_form())->value, R"({"a":[1]})");
  EXPECT_EQ(parse_record_line(R"({"value":null})", json_form())->value, std::nullopt);
}

TEST(RecordLine, AWrongObjectSaysWhatIsWrong) {
  EXPECT_EQ(error_of(R"({"valu":"x","value":"y"})", json_form()), "unknown member \"valu\"");
  EXPECT_EQ(error_of(R"({"key":"k"})", json_form()), "no \"value\"; a tombstone has \"value\": null");
  EXPECT_EQ(error_of(R"({"value":1})", json_form()), "\"value\" is neither text nor null");
  EXPECT_EQ(error_of(R"({"value_base64":"?"})", json_form()), "\"value_base64\" is no base64");
  EXPECT_EQ(error_of(R"({"value":"x","partition":-1})", json_form()), "\"partition\" is no partition's number");
  EXPECT_EQ(error_of(R"({"value":"x","headers":[{"value":"1"}]})", json_form()), "a header has no \"key\"");
  EXPECT_EQ(error_of("[]", json_form()), "no JSON object");
  EXPECT_TRUE(error_of("{", json_form()).starts_with("no JSON: "));
}

kafka::IncomingRecord record() {
  using namespace std::string_view_literals;
  return {"t", 2, 17, 1'767'323'045'678, "k"sv, "\xFF\x1b[2J"sv, {{"h"sv, "1"sv}, {"n"sv, std::nullopt}}};
}

TEST(RecordText, JsonHoldsEverythingAndCanBeReadAgain) {
  std::string line;
  append_json_record(line, record());
  EXPECT_EQ(line,
            R"({"topic":"t","partition":2,"offset":17,"timestamp":1767323045678,"headers":[{"key":"h","value":"1"},)"
            R"({"key":"n","value":null}],"key":"k","value_base64":"/xtbMko="})"
            "\n");
  line.pop_back();
  const auto read = parse_record_line(line, json_form());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, (ParsedRecord{"k", "\xFF\x1b[2J", {{"h", "1"}, {"n", std::nullopt}}, 1'767'323'045'678, 2}));
}

TEST(RecordText, RawIsTheBytesAndOnATerminalHarmless) {
  std::string raw;
  append_raw_record(raw, record(), {}, false);
  EXPECT_EQ(raw, "\xFF\x1b[2J\n");
  std::string shown;
  append_raw_record(shown, record(), {true, true, true, true, true}, true);
  EXPECT_EQ(shown, "2026-01-02T03:04:05.678Z\t2\t17\th:1,n:null\tk\t\\xff\\x1b[2J\n");
}

}  // namespace
}  // namespace weir::app
