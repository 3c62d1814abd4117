#pragma once

// Writes .evtx files for tests and benchmarks, as Windows does: full chunks with checksums, name and template tables,
// the event's System part as one template and its EventData as another that is embedded in it, both shared by all
// records of a chunk.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "formats/evtx/value.h"

namespace weir::formats::evtx {

struct TypedValue {
  std::uint8_t type = 0;
  std::string bytes;
};

TypedValue null_value();
TypedValue text_value(std::string_view ascii);  // As UTF-16.
TypedValue raw_value(ValueType type, std::string_view bytes);
TypedValue array_value(ValueType type, std::string_view bytes);

template <typename Number>
TypedValue number_value(ValueType type, Number number) {
  return raw_value(type, {reinterpret_cast<const char*>(&number), sizeof number});
}

std::string to_utf16(std::string_view ascii);

struct EventDescription {
  std::string provider = "Microsoft-Windows-Sysmon";
  std::string channel = "Microsoft-Windows-Sysmon/Operational";
  std::string computer = "host.example.org";
  std::uint16_t event_id = 1;
  std::uint64_t file_time = 133'500'000'000'000'000;  // 2024-01-17
  // In order; an empty name makes an unnamed <Data>.
  std::vector<std::pair<std::string, TypedValue>> data;
  // <UserData><name xmlns="…"> instead of EventData; the children go by their names.
  std::string user_data;
};

class EvtxWriter {
 public:
  explicit EvtxWriter(std::uint64_t first_record = 1);

  void add(const EventDescription& event);
  // A record whose BinXML is given.
  void add_binxml(std::string_view binxml, std::uint64_t file_time);

  // Bytes of the chunks that are full.
  std::size_t written() const { return file_.size(); }

  // The whole file; the writer is used up.
  std::string finish();

 private:
  template <typename Write>
  void add_record(std::uint64_t file_time, const Write& write);
  void begin_chunk();
  void close_chunk();

  std::string file_;
  std::string chunk_;                                 // The open one, up to its free space.
  std::map<std::string, std::uint32_t> names_;        // Of the open chunk: where each name stands.
  std::map<std::string, std::uint32_t> definitions_;  // And each template.
  std::vector<std::string> added_names_;              // By the open record, should it not fit.
  std::vector<std::string> added_definitions_;
  std::uint64_t next_record_;
  std::uint64_t first_record_of_chunk_ = 0;
  std::uint32_t last_record_at_ = 0;
  std::uint16_t chunk_count_ = 0;
};

}  // namespace weir::formats::evtx
