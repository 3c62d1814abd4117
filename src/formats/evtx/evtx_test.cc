#include "formats/evtx/evtx.h"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/evtx/bytes.h"
#include "formats/evtx/chunk.h"
#include "formats/evtx/testing/evtx_writer.h"
#include "formats/testing/read_events.h"

namespace weir::formats::evtx {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

EventDescription event_with(std::string name, TypedValue value) {
  EventDescription event;
  event.data.emplace_back(std::move(name), std::move(value));
  return event;
}

std::string file_of(const std::vector<EventDescription>& events) {
  EvtxWriter writer;
  for (const EventDescription& event : events) writer.add(event);
  return writer.finish();
}

// The texts that a value of this type becomes.
std::vector<std::string> rendered(TypedValue value) {
  const ReadResult result = read_events(kEvtx, file_of({event_with("X", std::move(value))}));
  EXPECT_TRUE(result.rejects.empty());
  return result.events.at(0).values("X");
}

TEST(Evtx, IsRecognisedByItsSignature) {
  const std::string file = file_of({EventDescription{}});
  EXPECT_EQ(kEvtx.detect(file, "").confidence, Confidence::certain);
  EXPECT_EQ(kEvtx.detect(file.substr(kFileHeaderBytes), "").confidence, Confidence::certain);
  EXPECT_EQ(kEvtx.detect("ElfFil", "x.evtx").confidence, Confidence::none);
}

TEST(Evtx, NamesSystemFieldsAsSigmaDoes) {
  EventDescription event = event_with("Image", text_value("C:\\a.exe"));
  event.event_id = 11;
  event.file_time = 116'444'736'001'234'567;  // 123.4567 ms after 1970 began
  const ReadResult result = read_events(kEvtx, file_of({event}));
  ASSERT_EQ(result.events.size(), 1U);
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"Provider_Name", "Microsoft-Windows-Sysmon"},
      {"Provider_Guid", "{5770385f-c22a-43e0-bf4c-06f5698ffbd9}"},
      {"EventID", "11"},
      {"Version", "5"},
      {"Level", "4"},
      {"Task", "11"},
      {"Opcode", "0"},
      {"Keywords", "0x8000000000000000"},
      {"TimeCreated_SystemTime", "1970-01-01T00:00:00.123456Z"},
      {"EventRecordID", "1"},
      {"Execution_ProcessID", "3088"},
      {"Execution_ThreadID", "4212"},
      {"Channel", "Microsoft-Windows-Sysmon/Operational"},
      {"Computer", "host.example.org"},
      {"Security_UserID", "S-1-5-18"},
      {"Image", "C:\\a.exe"}};
  EXPECT_EQ(result.events[0].fields, expected);
  EXPECT_EQ(result.events[0].time, event::EventTime(std::chrono::microseconds(123'456)));
  EXPECT_EQ(result.events[0].logsource, "windows/*/sysmon");
}

TEST(Evtx, TakesTheLogsourceThatAPersonSays) {
  Options options;
  options.logsource = event::Logsource{.product = "windows", .categories = {}, .services = {"security"}};
  EXPECT_EQ(read_events(kEvtx, file_of({EventDescription{}}), options).events.at(0).logsource, "windows/*/security");
}

TEST(Evtx, GivesEveryUnnamedDataACellAndUserDataItsOwnNames) {
  EventDescription classic;
  classic.data = {{"", text_value("one")}, {"", text_value("two")}, {"Binary", text_value("x")}};
  EventDescription user;
  user.user_data = "Operation_Failure";
  user.data = {{"Component", text_value("Unknown")}, {"ResultCode", number_value<std::uint32_t>(ValueType::hex32, 5)}};
  const ReadResult result = read_events(kEvtx, file_of({classic, user}));
  EXPECT_THAT(result.events.at(0).values("Data"), ElementsAre("one", "two"));
  EXPECT_EQ(result.events.at(1).value("Component"), "Unknown");
  EXPECT_EQ(result.events.at(1).value("ResultCode"), "0x5");
}

TEST(Evtx, RendersEveryType) {
  const auto bytes = [](std::string_view text) { return text; };
  EXPECT_THAT(rendered(text_value("a\\b")), ElementsAre("a\\b"));
  EXPECT_THAT(rendered(raw_value(ValueType::string, bytes({"\xe4\0\x3d\xd8\x00\xde\x00\xd8z\0\0\0", 12}))),
              ElementsAre("\xc3\xa4\xf0\x9f\x98\x80\xef\xbf\xbdz"));
  EXPECT_THAT(rendered(raw_value(ValueType::ansi_string, bytes({"\x80\xe4z\0", 4}))),
              ElementsAre("\xe2\x82\xac\xc3\xa4z"));
  EXPECT_THAT(rendered(number_value<std::int8_t>(ValueType::int8, -128)), ElementsAre("-128"));
  EXPECT_THAT(rendered(number_value<std::uint8_t>(ValueType::uint8, 255)), ElementsAre("255"));
  EXPECT_THAT(rendered(number_value<std::int16_t>(ValueType::int16, -2)), ElementsAre("-2"));
  EXPECT_THAT(rendered(number_value<std::uint16_t>(ValueType::uint16, 65'535)), ElementsAre("65535"));
  EXPECT_THAT(rendered(number_value<std::int32_t>(ValueType::int32, -2)), ElementsAre("-2"));
  EXPECT_THAT(rendered(number_value<std::uint32_t>(ValueType::uint32, 4'294'967'295)), ElementsAre("4294967295"));
  EXPECT_THAT(rendered(number_value<std::int64_t>(ValueType::int64, -2)), ElementsAre("-2"));
  EXPECT_THAT(rendered(number_value<std::uint64_t>(ValueType::uint64, ~0ULL)), ElementsAre("18446744073709551615"));
  EXPECT_THAT(rendered(number_value<float>(ValueType::real32, 1.5F)), ElementsAre("1.5"));
  EXPECT_THAT(rendered(number_value<double>(ValueType::real64, -0.1)), ElementsAre("-0.1"));
  EXPECT_THAT(rendered(number_value<std::uint32_t>(ValueType::boolean, 1)), ElementsAre("true"));
  EXPECT_THAT(rendered(number_value<std::uint32_t>(ValueType::boolean, 0)), ElementsAre("false"));
  EXPECT_THAT(rendered(raw_value(ValueType::binary, bytes({"\x00\xff\x1a", 3}))), ElementsAre("00FF1A"));
  EXPECT_THAT(rendered(raw_value(ValueType::guid, "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10")),
              ElementsAre("{04030201-0605-0807-090a-0b0c0d0e0f10}"));
  EXPECT_THAT(rendered(number_value<std::uint32_t>(ValueType::size, 255)), ElementsAre("0xff"));
  EXPECT_THAT(rendered(number_value<std::uint64_t>(ValueType::size, 255)), ElementsAre("0xff"));
  EXPECT_THAT(rendered(number_value<std::uint64_t>(ValueType::file_time, 0)),
              ElementsAre("1601-01-01T00:00:00.000000Z"));
  EXPECT_THAT(
      rendered(raw_value(ValueType::system_time, bytes({"\xea\x07\x02\0\x03\0\x01\0\x17\0\x3b\0\x3a\0\x07\0", 16}))),
      ElementsAre("2026-02-01T23:59:58.007000Z"));
  EXPECT_THAT(rendered(raw_value(ValueType::sid, bytes({"\x01\x02\0\0\0\0\0\x05\x20\0\0\0\x20\x02\0\0", 16}))),
              ElementsAre("S-1-5-32-544"));
  EXPECT_THAT(rendered(number_value<std::uint32_t>(ValueType::hex32, 0x3e7)), ElementsAre("0x3e7"));
  EXPECT_THAT(rendered(number_value<std::uint64_t>(ValueType::hex64, 0xABCDEF0123456789)),
              ElementsAre("0xabcdef0123456789"));
  EXPECT_THAT(rendered(number_value<std::uint64_t>(ValueType::handle, 16)), ElementsAre("0x10"));
}

TEST(Evtx, GivesEveryItemOfAnArrayACell) {
  EXPECT_THAT(rendered(array_value(ValueType::string, std::string_view("a\0b\0\0\0\0\0c\0\0\0", 12))),
              ElementsAre("ab", "", "c"));
  EXPECT_THAT(rendered(array_value(ValueType::string, std::string_view("a\0b\0", 4))), ElementsAre("ab"));
  EXPECT_THAT(rendered(array_value(ValueType::ansi_string, std::string_view("a\0b\0", 4))), ElementsAre("a", "b"));
  EXPECT_THAT(rendered(array_value(ValueType::uint16, std::string_view("\x01\0\x02\0", 4))), ElementsAre("1", "2"));
  EXPECT_THAT(rendered(array_value(ValueType::sid, std::string_view("\x01\0\0\0\0\0\0\x05\x01\0\0\0\0\0\0\x05", 16))),
              ElementsAre("S-1-5", "S-1-5"));
  EXPECT_THAT(rendered(array_value(ValueType::guid, std::string(32, '\0'))).size(), 2U);
  EXPECT_THAT(rendered(array_value(ValueType::uint32, std::string_view("\x01\0\0\0\x02\0", 6))), ElementsAre("1", "2"));
}

TEST(Evtx, TellsAnEmptyTextFromAValueThatIsAbsent) {
  EXPECT_THAT(rendered(text_value("")), ElementsAre(""));
  EXPECT_THAT(rendered(null_value()), IsEmpty());
}

TEST(Evtx, ShowsAValueOfAnImpossibleSizeAsBytes) {
  EXPECT_THAT(rendered(raw_value(ValueType::guid, "abc")), ElementsAre("616263"));
  EXPECT_THAT(rendered(raw_value(ValueType::uint32, "abc")), ElementsAre("616263"));
  EXPECT_THAT(rendered(raw_value(ValueType::sid, std::string_view("\x01\x09\0\0\0\0\0\x05", 8))),
              ElementsAre("0109000000000005"));
  EXPECT_THAT(rendered(number_value<std::uint64_t>(ValueType::file_time, ~0ULL)), ElementsAre("FFFFFFFFFFFFFFFF"));
  EXPECT_THAT(rendered(raw_value(ValueType{0x7f}, "z")), ElementsAre("7A"));
}

// Some thousand events in many chunks.
std::vector<EventDescription> many_events(int count) {
  std::mt19937 random(3);
  std::vector<EventDescription> events;
  for (int i = 0; i < count; ++i) {
    EventDescription event = event_with("Number", number_value<std::int32_t>(ValueType::int32, i));
    event.event_id = static_cast<std::uint16_t>(1 + random() % 5);
    event.data.emplace_back(fmt::format("Only{}", event.event_id), text_value(std::string(random() % 200, 'x')));
    events.push_back(std::move(event));
  }
  return events;
}

TEST(Evtx, ReadsAllRecordsOfAllChunksHoweverTheyAreCut) {
  const std::vector<EventDescription> events = many_events(3'000);
  const std::string file = file_of(events);
  ASSERT_GT(file.size(), 10 * kChunkBytes);
  for (const std::size_t step : {std::size_t{1'000}, std::size_t{65'536}, std::size_t{200'000}, file.size()}) {
    const ReadResult result = read_events(kEvtx, file, {}, step);
    EXPECT_TRUE(result.rejects.empty());
    ASSERT_EQ(result.events.size(), events.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
      ASSERT_EQ(result.events[i].value("Number"), std::to_string(i));
      ASSERT_EQ(result.events[i].number, i);
      ASSERT_EQ(result.events[i].value("EventRecordID"), std::to_string(i + 1));
      ASSERT_EQ(result.events[i].value(events[i].data[1].first).size(), events[i].data[1].second.bytes.size() / 2);
    }
  }
}

std::string reasons(const ReadResult& result) {
  std::string text;
  for (const ReadReject& reject : result.rejects) text += reject.reason + "; ";
  return text;
}

TEST(Evtx, ReadsAFileThatWasCutAsFarAsItGoes) {
  const std::string file = file_of(many_events(300));
  const std::size_t whole = read_events(kEvtx, file).events.size();
  std::size_t last = 0;
  for (std::size_t size = 0; size < file.size(); size += 512) {
    const ReadResult result = read_events(kEvtx, file.substr(0, size));
    EXPECT_GE(result.events.size(), last);
    EXPECT_LE(result.events.size(), whole);
    last = result.events.size();
    const std::size_t beyond = size <= kFileHeaderBytes ? 0 : (size - kFileHeaderBytes) % kChunkBytes;
    if (beyond > 0 && size + 512 < file.size() - kChunkBytes) {
      EXPECT_THAT(reasons(result), HasSubstr("cut off"));
    }
  }
  EXPECT_EQ(last, whole);
}

TEST(Evtx, NeedsNothingOfTheFileHeader) {
  const std::string file = file_of(many_events(300));
  std::string damaged = file;
  damaged.replace(0, 100, 100, 'x');
  EXPECT_EQ(read_events(kEvtx, damaged).events.size(), 300U);
  EXPECT_EQ(read_events(kEvtx, file.substr(kFileHeaderBytes)).events.size(), 300U);
}

TEST(Evtx, GoesOnBehindAChunkThatIsNone) {
  std::string file = file_of(many_events(600));
  const std::size_t chunks = (file.size() - kFileHeaderBytes) / kChunkBytes;
  ASSERT_GE(chunks, 4U);
  const std::size_t whole = read_events(kEvtx, file).events.size();
  file.replace(kFileHeaderBytes + kChunkBytes, 8, "damaged!");
  const ReadResult result = read_events(kEvtx, file, {}, 10'000);
  EXPECT_LT(result.events.size(), whole);
  EXPECT_GT(result.events.size(), whole * (chunks - 2) / chunks - 20);
  EXPECT_EQ(result.rejects.size(), 1U) << reasons(result);
  EXPECT_THAT(reasons(result), HasSubstr("no chunk"));
}

TEST(Evtx, FindsTheNextChunkBehindBytesThatDoNotBelong) {
  const std::string file = file_of(many_events(300));
  const std::string stray = file.substr(0, kFileHeaderBytes + kChunkBytes) + std::string(3 * 512, 'x') +
                            file.substr(kFileHeaderBytes + kChunkBytes);
  for (const std::size_t step : {700, 65'536, 10'000'000}) {
    EXPECT_EQ(read_events(kEvtx, stray, {}, step).events.size(), 300U);
  }
}

TEST(Evtx, TakesZerosForRoomNotForDamage) {
  const std::string file = file_of(many_events(10)) + std::string(3 * kChunkBytes, '\0');
  const ReadResult result = read_events(kEvtx, file);
  EXPECT_EQ(result.events.size(), 10U);
  EXPECT_TRUE(result.rejects.empty());
}

TEST(Evtx, NotesWrongChecksumsAndStillReadsTheRecords) {
  std::string file = file_of(many_events(10));
  file[kFileHeaderBytes + 200] = static_cast<char>(file[kFileHeaderBytes + 200] ^ 1);
  EXPECT_EQ(read_events(kEvtx, file).events.size(), 10U);
  EXPECT_THAT(reasons(read_events(kEvtx, file)), HasSubstr("header's checksum"));
  file = file_of(many_events(10));
  file[kFileHeaderBytes + kChunkHeaderBytes + 16] ^= 1;
  EXPECT_EQ(read_events(kEvtx, file).events.size(), 10U);
  EXPECT_THAT(reasons(read_events(kEvtx, file)), HasSubstr("chunk's checksum"));
}

// Where the records of the first chunk begin.
std::vector<std::size_t> record_places(const std::string& file) {
  std::vector<std::size_t> places;
  for (std::size_t at = kFileHeaderBytes + kChunkHeaderBytes; file.substr(at, 4) == kRecordSignature;) {
    places.push_back(at);
    at += load<std::uint32_t>(file.data() + at + 4);
  }
  return places;
}

TEST(Evtx, RejectsOneRecordAndReadsTheNext) {
  const std::string file = file_of(many_events(10));
  const std::vector<std::size_t> places = record_places(file);
  ASSERT_EQ(places.size(), 10U);
  std::string unsigned_record = file;
  unsigned_record[places[4]] = '+';
  std::string wrong_size = file;
  wrong_size[places[4] + 4] ^= 8;
  std::string wrong_token = file;
  wrong_token[places[4] + kRecordHeaderBytes + 4] = '\x3f';
  std::string wrong_template = file;
  wrong_template[places[4] + kRecordHeaderBytes + 4 + 8] = '\x7f';
  for (const std::string& damaged : {unsigned_record, wrong_size, wrong_token, wrong_template}) {
    const ReadResult result = read_events(kEvtx, damaged);
    EXPECT_EQ(result.events.size(), 9U);
    EXPECT_EQ(result.rejects.size(), 2U) << reasons(result);  // The chunk's checksum and the record.
  }
}

TEST(Evtx, ReadsRecordsThatTheHeaderOfALiveCopyDoesNotKnowYet) {
  std::string file = file_of(many_events(10));
  const std::vector<std::size_t> places = record_places(file);
  // As the header was after six records, with checksums that fit.
  const std::uint32_t free_space = static_cast<std::uint32_t>(places[6] - kFileHeaderBytes);
  std::memcpy(file.data() + kFileHeaderBytes + kFreeSpaceAt, &free_space, 4);
  const std::string_view chunk = std::string_view(file).substr(kFileHeaderBytes);
  const std::uint32_t data = data_checksum(chunk, free_space);
  std::memcpy(file.data() + kFileHeaderBytes + kDataChecksumAt, &data, 4);
  const std::uint32_t header = header_checksum(chunk);
  std::memcpy(file.data() + kFileHeaderBytes + kHeaderChecksumAt, &header, 4);
  EXPECT_EQ(read_events(kEvtx, file).events.size(), 10U);
  // Records of an earlier use of the chunk have other numbers.
  file[places[6] + 8] = 3;
  EXPECT_EQ(read_events(kEvtx, file).events.size(), 6U);
  EXPECT_TRUE(read_events(kEvtx, file).rejects.empty());
}

TEST(Evtx, SurvivesAnyFlippedByte) {
  const std::string file = file_of(many_events(20));
  std::mt19937 random(5);
  for (int i = 0; i < 3'000; ++i) {
    std::string damaged = file;
    for (std::uint32_t flips = 1 + random() % 3; flips > 0; --flips) {
      damaged[kFileHeaderBytes + random() % 12'000] = static_cast<char>(random());
    }
    const ReadResult result = read_events(kEvtx, damaged);
    EXPECT_LE(result.events.size(), 20U);
    EXPECT_EQ(result.records, result.events.size() + result.rejects.size());
  }
}

}  // namespace
}  // namespace weir::formats::evtx
