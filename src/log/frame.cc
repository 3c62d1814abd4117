#include "log/frame.h"

#include "base/check.h"
#include "wire/crc32c.h"

namespace weir::log {
namespace {

constexpr std::size_t kMagicBytes = 8;
constexpr std::size_t kCrcAt = 12;
constexpr std::size_t kSizeAt = 16;

}  // namespace

std::string make_frame(std::string_view magic, std::string_view body) {
  CHECK_EQ(magic.size(), kMagicBytes);
  const std::string covered = FieldWriter().number(std::uint64_t{body.size()}).raw(body).take();
  return FieldWriter()
      .raw(magic)
      .number(kFrameVersion)
      .number(std::int16_t{0})
      .number(wire::crc32c(covered))
      .raw(covered)
      .take();
}

Result<std::string_view> read_frame(std::string_view magic, std::string_view bytes, const std::string& path) {
  if (bytes.size() < kFrameHeaderBytes) {
    return fail(ErrorKind::corrupt, "{} is cut off: it has {} bytes", path, bytes.size());
  }
  if (!bytes.starts_with(magic))
    return fail(ErrorKind::corrupt, "{} is no file of weir's: it does not begin as one", path);
  const auto version = wire::load_big<std::int16_t>(bytes.data() + kMagicBytes);
  if (version > kFrameVersion) {
    return fail(ErrorKind::user, "{} has format {} and needs a newer release (this one reads up to {})", path, version,
                kFrameVersion);
  }
  const auto size = wire::load_big<std::uint64_t>(bytes.data() + kSizeAt);
  if (size > bytes.size() - kFrameHeaderBytes) {
    return fail(ErrorKind::corrupt, "{} is cut off: it has {} bytes of {}", path, bytes.size() - kFrameHeaderBytes,
                size);
  }
  const std::string_view covered = bytes.substr(kSizeAt, sizeof(size) + size);
  if (wire::crc32c(covered) != wire::load_big<std::uint32_t>(bytes.data() + kCrcAt)) {
    return fail(ErrorKind::corrupt, "{} is damaged: its checksum is wrong", path);
  }
  return covered.substr(sizeof(size));
}

}  // namespace weir::log
