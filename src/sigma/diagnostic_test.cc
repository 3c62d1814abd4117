#include "sigma/diagnostic.h"

#include <gtest/gtest.h>

namespace weir::sigma {
namespace {

Diagnostic make(yaml::Mark mark, std::uint32_t length) {
  return {Severity::error,
          "unknown-modifier",
          "rules/a b.yml",
          mark,
          length,
          "unknown modifier 'startwith'",
          "did you mean 'startswith'?"};
}

TEST(Diagnostic, IsRenderedWithItsLineAndACaret) {
  EXPECT_EQ(render(make({2, 9}, 9), "x\n      A|startwith: 'procdump'\n"),
            "rules/a b.yml:2:9: error: unknown modifier 'startwith'\n"
            "   A|startwith: 'procdump'\n"
            "     ^~~~~~~~~ did you mean 'startswith'?\n");
}

TEST(Diagnostic, WithoutSourceTheHintStandsAlone) {
  EXPECT_EQ(render(make({2, 9}, 9), ""),
            "rules/a b.yml:2:9: error: unknown modifier 'startwith'\n   did you mean 'startswith'?\n");
}

TEST(Diagnostic, WarningsAndNotesSaySo) {
  Diagnostic diagnostic = make({1, 1}, 1);
  diagnostic.severity = Severity::warning;
  diagnostic.hint.clear();
  EXPECT_EQ(render(diagnostic, ""), "rules/a b.yml:1:1: warning: unknown modifier 'startwith'\n");
  diagnostic.severity = Severity::note;
  EXPECT_EQ(render(diagnostic, ""), "rules/a b.yml:1:1: note: unknown modifier 'startwith'\n");
}

TEST(Diagnostic, LongLinesAreCutAroundTheCaret) {
  const std::string line = std::string(500, 'a') + "BAD" + std::string(500, 'z');
  const std::string out = render(make({1, 501}, 3), line);
  EXPECT_NE(
      out.find("\n   " + std::string(60, 'a') + "BAD" + std::string(57, 'z') + "\n   " + std::string(60, ' ') + "^~~ "),
      std::string::npos)
      << out;
}

TEST(Diagnostic, ControlCharactersAndBrokenBytesDoNotReachTheTerminal) {
  EXPECT_EQ(render(make({1, 3}, 1), "a\x1b[31m\xFF b"),
            "rules/a b.yml:1:3: error: unknown modifier 'startwith'\n"
            "   a [31m\xEF\xBF\xBD b\n"
            "     ^ did you mean 'startswith'?\n");
}

TEST(Diagnostic, MarksBeyondTheLineStayUnderIt) {
  EXPECT_EQ(render(make({1, 99}, 50), "ab"),
            "rules/a b.yml:1:99: error: unknown modifier 'startwith'\n   ab\n     ^ did you mean 'startswith'?\n");
}

TEST(Diagnostic, SarifHoldsOneRunWithPlacesAndRules) {
  EXPECT_EQ(
      to_sarif({make({14, 9}, 9)}, "1.2.3"),
      R"({"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{"tool":{"driver":)"
      R"({"name":"weir","version":"1.2.3","rules":[{"id":"unknown-modifier"}]}},"columnKind":"unicodeCodePoints",)"
      R"("results":[{"ruleId":"unknown-modifier","ruleIndex":0,"level":"error","message":{"text":"unknown modifier 'startwith'; )"
      R"(did you mean 'startswith'?"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"rules/a%20b.yml"},)"
      R"("region":{"startLine":14,"startColumn":9,"endColumn":18}}}]}]}]})"
      "\n");
}

}  // namespace
}  // namespace weir::sigma
