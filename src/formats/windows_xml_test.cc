#include "formats/windows_xml.h"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/arena.h"
#include "formats/testing/read_events.h"
#include "formats/xml_reader.h"

namespace weir::formats {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view kEvent =
    "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
    "<Provider Name='Microsoft-Windows-Security-Auditing' Guid='{54849625-5478-4994-a5ba-3e3b0328c30d}'/>"
    "<EventID Qualifiers=\"0\">4688</EventID><Version>2</Version>"
    "<TimeCreated SystemTime='2026-01-02T03:04:05.6789012Z'/><Correlation/><Execution ProcessID='4' ThreadID='8'/>"
    "<Channel>Security</Channel><Computer>host</Computer><Security/></System>"
    "<EventData><Data Name='NewProcessName'>C:\\a &amp; b.exe</Data><Data "
    "Name='Empty'/><Data>one</Data><Data>two</Data>"
    "<Binary>00FF</Binary></EventData></Event>";

TEST(WindowsXml, NamesFieldsAsEvtxDoes) {
  const ReadResult result = read_events(kWindowsXml, kEvent);
  ASSERT_EQ(result.events.size(), 1U);
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"Provider_Name", "Microsoft-Windows-Security-Auditing"},
      {"Provider_Guid", "{54849625-5478-4994-a5ba-3e3b0328c30d}"},
      {"EventID_Qualifiers", "0"},
      {"EventID", "4688"},
      {"Version", "2"},
      {"TimeCreated_SystemTime", "2026-01-02T03:04:05.6789012Z"},
      {"Execution_ProcessID", "4"},
      {"Execution_ThreadID", "8"},
      {"Channel", "Security"},
      {"Computer", "host"},
      {"NewProcessName", "C:\\a & b.exe"},
      {"Empty", ""},
      {"Data", "one"},
      {"Data", "two"},
      {"Binary", "00FF"}};
  EXPECT_EQ(result.events[0].fields, expected);
  EXPECT_EQ(event::format_time(*result.events[0].time), "2026-01-02T03:04:05.678901Z");
  EXPECT_EQ(result.events[0].logsource, "windows/*/security");
}

TEST(WindowsXml, IsRecognised) {
  EXPECT_EQ(kWindowsXml.detect(kEvent, "").confidence, Confidence::certain);
  EXPECT_EQ(kWindowsXml.detect("<?xml version='1.0'?>\n<Events>" + std::string(kEvent), "").confidence,
            Confidence::certain);
  EXPECT_EQ(kWindowsXml.detect("<13>host x: " + std::string(kEvent), "").confidence, Confidence::certain);
  EXPECT_EQ(kWindowsXml.detect("<Event><System><EventID>1</EventID></System></Event>", "").confidence,
            Confidence::likely);
  EXPECT_EQ(kWindowsXml.detect("{\"xml\": \"" + std::string(kEvent), "").confidence, Confidence::none);
  EXPECT_EQ(kWindowsXml.detect("<Events><Thing/></Events>", "").confidence, Confidence::none);
}

// The values of X in every event, then the reasons.
std::vector<std::string> read_x(std::string_view xml, std::size_t step = 1 << 20) {
  const ReadResult result = read_events(kWindowsXml, xml, {}, step);
  std::vector<std::string> found;
  for (const ReadEvent& event : result.events) found.push_back(event.value("X"));
  for (const ReadReject& reject : result.rejects) found.push_back("reject: " + reject.reason);
  EXPECT_EQ(result.records, found.size());
  return found;
}

std::string with_x(std::string_view content) {
  return fmt::format(
      "<Event><System><EventID>1</EventID></System><EventData><Data Name='X'>{}</Data></EventData></Event>", content);
}

TEST(WindowsXml, ReadsEventsInARowHoweverTheyAreWritten) {
  for (const std::size_t step : {1, 7, 1 << 20}) {
    EXPECT_THAT(read_x(with_x("1") + with_x("2") + "\n" + with_x("3") + "\r\n", step), ElementsAre("1", "2", "3"));
    EXPECT_THAT(read_x("<?xml version=\"1.0\"?>\n<Events>\n" + with_x("1") + "\n" + with_x("2") + "</Events>\n", step),
                ElementsAre("1", "2"));
    EXPECT_THAT(read_x("<13>Jan 2 it's host: " + with_x("1") + "\n<13>Jan 2 \"host: " + with_x("2"), step),
                ElementsAre("1", "2"));
  }
}

TEST(WindowsXml, ReadsPrefixesAndPrettyPrinting) {
  EXPECT_THAT(read_x("<w:Event xmlns:w='urn:x'>\n  <w:System>\n    <w:EventID>1</w:EventID>\n  </w:System>\n"
                     "  <w:EventData>\n    <w:Data w:Name = \"X\" >a</w:Data >\n  </w:EventData>\n</w:Event>\n"),
              ElementsAre("a"));
}

TEST(WindowsXml, ResolvesReferencesAndSections) {
  EXPECT_THAT(read_x(with_x("&lt;a b=&quot;c&apos;&gt; &amp;amp; &#65;&#x20AC;&#xD800;")),
              ElementsAre("<a b=\"c'> &amp; A\xe2\x82\xac\xef\xbf\xbd"));
  EXPECT_THAT(read_x(with_x("&#x000000000041;")), ElementsAre("A"));
  EXPECT_THAT(read_x(with_x("a<![CDATA[<b>&amp;</b>]]>c<!-- </Event> -->d<?x </Event>?>")),
              ElementsAre("a<b>&amp;</b>cd"));
}

TEST(WindowsXml, DoesNotCutAtAnEndThatIsQuoted) {
  const std::string tricky = with_x("<![CDATA[</Event>]]>1") + "<!-- " + with_x("hidden") + " -->" + with_x("2");
  for (const std::size_t step : {1, 50, 1 << 20}) EXPECT_THAT(read_x(tricky, step), ElementsAre("</Event>1", "2"));
}

TEST(WindowsXml, TakesNoInstructionOrCommentForAnEvent) {
  for (const std::size_t step : {1, 7, 1 << 20}) {
    EXPECT_THAT(read_x("<?x:Event y?> text </a>" + with_x("1"), step), ElementsAre("1"));
    EXPECT_THAT(read_x("<?0<<:Event y?> text </a>" + with_x("1"), step), ElementsAre("1"));
    EXPECT_THAT(read_x("<!--:Event --> text </a>" + with_x("1"), step), ElementsAre("1"));
  }
}

TEST(WindowsXml, KeepsTheMessageOfRenderingInfoAndNothingElseOfIt) {
  const ReadResult result =
      read_events(kWindowsXml,
                  "<Event><System><Level>4</Level></System><RenderingInfo Culture='en-US'><Message>A "
                  "process</Message><Level>Information</Level></RenderingInfo></Event>");
  EXPECT_EQ(result.events.at(0).value("Message"), "A process");
  EXPECT_EQ(result.events.at(0).value("Level"), "4");
  EXPECT_EQ(result.events.at(0).fields.size(), 2U);
}

TEST(WindowsXml, GivesUserDataItsOwnNames) {
  const ReadResult result =
      read_events(kWindowsXml,
                  "<Event><System><EventID>1</EventID></System><UserData><Op xmlns='urn:x'><Id>7</Id>"
                  "<Deep><Leaf>z</Leaf></Deep></Op></UserData></Event>");
  EXPECT_EQ(result.events.at(0).value("Id"), "7");
  EXPECT_EQ(result.events.at(0).value("Leaf"), "z");
  EXPECT_EQ(result.events.at(0).fields.size(), 3U);
}

TEST(WindowsXml, RejectsOneEventAndReadsTheNext) {
  const std::string good = with_x("good");
  EXPECT_THAT(read_x(with_x("&bomb;") + good), ElementsAre("good", "reject: XML entity is unknown"));
  EXPECT_THAT(read_x(with_x("&#0;") + good), ElementsAre("good", "reject: XML entity is unknown"));
  EXPECT_THAT(read_x("<Event><System><EventID>1" + good), ElementsAre("good", HasSubstr("reject: ")));
  EXPECT_THAT(read_x("<Event><System></Event>" + good), ElementsAre("good", HasSubstr("another's tag")));
  EXPECT_THAT(read_x("<Event a=b></Event>" + good), ElementsAre("good", HasSubstr("attribute")));
  EXPECT_THAT(read_x("<Event></Event>" + good), ElementsAre("good", HasSubstr("holds nothing")));
  EXPECT_THAT(read_x(good + "<Event><System><EventID>1</EventID>"), ElementsAre("good", HasSubstr("never closed")));
  std::string deep = "<Event>";
  for (int i = 0; i < 100; ++i) deep += "<a>";
  EXPECT_THAT(read_x(deep + good), ElementsAre("good", HasSubstr("64 deep")));
}

TEST(WindowsXml, RefusesADoctypeAndWhatItDefines) {
  const std::string bomb = "<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]>";
  EXPECT_THAT(read_x(bomb + with_x("&b;") + with_x("1")),
              ElementsAre("1", HasSubstr("DOCTYPE"), HasSubstr("entity is unknown")));
}

TEST(WindowsXml, BearsHostileEvents) {
  const std::string good = with_x("good");
  std::string deep = "<Event>";
  for (int i = 0; i < 100'000; ++i) deep += "<a>";
  EXPECT_THAT(read_x(deep + good), ElementsAre("good", HasSubstr("64 deep")));
  std::string many = "<Event>";
  for (int i = 0; i < 70'000; ++i) many += "<a/>";
  many += "<EventData>";
  for (int i = 0; i < 70'000; ++i) many += "<Data/>";
  EXPECT_THAT(read_x(many + "</EventData></Event>" + good), ElementsAre("good", HasSubstr("65,536 values")));
  EXPECT_THAT(read_x(with_x("a\xFF") + good), ElementsAre("a\xEF\xBF\xBD", "good"));
  EXPECT_THAT(read_x(with_x(std::string("a\0b", 3)) + good), ElementsAre(std::string("a\0b", 3), "good"));
  EXPECT_THAT(read_x(with_x(std::string(kRecordBytesMax + 1, 'x')) + good), ElementsAre("good", HasSubstr("16 MiB")));
}

TEST(WindowsXml, SurvivesAnyDamage) {
  const std::string xml = with_x("a<![CDATA[b]]>&amp;") + std::string(kEvent) + "<!-- c -->" + with_x("d");
  std::mt19937 random(11);
  for (int i = 0; i < 3'000; ++i) {
    std::string damaged = xml.substr(0, random() % (xml.size() + 1));
    for (int flips = random() % 4; flips > 0 && !damaged.empty(); --flips) {
      damaged[random() % damaged.size()] = "<>&;/!-[]'\" x"[random() % 13];
    }
    const ReadResult result = read_events(kWindowsXml, damaged, {}, 100);
    EXPECT_EQ(result.records, result.events.size() + result.rejects.size());
  }
}

}  // namespace
}  // namespace weir::formats
