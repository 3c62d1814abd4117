// Snappy's blocks (format_description.txt), bare or in the framing of xerial's snappy-java: a magic, two version
// numbers, then blocks with their compressed sizes before them.

#include <cstdint>

#include <snappy.h>

#include "wire/big_endian.h"
#include "wire/codecs.h"

namespace weir::wire {
namespace {

constexpr std::string_view kMagic("\x82SNAPPY\0", 8);
constexpr std::size_t kFrameHeaderBytes = 16;  // The magic, version and least compatible version, 32 bits each.
constexpr std::int32_t kFrameVersion = 1;
constexpr std::size_t kBlockBytes = 32 * 1024;  // What snappy-java uses.
// The shortest element that copies 64 bytes takes three.
constexpr std::size_t kRatioMax = 64 / 3 + 1;

Result<void> append_block(std::string_view block, std::size_t size_max, std::string& decoded) {
  std::size_t size = 0;
  if (!snappy::GetUncompressedLength(block.data(), block.size(), &size)) {
    return fail_damaged("snappy", "a block has no length");
  }
  if (size > size_max - decoded.size()) return fail_too_much("snappy", size_max);
  if (size > block.size() * kRatioMax) return fail_damaged("snappy", "a block declares more than it can hold");
  bool is_valid = false;
  const std::size_t before = decoded.size();
  decoded.resize_and_overwrite(before + size, [&](char* bytes, std::size_t) {
    is_valid = snappy::RawUncompress(block.data(), block.size(), bytes + before);
    return is_valid ? before + size : before;
  });
  if (!is_valid) return fail_damaged("snappy", "a block cannot be decoded");
  return {};
}

}  // namespace

Result<std::string> snappy_decompress(std::string_view bytes, std::size_t size_max) {
  std::string decoded;
  if (!bytes.starts_with(kMagic)) {
    TRY(append_block(bytes, size_max, decoded));
    return decoded;
  }
  while (!bytes.empty()) {
    // Streams written one behind another keep their headers.
    if (bytes.starts_with(kMagic)) {
      if (bytes.size() < kFrameHeaderBytes) return fail_damaged("snappy", kEndsEarly);
      bytes.remove_prefix(kFrameHeaderBytes);
      continue;
    }
    if (bytes.size() < sizeof(std::uint32_t)) return fail_damaged("snappy", kEndsEarly);
    const auto size = load_big<std::uint32_t>(bytes.data());
    bytes.remove_prefix(sizeof(size));
    if (size > bytes.size()) return fail_damaged("snappy", kEndsEarly);
    TRY(append_block(bytes.substr(0, size), size_max, decoded));
    bytes.remove_prefix(size);
  }
  return decoded;
}

std::string snappy_compress(std::string_view bytes) {
  std::string compressed(kMagic);
  append_big(compressed, kFrameVersion);
  append_big(compressed, kFrameVersion);
  for (; !bytes.empty(); bytes.remove_prefix(std::min(kBlockBytes, bytes.size()))) {
    const std::string_view block = bytes.substr(0, kBlockBytes);
    const std::size_t before = compressed.size();
    std::size_t size = 0;
    compressed.resize(before + sizeof(std::uint32_t) + snappy::MaxCompressedLength(block.size()));
    snappy::RawCompress(block.data(), block.size(), compressed.data() + before + sizeof(std::uint32_t), &size);
    store_big(compressed.data() + before, static_cast<std::uint32_t>(size));
    compressed.resize(before + sizeof(std::uint32_t) + size);
  }
  return compressed;
}

}  // namespace weir::wire
