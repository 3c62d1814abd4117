#include "sigma/evaluation.h"

#include "sigma/test_rows.h"

namespace weir::sigma {
namespace {

// Whether one test ("A|contains: x") holds for an event.
bool passes(std::string_view item, const Values& values) {
  const Plan plan = plan_of({fmt::format("{{s: {{{}}}, condition: s}}", item)});
  TestRows rows(plan.field_table());
  const event::Row& row = rows.add(values);
  return holds(field_test(item), EventView(plan.field_table(), rows.batch(), row));
}

bool passes(std::string_view item, std::string_view value) {
  return passes(item, Values{{"A", std::string(value)}});
}

// Those of the values that pass, joined.
std::string passing(std::string_view item, const std::vector<std::string_view>& values) {
  std::vector<std::string_view> found;
  for (const std::string_view value : values) {
    if (passes(item, value)) found.push_back(value);
  }
  return fmt::format("{}", fmt::join(found, " | "));
}

TEST(TimePart, ReadsThePartAsItIsWritten) {
  const std::string_view text = "2024-02-29T23:59:58.5-05:00";
  EXPECT_EQ(time_part(TimePart::minute, text), 59);
  EXPECT_EQ(time_part(TimePart::hour, text), 23);  // Not 04, as it is in UTC.
  EXPECT_EQ(time_part(TimePart::day, text), 29);
  EXPECT_EQ(time_part(TimePart::week, text), 9);
  EXPECT_EQ(time_part(TimePart::month, text), 2);
  EXPECT_EQ(time_part(TimePart::year, text), 2024);
  for (const char* same : {"2024-02-29 23:59:58Z", "2024-02-29t23:59:58z", "2024-02-29 23:59:58 +0900",
                           "2024-02-29 23:59:58,25", "2024-02-29 23:59", "2024-02-29 23:59:58 UTC"}) {
    EXPECT_EQ(time_part(TimePart::hour, same), 23) << same;
    EXPECT_EQ(time_part(TimePart::day, same), 29) << same;
  }
}

TEST(TimePart, WeeksAreThoseOfIso8601) {
  EXPECT_EQ(time_part(TimePart::week, "2021-01-03"), 53);  // A Sunday, still of the year before.
  EXPECT_EQ(time_part(TimePart::week, "2021-01-04"), 1);
  EXPECT_EQ(time_part(TimePart::week, "2024-12-30"), 1);  // A Monday, of the next year already.
  EXPECT_EQ(time_part(TimePart::week, "2020-12-31"), 53);
  EXPECT_EQ(time_part(TimePart::week, "2022-01-01"), 52);
  EXPECT_EQ(time_part(TimePart::week, "2025-12-29"), 1);   // Its Thursday is the first of January.
  EXPECT_EQ(time_part(TimePart::week, "2021-01-01"), 53);  // Its Thursday is the last of December.
}

TEST(TimePart, DateAloneHasNoClock) {
  EXPECT_EQ(time_part(TimePart::day, "2024-02-29"), 29);
  EXPECT_EQ(time_part(TimePart::hour, "2024-02-29"), std::nullopt);
  EXPECT_EQ(time_part(TimePart::minute, "2024-02-29"), std::nullopt);
}

TEST(TimePart, WhatIsNoTimeHasNoParts) {
  for (const char* text : {"", "2024", "2024-02-30", "2024-02-29T24:30", "2024-02-29T23:59:58+", "noon", "23:59",
                           "1709251198", " 2024-02-29", "2024-02-29T23:59:58+99:00"}) {
    EXPECT_EQ(time_part(TimePart::year, text), std::nullopt) << text;
  }
  EXPECT_FALSE(passes("A|hour|lt: 23", "noon"));
}

TEST(Evaluation, TimePartsCompare) {
  const std::vector<std::string_view> times = {"2024-01-01T21:59:59", "2024-01-01T22:00:00", "2024-01-01T23:00:00"};
  EXPECT_EQ(passing("A|hour: 22", times), times[1]);
  EXPECT_EQ(passing("A|hour|gt: 22", times), times[2]);
  EXPECT_EQ(passing("A|hour|lt: 22", times), times[0]);
}

TEST(Evaluation, NumbersCompareAtTheEdge) {
  const std::vector<std::string_view> numbers = {"-6", "4.999", "5", "5.0", "+5", "05", "5e0", "5.001", "60"};
  EXPECT_EQ(passing("A|lt: 5", numbers), "-6 | 4.999");
  EXPECT_EQ(passing("A|lte: 5", numbers), "-6 | 4.999 | 5 | 5.0 | +5 | 05 | 5e0");
  EXPECT_EQ(passing("A|gt: 5", numbers), "5.001 | 60");
  EXPECT_EQ(passing("A|gte: 5", numbers), "5 | 5.0 | +5 | 05 | 5e0 | 5.001 | 60");
  EXPECT_EQ(passing("A|gt: -5.5", numbers), "4.999 | 5 | 5.0 | +5 | 05 | 5e0 | 5.001 | 60");
}

TEST(Evaluation, NumbersCompareExactly) {
  const std::vector<std::string_view> numbers = {"9007199254740992",
                                                 "9007199254740993",
                                                 "18446744073709551616",
                                                 "-9007199254740993",
                                                 "9007199254740992.0",
                                                 "1e999",
                                                 "-1e999"};
  EXPECT_EQ(passing("A|gt: 9007199254740992", numbers), "9007199254740993 | 18446744073709551616 | 1e999");
  EXPECT_EQ(passing("A|lte: 9007199254740992", numbers),
            "9007199254740992 | -9007199254740993 | 9007199254740992.0 | -1e999");
  EXPECT_EQ(passing("A|lt: 1e999", {"5", "1e998", "1e999", "1e1000"}), "5 | 1e998");
}

TEST(Evaluation, WhatIsNoDecimalNumberNeverCompares) {
  const std::vector<std::string_view> texts = {"",     " 5",  "5 ",  "0x10", "inf", "-inf", "nan", "1,000", "5.5.5",
                                               "five", "+-5", "--5", "e5",   "5e",  ".",    "-",   "+",     "1e"};
  EXPECT_EQ(passing("A|gte: -1000000", texts), "");
  EXPECT_EQ(passing("A|lte: 1000000", texts), "");
}

TEST(Evaluation, NetworksHoldAddressesOfTheirKind) {
  EXPECT_EQ(passing("A|cidr: 192.168.0.0/23", {"192.167.255.255", "192.168.0.0", "192.168.1.255", "192.168.2.0",
                                               "::ffff:1", "192.168.0.1:80", ""}),
            "192.168.0.0 | 192.168.1.255");
  EXPECT_EQ(passing("A|cidr: 'fe80::/10'", {"fe80::1", "FEBF::", "fec0::", "254.128.0.1"}), "fe80::1 | FEBF::");
}

TEST(Evaluation, ReferencesCompareWithAnyValueOfTheOtherField) {
  const auto with = [](std::string_view item, std::string_view a, std::string_view b) {
    return passes(item, {{"A", std::string(a)}, {"B", "-"}, {"B", std::string(b)}});
  };
  EXPECT_TRUE(with("A|fieldref: B", "Same", "sAME"));
  EXPECT_FALSE(with("A|fieldref: B", "same", "samer"));
  EXPECT_TRUE(with("A|fieldref|startswith: B", "same day", "SAME"));
  EXPECT_FALSE(with("A|fieldref|startswith: B", "the same", "same"));
  EXPECT_TRUE(with("A|fieldref|endswith: B", "the same", "same"));
  EXPECT_TRUE(with("A|fieldref|contains: B", "the same day", "same"));
  EXPECT_FALSE(with("A|fieldref|contains: B", "same", "the same"));
}

TEST(Evaluation, ReferenceNeedsAValueOnBothSides) {
  EXPECT_FALSE(passes("A|fieldref: B", Values{{"A", "x"}}));
  EXPECT_FALSE(passes("A|fieldref: B", Values{{"B", "x"}}));
  EXPECT_FALSE(passes("A|fieldref: B", Values{}));
  EXPECT_FALSE(passes("A|fieldref: B", Values{{"A", "", ValueKind::null}, {"B", "", ValueKind::null}}));
  EXPECT_FALSE(passes("A|fieldref: B", Values{{"A", ""}, {"B", "", ValueKind::null}}));
  EXPECT_TRUE(passes("A|fieldref: B", Values{{"A", ""}, {"B", ""}}));
}

TEST(Evaluation, NullIsAbsentOrNullAndExistsSeesNull) {
  const Values absent;
  const Values null = {{"A", "", ValueKind::null}};
  const Values empty = {{"A", ""}};
  const auto row = [&](std::string_view item) {
    return fmt::format("{:d} {:d} {:d}", passes(item, absent), passes(item, null), passes(item, empty));
  };
  EXPECT_EQ(row("A: null"), "1 1 0");
  EXPECT_EQ(row("A|exists: true"), "0 1 1");
  EXPECT_EQ(row("A|exists: false"), "1 0 0");
  EXPECT_EQ(row("A: ''"), "0 0 1");
  EXPECT_EQ(row("A: '*'"), "0 0 1");
  EXPECT_EQ(row("A|re: '^$'"), "0 0 1");
  EXPECT_EQ(row("A: 'null'"), "0 0 0");
}

TEST(Evaluation, NumbersAndBooleansAreComparedAsTheyAreWritten) {
  EXPECT_TRUE(passes("A: 10", {{"A", "10", ValueKind::number}}));
  EXPECT_FALSE(passes("A: 10", {{"A", "10.0", ValueKind::number}}));
  EXPECT_TRUE(passes("A: true", {{"A", "true", ValueKind::boolean}}));
  EXPECT_TRUE(passes("A|contains: '[1'", {{"A", "[1,2]", ValueKind::json}}));
}

TEST(Evaluation, FirstCellThatPassesDecides) {
  const auto deciding = [](std::string_view item, const Values& values) -> std::string {
    const FieldTest leaf = field_test(item);
    const Plan plan = plan_of({fmt::format("{{s: {{{}}}, condition: s}}", item)});
    TestRows rows(plan.field_table());
    const event::Row& row = rows.add(values);
    event::Cell* cell = nullptr;
    const bool held = holds(leaf, EventView(plan.field_table(), rows.batch(), row), &cell);
    return fmt::format("{} by {}", held, cell == nullptr ? "nothing" : rows.batch().text(*cell));
  };
  EXPECT_EQ(deciding("A|contains: x", {{"B", "x0"}, {"A", "-"}, {"A", "x1"}, {"A", "x2"}}), "true by x1");
  EXPECT_EQ(deciding("A|contains: x", {{"A", "-"}}), "false by nothing");
  EXPECT_EQ(deciding("A: null", {}), "true by nothing");
  EXPECT_EQ(deciding("A|exists: false", {}), "true by nothing");
  EXPECT_EQ(deciding("A|fieldref: B", {{"A", "1"}, {"A", "2"}, {"B", "2"}}), "true by 2");
}

TEST(Evaluation, KeywordsLookAtEveryValueButNull) {
  const Expr condition = condition_of("{s: ['w?rd'], condition: s}");
  const event::FieldTable fields;
  const auto found = [&](const Values& values) {
    TestRows rows(fields);
    const event::Row& row = rows.add(values);
    return holds(condition, EventView(fields, rows.batch(), row));
  };
  EXPECT_TRUE(found({{"A", "-"}, {"B", "a Word here"}}));
  EXPECT_FALSE(found({{"A", R"({"b":"word"})", ValueKind::json}}));
  EXPECT_FALSE(found({{"word", "-"}}));
  EXPECT_FALSE(found({{"A", "word", ValueKind::null}}));
  EXPECT_FALSE(found({}));
}

TEST(Evaluation, EscapedTextIsReadOnceResolved) {
  const Plan plan = plan_of({"{s: {A: 'C:\\x'}, condition: s}"});
  TestRows rows(plan.field_table());
  const event::Row& row = rows.add_verbatim({{"A", R"(\u0043:\\x)"}}, R"({"A":"\u0043:\\x"})");
  const EventView view(plan.field_table(), rows.batch(), row);
  const FieldTest leaf = field_test("A: 'C:\\x'");
  EXPECT_TRUE(holds(leaf, view));
  EXPECT_TRUE(holds(leaf, view));
}

}  // namespace
}  // namespace weir::sigma
