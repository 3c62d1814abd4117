#pragma once

// The layout of an .evtx file ([MS-EVEN6] does not give it; it is known from libevtx' "Windows XML Event Log (EVTX)"):
// a file header of 4096 bytes, then chunks of 64 KiB, each complete in itself: a header of 512 bytes with tables, then
// records. All functions are pure and take bytes that may be damaged or end anywhere.

#include <cstdint>
#include <string_view>

namespace weir::formats::evtx {

inline constexpr std::size_t kFileHeaderBytes = 4096;
inline constexpr std::size_t kChunkBytes = 65'536;
inline constexpr std::size_t kChunkHeaderBytes = 512;
inline constexpr std::size_t kRecordHeaderBytes = 24;  // Signature, size, number, time; BinXML follows.
inline constexpr std::size_t kRecordTailBytes = 4;     // The size again.

inline constexpr std::string_view kFileSignature{"ElfFile\0", 8};
inline constexpr std::string_view kChunkSignature{"ElfChnk\0", 8};
inline constexpr std::string_view kRecordSignature{"**\0\0", 4};

// Fields of the chunk header, by offset.
inline constexpr std::size_t kFreeSpaceAt = 48;
inline constexpr std::size_t kDataChecksumAt = 52;
inline constexpr std::size_t kHeaderChecksumAt = 124;
inline constexpr std::size_t kHeaderSummedBytes = 120;  // And everything from kTablesAt up to kChunkHeaderBytes.
inline constexpr std::size_t kTablesAt = 128;

std::uint32_t header_checksum(std::string_view chunk);
std::uint32_t data_checksum(std::string_view chunk, std::size_t free_space);

// What is wrong with a chunk as a whole; empty: nothing. A chunk of less than 64 KiB (a file cut off) has no data
// checksum that could be right.
std::string_view chunk_damage(std::string_view chunk);

// From `position` on: where the next chunk begins, in steps of the 512 bytes that disks write; `bytes.size()` if none.
std::size_t find_chunk(std::string_view bytes, std::size_t position);

struct Record {
  std::size_t begin = 0;  // In the chunk.
  std::size_t size = 0;   // 0: this is no record.
  std::uint64_t number = 0;
  std::uint64_t written = 0;  // FILETIME
};

// The record at `position`, if there is a whole one whose two sizes agree.
Record record_at(std::string_view chunk, std::size_t position);

}  // namespace weir::formats::evtx
