// Any bytes as an event log, at three depths that the first byte chooses: a whole file; a chunk behind a sound header;
// one record's BinXML behind sound sizes. Nothing is read out of bounds, and every record is an event or a reject.

#include <cstdint>
#include <cstring>
#include <string>

#include "base/check.h"
#include "formats/evtx/chunk.h"
#include "formats/evtx/evtx.h"
#include "formats/testing/read_events.h"

namespace {

using namespace weir::formats;

std::string chunk_of(std::string_view records) {
  std::string chunk(evtx::kChunkHeaderBytes, '\0');
  chunk.replace(0, evtx::kChunkSignature.size(), evtx::kChunkSignature);
  chunk += records;
  chunk.resize(evtx::kChunkBytes);
  const std::uint32_t free_space =
      static_cast<std::uint32_t>(std::min(records.size() + evtx::kChunkHeaderBytes, evtx::kChunkBytes));
  std::memcpy(chunk.data() + evtx::kFreeSpaceAt, &free_space, 4);
  const std::uint32_t data = evtx::data_checksum(chunk, free_space);
  std::memcpy(chunk.data() + evtx::kDataChecksumAt, &data, 4);
  const std::uint32_t header = evtx::header_checksum(chunk);
  std::memcpy(chunk.data() + evtx::kHeaderChecksumAt, &header, 4);
  return chunk;
}

std::string record_of(std::string_view binxml) {
  std::string record(evtx::kRecordSignature);
  const std::uint32_t size =
      static_cast<std::uint32_t>(evtx::kRecordHeaderBytes + binxml.size() + evtx::kRecordTailBytes);
  record.append(reinterpret_cast<const char*>(&size), 4);
  record.append(16, '\1');
  record += binxml;
  record.append(reinterpret_cast<const char*>(&size), 4);
  return record;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::string file;
  if (data[0] % 3 == 0) {
    file = rest;
  } else if (data[0] % 3 == 1) {
    file = chunk_of(rest);
  } else {
    file = chunk_of(record_of(rest.substr(0, 60'000)));
  }
  const ReadResult result = read_events(kEvtx, file, {}, 1 + data[0] * 1'000);
  CHECK_EQ(result.records, result.events.size() + result.rejects.size());
  return 0;
}
