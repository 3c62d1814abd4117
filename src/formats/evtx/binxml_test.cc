// BinXML tokens as a record may hold them without any template, written by hand.

#include "formats/evtx/binxml.h"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/evtx/chunk.h"
#include "formats/evtx/evtx.h"
#include "formats/evtx/testing/evtx_writer.h"
#include "formats/testing/read_events.h"

namespace weir::formats::evtx {
namespace {

using ::testing::HasSubstr;

template <typename Number>
std::string little(Number number) {
  return {reinterpret_cast<const char*>(&number), sizeof number};
}

// The tokens of the first record of a chunk, so that names know where they stand.
class Tokens {
 public:
  explicit Tokens(std::uint32_t begin = kChunkHeaderBytes + kRecordHeaderBytes) : begin_(begin) {}

  Tokens& byte(std::uint8_t value) { return raw(little(value)); }
  Tokens& raw(std::string_view bytes) {
    bytes_ += bytes;
    return *this;
  }
  Tokens& header() { return raw({"\x0f\x01\x01\x00", 4}); }
  Tokens& name(std::string_view text) {
    raw(little(static_cast<std::uint32_t>(begin_ + bytes_.size() + 4))).raw(little<std::uint32_t>(0));
    const std::string utf16 = to_utf16(text);
    return raw(little(hash_name(utf16)))
        .raw(little(static_cast<std::uint16_t>(text.size())))
        .raw(utf16)
        .raw({"\0\0", 2});
  }
  Tokens& open(std::string_view element, bool attributes = false, bool dependency = true) {
    byte(attributes ? 0x41 : 0x01);
    if (dependency) raw("\xff\xff");
    raw(little<std::uint32_t>(0)).name(element);
    return attributes ? raw(little<std::uint32_t>(0)) : *this;
  }
  Tokens& attribute(std::string_view text) { return byte(0x06).name(text); }
  Tokens& content() { return byte(0x02); }
  Tokens& empty() { return byte(0x03); }
  Tokens& close() { return byte(0x04); }
  Tokens& text(std::string_view ascii) { return byte(0x05).byte(0x01).counted(ascii); }
  Tokens& counted(std::string_view ascii) {
    return raw(little(static_cast<std::uint16_t>(ascii.size()))).raw(to_utf16(ascii));
  }

  const std::string& bytes() const { return bytes_; }

 private:
  std::uint32_t begin_;
  std::string bytes_;
};

ReadResult read(const std::string& binxml) {
  EvtxWriter writer;
  writer.add_binxml(binxml, 0);
  return read_events(kEvtx, writer.finish());
}

std::string reason_of(const std::string& binxml) {
  const ReadResult result = read(binxml);
  return result.rejects.empty() ? "" : result.rejects.front().reason;
}

// <Event><EventData> … </EventData></Event>
std::string in_event_data(const std::function<void(Tokens&)>& put) {
  Tokens tokens;
  tokens.header().open("Event").content().open("EventData").content();
  put(tokens);
  return tokens.close().close().byte(0).bytes();
}

TEST(BinXml, ReadsElementsWithoutATemplate) {
  const ReadResult result = read(in_event_data([](Tokens& tokens) {
    tokens.open("Data", true).attribute("Name").text("Image").content().text("a.exe").close();
    tokens.open("Data").content().text("unnamed").close();
    tokens.open("Data", true).attribute("Name").text("Empty").empty();
  }));
  ASSERT_EQ(result.events.size(), 1U) << reason_of("");
  EXPECT_EQ(result.events[0].value("Image"), "a.exe");
  EXPECT_EQ(result.events[0].value("Data"), "unnamed");
  EXPECT_EQ(result.events[0].value("Empty"), "");
}

TEST(BinXml, ReadsElementsThatLackTheDependencyIdentifier) {
  Tokens tokens;
  tokens.header().open("Event", false, false).content().open("EventData", false, false).content();
  tokens.open("Image", false, false).content().text("a.exe").close().close().close().byte(0);
  EXPECT_EQ(read(tokens.bytes()).events.at(0).value("Image"), "a.exe");
}

TEST(BinXml, JoinsEveryKindOfText) {
  const ReadResult result = read(in_event_data([](Tokens& tokens) {
    tokens.open("X").content().text("a").byte(0x07).counted("<c>");  // CDATA
    tokens.byte(0x08).raw(little<std::uint16_t>(0x20AC));            // Character reference
    for (const char* entity : {"amp", "lt", "gt", "quot", "apos"}) tokens.byte(0x49).name(entity);
    tokens.byte(0x0a).name("target").byte(0x0b).counted("instruction");  // Processing instruction: no text
    tokens.byte(0x45).byte(0x01).counted("z").close();
  }));
  EXPECT_EQ(result.events.at(0).value("X"), "a<c>\xe2\x82\xac&<>\"'z");
}

TEST(BinXml, TakesTheTimeOfTheRecordWhereTheEventHasNone) {
  const ReadResult result = read(in_event_data([](Tokens& tokens) { tokens.open("X").empty(); }));
  EXPECT_EQ(result.events.at(0).value("TimeCreated_SystemTime"), "1601-01-01T00:00:00.000000Z");
}

TEST(BinXml, SaysWhyARecordCannotBeRead) {
  EXPECT_EQ(reason_of(""), "record holds no event");
  EXPECT_EQ(reason_of(Tokens().header().byte(0).bytes()), "record holds no event");
  EXPECT_THAT(reason_of(Tokens().header().open("Event").content().bytes()), HasSubstr("never closed"));
  EXPECT_THAT(reason_of(Tokens().header().close().byte(0).bytes()), HasSubstr("closed twice"));
  EXPECT_THAT(reason_of(Tokens().header().open("Event").byte(0x3f).bytes()), HasSubstr("unknown"));
  EXPECT_THAT(reason_of(in_event_data([](Tokens& t) { t.open("X").content().byte(0x09).name("bomb"); })),
              HasSubstr("entity"));
  EXPECT_THAT(reason_of(in_event_data([](Tokens& t) { t.open("X").content().byte(0x05).byte(0x08); })),
              HasSubstr("no string"));
  EXPECT_THAT(reason_of(Tokens().header().open("E").content().byte(0x05).byte(0x01).raw("\xff\xff").bytes()),
              HasSubstr("beyond its end"));
  EXPECT_THAT(reason_of(Tokens().header().open(std::string(300, 'n')).empty().bytes()), HasSubstr("beyond its end"));
  EXPECT_THAT(reason_of(Tokens().header().byte(0x0c).raw(std::string(9, '\xff')).bytes()),
              HasSubstr("template lies beyond"));
}

TEST(BinXml, LimitsHowDeepElementsNest) {
  const auto nested = [](int depth) {
    Tokens tokens;
    tokens.header();
    for (int i = 0; i < depth; ++i) tokens.open("E").content();
    tokens.text("deep");
    for (int i = 0; i < depth; ++i) tokens.close();
    return tokens.byte(0).bytes();
  };
  EXPECT_EQ(read(nested(64)).events.at(0).value("E"), "deep");
  EXPECT_THAT(reason_of(nested(65)), HasSubstr("64 deep"));
}

// A template instance whose definition holds `tokens`, with values behind it.
std::string instance(const std::function<void(Tokens&)>& put, const std::vector<TypedValue>& values) {
  constexpr std::uint32_t kBeforeTokens = 4 + 10 + 24;
  Tokens definition(kChunkHeaderBytes + kRecordHeaderBytes + kBeforeTokens);
  put(definition);
  definition.byte(0);
  std::string out = Tokens().header().byte(0x0c).byte(1).raw(little<std::uint32_t>(7)).bytes();
  out += little(static_cast<std::uint32_t>(kChunkHeaderBytes + kRecordHeaderBytes + out.size() + 4));
  out += std::string(20, '\0') + little(static_cast<std::uint32_t>(definition.bytes().size())) + definition.bytes();
  out += little(static_cast<std::uint32_t>(values.size()));
  for (const TypedValue& value : values) {
    out += little(static_cast<std::uint16_t>(value.bytes.size())) + little(value.type) + std::string(1, '\0');
  }
  for (const TypedValue& value : values) out += value.bytes;
  return out;
}

Tokens& hole(Tokens& tokens, bool optional, std::uint16_t number) {
  return tokens.byte(optional ? 0x0e : 0x0d).raw(little(number)).byte(1);
}

TEST(BinXml, FillsHolesInTextAndInNames) {
  const std::string binxml = instance(
      [](Tokens& tokens) {
        tokens.header().open("Event").content().open("EventData").content();
        tokens.open("Data", true).attribute("Name").text("Made");
        hole(tokens, false, 0).content().text("<");
        hole(tokens, false, 1);
        tokens.text("|");
        hole(tokens, false, 2);
        tokens.text(">").close().close().close();
      },
      {text_value("Up"), number_value<std::uint16_t>(ValueType::uint16, 7),
       array_value(ValueType::uint16, std::string_view("\x01\0\x02\0", 4))});
  EXPECT_EQ(read(binxml).events.at(0).value("MadeUp"), "<7|1,2>");
}

TEST(BinXml, LeavesOutWhatHoldsOnlyAnOptionalValueThatIsNull) {
  const std::string binxml = instance(
      [](Tokens& tokens) {
        tokens.open("Event").content().open("EventData").content();
        tokens.open("Optional").content();
        hole(tokens, true, 0).close().open("Normal").content();
        hole(tokens, false, 0).close().open("Beyond").content();
        hole(tokens, true, 9).close().close().close();
      },
      {null_value()});
  const ReadEvent event = read(binxml).events.at(0);
  EXPECT_EQ(event.value("Optional"), "(absent)");
  EXPECT_EQ(event.value("Normal"), "");
  EXPECT_EQ(event.value("Beyond"), "(absent)");
}

TEST(BinXml, StopsARecordThatExpandsWithoutEnd) {
  // Ten thousand holes for one value of 60 KB would make 300 MB of text.
  const std::string binxml = instance(
      [](Tokens& tokens) {
        tokens.open("Event").content().open("X").content();
        for (int i = 0; i < 8'000; ++i) hole(tokens, false, 0);
        tokens.close().close();
      },
      {raw_value(ValueType::binary, std::string(20'000, 'x'))});
  EXPECT_THAT(reason_of(binxml), HasSubstr("expands"));
}

TEST(BinXml, StopsAValueThatEmbedsItsOwnTemplateAgainAndAgain) {
  // The definition at this place has 40 holes, each filled with an instance of the same definition.
  constexpr std::uint32_t kDefinitionAt = kChunkHeaderBytes + kRecordHeaderBytes + 4 + 10;
  const std::string again = std::string("\x0c\x01", 2) + little<std::uint32_t>(7) + little(kDefinitionAt);
  std::string value = again + little<std::uint32_t>(0);
  for (int i = 0; i < 7; ++i) {
    value = again + little<std::uint32_t>(1) + little(static_cast<std::uint16_t>(value.size())) +
            std::string("\x21\0", 2) + value;
  }
  const std::string binxml = instance(
      [](Tokens& tokens) {
        tokens.open("Event").content();
        for (int i = 0; i < 40; ++i) hole(tokens, true, 0);
        tokens.close();
      },
      {raw_value(ValueType::binxml, value)});
  EXPECT_THAT(reason_of(binxml), HasSubstr("expands"));
}

}  // namespace
}  // namespace weir::formats::evtx
