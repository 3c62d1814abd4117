#include "formats/evtx/testing/evtx_writer.h"

#include <cstring>

#include <zlib.h>

#include "base/check.h"
#include "formats/evtx/bytes.h"
#include "formats/evtx/chunk.h"
#include "formats/evtx/program.h"

namespace weir::formats::evtx {
namespace {

constexpr std::size_t kNameTableAt = 128;
constexpr std::uint32_t kNameBuckets = 64;
constexpr std::size_t kTemplateTableAt = 384;
constexpr std::uint32_t kTemplateBuckets = 32;

template <typename Number>
void put(std::string& out, Number number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

template <typename Number>
void put_at(std::string& out, std::size_t position, Number number) {
  std::memcpy(out.data() + position, &number, sizeof number);
}

std::uint32_t size_of(const std::string& text) {
  return static_cast<std::uint32_t>(text.size());
}

std::string guid_of(std::string_view name) {
  std::string guid;
  for (std::uint64_t i = 0; i < 2; ++i) put(guid, std::hash<std::string_view>{}(name) * (2 * i + 1) + i);
  return guid;
}

// One record's BinXML, written at its place in the chunk.
class RecordWriter {
 public:
  RecordWriter(std::string& chunk, std::map<std::string, std::uint32_t>& names, std::vector<std::string>& added_names,
               std::map<std::string, std::uint32_t>& definitions, std::vector<std::string>& added_definitions)
      : chunk_(chunk),
        names_(names),
        added_names_(added_names),
        definitions_(definitions),
        added_definitions_(added_definitions) {}

  void write(const EventDescription& event, std::uint64_t record) {
    put_fragment_header();
    begin_instance("system " + event.provider + " " + event.channel, [&] { put_event(event); });
    std::vector<TypedValue> values = system_values(event, record);
    std::vector<std::size_t> value_at = put_descriptors(values);
    // The embedded part holds offsets of its own, so it is written in place and measured afterwards.
    for (const TypedValue& value : values) chunk_ += value.bytes;
    const std::size_t begin = chunk_.size();
    put_data(event);
    const std::size_t size = chunk_.size() - begin;
    CHECK_LE(size, std::size_t{65'535});
    put_at(chunk_, value_at.back(), static_cast<std::uint16_t>(size));
    put<std::uint8_t>(chunk_, 0);
  }

 private:
  void put_fragment_header() { chunk_.append("\x0f\x01\x01\x00", 4); }

  void put_name(const std::string& name) {
    const auto found = names_.find(name);
    if (found != names_.end()) return put(chunk_, found->second);
    const std::uint32_t at = size_of(chunk_) + 4;
    put(chunk_, at);
    names_.emplace(name, at);
    added_names_.push_back(name);
    const std::string utf16 = to_utf16(name);
    const std::uint16_t hash = hash_name(utf16);
    // Names of one bucket are chained; the newest is the head.
    const std::size_t bucket = kNameTableAt + 4 * (hash % kNameBuckets);
    put(chunk_, load<std::uint32_t>(chunk_.data() + bucket));
    put_at(chunk_, bucket, at);
    put(chunk_, hash);
    put(chunk_, static_cast<std::uint16_t>(utf16.size() / 2));
    chunk_ += utf16;
    put<std::uint16_t>(chunk_, 0);
  }

  template <typename PutTokens>
  void begin_instance(const std::string& key, const PutTokens& put_tokens) {
    const std::string guid = guid_of(key);
    put<std::uint8_t>(chunk_, 0x0c);
    put<std::uint8_t>(chunk_, 1);
    chunk_ += guid.substr(0, 4);
    const auto found = definitions_.find(key);
    if (found != definitions_.end()) return put(chunk_, found->second);
    const std::uint32_t at = size_of(chunk_) + 4;
    put(chunk_, at);
    definitions_.emplace(key, at);
    added_definitions_.push_back(key);
    const std::size_t bucket = kTemplateTableAt + 4 * (load<std::uint32_t>(guid.data()) % kTemplateBuckets);
    put(chunk_, load<std::uint32_t>(chunk_.data() + bucket));
    put_at(chunk_, bucket, at);
    chunk_ += guid;
    const std::size_t size_at = chunk_.size();
    put<std::uint32_t>(chunk_, 0);
    put_fragment_header();
    put_tokens();
    put<std::uint8_t>(chunk_, 0);
    put_at(chunk_, size_at, static_cast<std::uint32_t>(chunk_.size() - size_at - 4));
  }

  // Returns where each value's size stands.
  std::vector<std::size_t> put_descriptors(const std::vector<TypedValue>& values) {
    put(chunk_, static_cast<std::uint32_t>(values.size()));
    std::vector<std::size_t> places;
    for (const TypedValue& value : values) {
      places.push_back(chunk_.size());
      put(chunk_, static_cast<std::uint16_t>(value.bytes.size()));
      put(chunk_, value.type);
      put<std::uint8_t>(chunk_, 0);
    }
    return places;
  }

  struct Attribute {
    std::string name;
    std::string literal;
    int substitution = -1;  // −1: the literal.
    ValueType type = ValueType::string;
  };

  template <typename PutContent>
  void put_element(const std::string& name, const std::vector<Attribute>& attributes, const PutContent& put_content) {
    put<std::uint8_t>(chunk_, attributes.empty() ? 0x01 : 0x41);
    put<std::uint16_t>(chunk_, 0xFFFF);
    const std::size_t size_at = chunk_.size();
    put<std::uint32_t>(chunk_, 0);
    put_name(name);
    if (!attributes.empty()) put_attributes(attributes);
    put<std::uint8_t>(chunk_, 0x02);
    put_content();
    put<std::uint8_t>(chunk_, 0x04);
    put_at(chunk_, size_at, static_cast<std::uint32_t>(chunk_.size() - size_at - 4));
  }

  void put_attributes(const std::vector<Attribute>& attributes) {
    const std::size_t size_at = chunk_.size();
    put<std::uint32_t>(chunk_, 0);
    for (std::size_t i = 0; i < attributes.size(); ++i) {
      put<std::uint8_t>(chunk_, i + 1 < attributes.size() ? 0x46 : 0x06);
      put_name(attributes[i].name);
      if (attributes[i].substitution < 0)
        put_text(attributes[i].literal);
      else
        put_hole(attributes[i].substitution, attributes[i].type);
    }
    put_at(chunk_, size_at, static_cast<std::uint32_t>(chunk_.size() - size_at - 4));
  }

  void put_text(std::string_view text) {
    put<std::uint8_t>(chunk_, 0x05);
    put<std::uint8_t>(chunk_, 0x01);
    put(chunk_, static_cast<std::uint16_t>(text.size()));
    chunk_ += to_utf16(text);
  }

  void put_hole(int number, ValueType type) {
    put<std::uint8_t>(chunk_, 0x0e);
    put(chunk_, static_cast<std::uint16_t>(number));
    put(chunk_, static_cast<std::uint8_t>(type));
  }

  void put_simple(const std::string& name, int hole, ValueType type) {
    put_element(name, {}, [&] { put_hole(hole, type); });
  }

  void put_event(const EventDescription& event) {
    const auto nothing = [] {};
    put_element("Event", {{"xmlns", "http://schemas.microsoft.com/win/2004/08/events/event"}}, [&] {
      put_element("System", {}, [&] {
        put_element("Provider", {{"Name", event.provider}, {"Guid", "{5770385f-c22a-43e0-bf4c-06f5698ffbd9}"}},
                    nothing);
        put_element("EventID", {{"Qualifiers", "", 4, ValueType::uint16}}, [&] { put_hole(3, ValueType::uint16); });
        put_simple("Version", 11, ValueType::uint8);
        put_simple("Level", 0, ValueType::uint8);
        put_simple("Task", 2, ValueType::uint16);
        put_simple("Opcode", 1, ValueType::uint8);
        put_simple("Keywords", 5, ValueType::hex64);
        put_element("TimeCreated", {{"SystemTime", "", 6, ValueType::file_time}}, nothing);
        put_simple("EventRecordID", 10, ValueType::uint64);
        put_element("Correlation", {{"ActivityID", "", 7, ValueType::guid}}, nothing);
        put_element("Execution", {{"ProcessID", "", 8, ValueType::uint32}, {"ThreadID", "", 9, ValueType::uint32}},
                    nothing);
        put_element("Channel", {}, [&] { put_text(event.channel); });
        put_simple("Computer", 13, ValueType::string);
        put_element("Security", {{"UserID", "", 12, ValueType::sid}}, nothing);
      });
      put_hole(14, ValueType::binxml);
    });
  }

  std::vector<TypedValue> system_values(const EventDescription& event, std::uint64_t record) {
    return {number_value<std::uint8_t>(ValueType::uint8, 4),
            number_value<std::uint8_t>(ValueType::uint8, 0),
            number_value<std::uint16_t>(ValueType::uint16, event.event_id),
            number_value<std::uint16_t>(ValueType::uint16, event.event_id),
            null_value(),
            number_value<std::uint64_t>(ValueType::hex64, 0x8000000000000000),
            number_value<std::uint64_t>(ValueType::file_time, event.file_time),
            null_value(),
            number_value<std::uint32_t>(ValueType::uint32, 3088),
            number_value<std::uint32_t>(ValueType::uint32, 4212),
            number_value<std::uint64_t>(ValueType::uint64, record),
            number_value<std::uint8_t>(ValueType::uint8, 5),
            raw_value(ValueType::sid, std::string_view("\x01\x01\0\0\0\0\0\x05\x12\0\0\0", 12)),
            text_value(event.computer),
            raw_value(ValueType::binxml, "")};
  }

  void put_data(const EventDescription& event) {
    std::string key = "data " + event.user_data;
    for (const auto& [name, value] : event.data) key += "/" + name;
    put_fragment_header();
    begin_instance(key, [&] {
      if (!event.user_data.empty()) {
        put_element("UserData", {}, [&] {
          put_element(event.user_data, {{"xmlns", "urn:example"}}, [&] { put_data_elements(event); });
        });
      } else {
        put_element("EventData", {}, [&] { put_data_elements(event); });
      }
    });
    std::vector<TypedValue> values;
    for (const auto& [name, value] : event.data) values.push_back(value);
    put_descriptors(values);
    for (const TypedValue& value : values) chunk_ += value.bytes;
    put<std::uint8_t>(chunk_, 0);
  }

  void put_data_elements(const EventDescription& event) {
    int hole = 0;
    for (const auto& [name, value] : event.data) {
      const ValueType type{static_cast<std::uint8_t>(value.type)};
      const auto put_value = [&] { put_hole(hole++, type); };
      if (!event.user_data.empty())
        put_element(name, {}, put_value);
      else if (name.empty())
        put_element("Data", {}, put_value);
      else
        put_element("Data", {{"Name", name}}, put_value);
    }
  }

  std::string& chunk_;
  std::map<std::string, std::uint32_t>& names_;
  std::vector<std::string>& added_names_;
  std::map<std::string, std::uint32_t>& definitions_;
  std::vector<std::string>& added_definitions_;
};

}  // namespace

TypedValue null_value() {
  return {};
}
TypedValue text_value(std::string_view ascii) {
  return raw_value(ValueType::string, to_utf16(ascii));
}
TypedValue raw_value(ValueType type, std::string_view bytes) {
  return {static_cast<std::uint8_t>(type), std::string(bytes)};
}
TypedValue array_value(ValueType type, std::string_view bytes) {
  return {static_cast<std::uint8_t>(static_cast<std::uint8_t>(type) | kArrayFlag), std::string(bytes)};
}

std::string to_utf16(std::string_view ascii) {
  std::string utf16;
  for (const char c : ascii) {
    utf16 += c;
    utf16 += '\0';
  }
  return utf16;
}

EvtxWriter::EvtxWriter(std::uint64_t first_record) : next_record_(first_record) {
  begin_chunk();
}

void EvtxWriter::begin_chunk() {
  chunk_.assign(kChunkHeaderBytes, '\0');
  names_.clear();
  definitions_.clear();
  first_record_of_chunk_ = next_record_;
  last_record_at_ = 0;
}

template <typename Write>
void EvtxWriter::add_record(std::uint64_t file_time, const Write& write) {
  for (int attempt = 0; attempt < 2; ++attempt) {
    const std::string header = chunk_.substr(0, kChunkHeaderBytes);
    const std::size_t begin = chunk_.size();
    added_names_.clear();
    added_definitions_.clear();
    chunk_ += kRecordSignature;
    put<std::uint32_t>(chunk_, 0);
    put(chunk_, next_record_);
    put(chunk_, file_time);
    write();
    while (chunk_.size() % 8 != 4) chunk_ += '\0';
    const std::uint32_t size = static_cast<std::uint32_t>(chunk_.size() - begin + kRecordTailBytes);
    put(chunk_, size);
    put_at(chunk_, begin + 4, size);
    if (chunk_.size() <= kChunkBytes) {
      last_record_at_ = static_cast<std::uint32_t>(begin);
      ++next_record_;
      return;
    }
    // The record starts the next chunk; what it left in this one is taken back.
    chunk_.resize(begin);
    chunk_.replace(0, kChunkHeaderBytes, header);
    for (const std::string& name : added_names_) names_.erase(name);
    for (const std::string& key : added_definitions_) definitions_.erase(key);
    close_chunk();
  }
  CHECK(false);  // The record is larger than a chunk.
}

void EvtxWriter::add(const EventDescription& event) {
  add_record(event.file_time, [&] {
    RecordWriter(chunk_, names_, added_names_, definitions_, added_definitions_).write(event, next_record_);
  });
}

void EvtxWriter::add_binxml(std::string_view binxml, std::uint64_t file_time) {
  add_record(file_time, [&] { chunk_ += binxml; });
}

void EvtxWriter::close_chunk() {
  if (last_record_at_ == 0) return;
  const std::uint32_t free_space = size_of(chunk_);
  chunk_.resize(kChunkBytes, '\0');
  chunk_.replace(0, kChunkSignature.size(), kChunkSignature);
  for (const std::size_t at : {8, 24}) {
    put_at(chunk_, at, first_record_of_chunk_);
    put_at(chunk_, at + 8, next_record_ - 1);
  }
  put_at<std::uint32_t>(chunk_, 40, 128);
  put_at(chunk_, 44, last_record_at_);
  put_at(chunk_, kFreeSpaceAt, free_space);
  put_at(chunk_, kDataChecksumAt, data_checksum(chunk_, free_space));
  put_at(chunk_, kHeaderChecksumAt, header_checksum(chunk_));
  file_ += chunk_;
  ++chunk_count_;
  begin_chunk();
}

std::string EvtxWriter::finish() {
  close_chunk();
  std::string header(kFileHeaderBytes, '\0');
  header.replace(0, kFileSignature.size(), kFileSignature);
  put_at<std::uint64_t>(header, 16, chunk_count_ == 0 ? 0 : chunk_count_ - 1U);
  put_at(header, 24, next_record_);
  put_at<std::uint32_t>(header, 32, 128);
  put_at<std::uint16_t>(header, 36, 1);
  put_at<std::uint16_t>(header, 38, 3);
  put_at<std::uint16_t>(header, 40, kFileHeaderBytes);
  put_at(header, 42, chunk_count_);
  put_at(header, 124, static_cast<std::uint32_t>(::crc32(0, reinterpret_cast<const Bytef*>(header.data()), 120)));
  return header + std::move(file_);
}

}  // namespace weir::formats::evtx
