#include "formats/evtx/chunk.h"

#include <zlib.h>

#include "formats/evtx/bytes.h"

namespace weir::formats::evtx {
namespace {

constexpr std::size_t kSector = 512;

std::uint32_t checksum(std::uint32_t sum, std::string_view bytes) {
  return static_cast<std::uint32_t>(
      ::crc32(sum, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

}  // namespace

std::uint32_t header_checksum(std::string_view chunk) {
  const std::uint32_t sum = checksum(0, chunk.substr(0, kHeaderSummedBytes));
  return checksum(sum, chunk.substr(kTablesAt, kChunkHeaderBytes - kTablesAt));
}

std::uint32_t data_checksum(std::string_view chunk, std::size_t free_space) {
  return checksum(0, chunk.substr(kChunkHeaderBytes, free_space - kChunkHeaderBytes));
}

std::string_view chunk_damage(std::string_view chunk) {
  if (chunk.size() < kChunkHeaderBytes) return "chunk is cut off";
  if (header_checksum(chunk) != load<std::uint32_t>(chunk.data() + kHeaderChecksumAt)) {
    return "chunk header's checksum is wrong";
  }
  const std::uint32_t free_space = load<std::uint32_t>(chunk.data() + kFreeSpaceAt);
  if (free_space < kChunkHeaderBytes || free_space > kChunkBytes) return "chunk header is damaged";
  if (free_space > chunk.size()) return "chunk is cut off";
  if (data_checksum(chunk, free_space) != load<std::uint32_t>(chunk.data() + kDataChecksumAt)) {
    return "chunk's checksum is wrong";
  }
  return {};
}

std::size_t find_chunk(std::string_view bytes, std::size_t position) {
  for (; position + kChunkSignature.size() <= bytes.size(); position += kSector) {
    if (bytes.substr(position, kChunkSignature.size()) == kChunkSignature) return position;
  }
  return bytes.size();
}

Record record_at(std::string_view chunk, std::size_t position) {
  constexpr std::size_t kRecordBytesMin = kRecordHeaderBytes + kRecordTailBytes;
  if (position > chunk.size() || chunk.size() - position < kRecordBytesMin) return {};
  const char* const bytes = chunk.data() + position;
  if (std::string_view(bytes, kRecordSignature.size()) != kRecordSignature) return {};
  const std::size_t size = load<std::uint32_t>(bytes + 4);
  if (size < kRecordBytesMin || size > chunk.size() - position) return {};
  if (load<std::uint32_t>(bytes + size - kRecordTailBytes) != size) return {};
  return {.begin = position,
          .size = size,
          .number = load<std::uint64_t>(bytes + 8),
          .written = load<std::uint64_t>(bytes + 16)};
}

}  // namespace weir::formats::evtx
