#include "sigma/lint.h"

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sigma/rule_set.h"

namespace weir::sigma {
namespace {

// The findings about a rule with this detection (a flow map), "code: message" each.
std::string findings(std::string_view detection, std::string_view logsource = "product: windows, service: x") {
  const std::string text = fmt::format("title: T\nlogsource: {{{}}}\ndetection: {{{}}}\n", logsource, detection);
  std::vector<ParsedFile> files;
  files.push_back(parse_file("r.yml", text));
  const RuleSet set = link(std::move(files));
  EXPECT_EQ(set.rules.size(), 1u) << text << (set.diagnostics.empty() ? "" : render(set.diagnostics[0], text));
  std::string out;
  for (const Diagnostic& diagnostic : lint(set.rules)) {
    EXPECT_EQ(diagnostic.severity, Severity::warning);
    out += fmt::format("{}: {}\n", diagnostic.code, diagnostic.message);
  }
  return out;
}

TEST(Lint, FindsWhatIsWantedAndForbidden) {
  for (const std::string_view detection :
       {"s: {A: x}, condition: s and not s", "s: {A: x}, f: {A: X}, condition: s and not f",
        "s: {A|endswith: b.exe}, f: {A|endswith: .exe}, condition: s and not f",
        "s: {A|startswith: abc}, f: {A|startswith: ab}, condition: s and not f",
        "s: {A: 'x.exe', B: 1}, f: {A|contains: .ex}, condition: s and not f",
        "s: {A: [x, y]}, f: {A: [x, y, z]}, condition: s and not f",
        "s: {A: x, B: 1, C: 2}, f: {A: x, B: 1}, condition: s and not f",
        "s: {A: x}, t: {B: y}, f: {A: x, B: y}, condition: s and t and not f",
        "s: {A: x}, f: {A: '*'}, condition: s and not f", "s: {A: x}, f: {A|exists: true}, condition: s and not f",
        "s: {A: x}, f: {B: y}, condition: s and not (f or s)", "s: {A: null}, condition: s and not s",
        "s: {A|re: a.c}, condition: s and not s", "k: [word], condition: k and not k",
        "s: {A: x}, t: {B: 1}, condition: t or (s and not s)"}) {
    EXPECT_EQ(findings(detection).substr(0, 33), "never-matches: this never matches") << detection;
  }
}

TEST(Lint, IsSilentWhereSomethingIsLeft) {
  for (const std::string_view detection :
       {"s: {A: x}, f: {A|cased: x}, condition: s and not f",
        "s: {A|endswith: .exe}, f: {A|endswith: b.exe}, condition: s and not f",
        "s: {A: [x, y]}, f: {A: x}, condition: s and not f", "s: {A: x}, f: {A: x, B: 1}, condition: s and not f",
        "s: {A|contains: a?c}, f: {A|contains: abc}, condition: s and not f",
        "s: {A|re: abc.d}, f: {A|re|i: abc.d}, condition: s and not f", "s: {A: x}, f: {B: x}, condition: s and not f",
        "s: {A: x}, condition: not s", "s: {A: null}, f: {A: ''}, condition: s and not f"}) {
    EXPECT_EQ(findings(detection), "") << detection;
  }
}

TEST(Lint, FindsDemandsThatNoValueMeets) {
  EXPECT_EQ(findings("s: {EventID: 1}, t: {EventID: 2}, condition: s and t"),
            "never-matches: this never matches: 'EventID' cannot be both is '1' and is '2'\n");
  for (const std::string_view detection :
       {"s: {EventID: [1, 2]}, t: {EventID: [3, 4]}, condition: s and t", "s: {A: x, A|endswith: y}, condition: s",
        "s: {A|endswith: .exe, A|startswith: x}, t: {A|endswith: .dll}, condition: s and t",
        "s: {A|lt: 5, A|gt: 10}, condition: s", "s: {A|lt: 5, A|gte: 5}, condition: s",
        "s: {A|exists: false, A: x}, condition: s", "s: {A: null}, t: {A: x}, condition: s and t"}) {
    EXPECT_EQ(findings(detection).substr(0, 33), "never-matches: this never matches") << detection;
  }
  for (const std::string_view detection :
       {"s: {A|startswith: ab, A|endswith: bc}, condition: s",
        "s: {A|startswith: ab}, t: {A|startswith: abc}, condition: s and t",
        "s: {A|contains: x}, t: {A|contains: y}, condition: s and t",
        "s: {EventID: [1, 2]}, t: {EventID: [2, 3]}, condition: s and t", "s: {A|lte: 5, A|gte: 5}, condition: s",
        "s: {A|gt: 5, A|lt: 10}, condition: s", "s: {EventID: 1}, t: {EventID: 2}, condition: s or t",
        "s: {EventID: 1}, t: {EventID: 2}, condition: 1 of them", "s: {A|cased: x}, t: {A: X}, condition: s and t",
        "s: {A|exists: true, A: x}, condition: s"}) {
    EXPECT_EQ(findings(detection), "") << detection;
  }
}

TEST(Lint, FieldsWithSeveralValuesMeetSeveralDemands) {
  constexpr std::string_view kTwo = "s: {type: SYSCALL}, t: {type: EXECVE}, condition: s and t";
  EXPECT_EQ(findings(kTwo, "product: linux, service: auditd"), "");
  EXPECT_EQ(findings("s: {Data: x}, t: {Data: y}, condition: s and t"), "");
}

TEST(Lint, KnowsTheFieldsOfALogsource) {
  constexpr std::string_view kProcess = "product: windows, category: process_creation";
  EXPECT_EQ(findings("s: {Image: x, CommandLine: y, EventID: 1, Hashes|contains: z}, condition: s", kProcess), "");
  EXPECT_EQ(findings("s: {ParrentImage: x}, f: {ParrentImage: y}, condition: s and not f", kProcess),
            "unknown-field: events of windows/process_creation/* have no field 'ParrentImage'\n");
  EXPECT_EQ(findings("s: {c-uri: x, x-anything: y, cs(Accept): z}, condition: s", "category: proxy"), "");
  EXPECT_EQ(findings("s: {c_uri: x}, condition: s", "category: proxy"),
            "unknown-field: events of */proxy/* have no field 'c_uri'\n");
  // Nobody knows all fields of these.
  EXPECT_EQ(findings("s: {anything: x}, condition: s", "product: aws, service: cloudtrail"), "");
  EXPECT_EQ(findings("s: {NewProcessName: x}, condition: s", std::string(kProcess) + ", service: security"), "");
}

TEST(Lint, PointsAtTheFieldAndSaysWhatWasMeant) {
  const std::string text =
      "title: T\nlogsource: {product: windows, category: process_creation}\n"
      "detection:\n  s:\n    commandline|contains: x\n  condition: s\n";
  std::vector<ParsedFile> files;
  files.push_back(parse_file("r.yml", text));
  const RuleSet set = link(std::move(files));
  const std::vector<Diagnostic> found = lint(set.rules);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(render(found.front(), text),
            "r.yml:5:5: warning: events of windows/process_creation/* have no field 'commandline'\n"
            "   commandline|contains: x\n"
            "   ^~~~~~~~~~~ did you mean 'CommandLine'?\n");
}

TEST(Lint, FindsPatternsWithoutFixedText) {
  EXPECT_EQ(findings("s: {A|re: '[a-z]{5,}'}, condition: s").substr(0, 15), "costly-pattern:");
  EXPECT_EQ(findings("s: {A|re: 'abcdef[0-9]'}, condition: s"), "");
}

}  // namespace
}  // namespace weir::sigma
