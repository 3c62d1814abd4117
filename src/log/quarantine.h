#pragma once

// The list of ranges that were set aside (docs/formats/log.md, "Small files": quarantine).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weir::log {

struct QuarantineEntry {
  std::int64_t segment = 0;
  std::uint64_t position = 0;
  std::uint64_t size = 0;
  std::int64_t first_offset = 0;
  std::int64_t end_offset = 0;
  bool is_released = false;
  std::string reason;
};

std::string encode_quarantine(const std::vector<QuarantineEntry>& entries);
Result<std::vector<QuarantineEntry>> decode_quarantine(std::string_view bytes, const std::string& path);

}  // namespace weir::log
