#pragma once

// One batch as compaction leaves it. Pure.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/record_batch.h"

namespace weir::log {

struct RewriteOptions {
  std::int64_t horizon_new = 0;  // Given to a batch whose tombstones have none yet.
  std::int64_t now = 0;
  bool is_kept_when_empty = false;
  std::uint64_t decompressed_max = 0;
};

// `is_newest` says whether a record, by key and offset, is the last of its key; records without a key go. First and
// last offset, producer, epoch and sequence stay. The result is the batch's own bytes if nothing changes, empty if it
// goes.
Result<std::string> rewrite_batch(std::string_view batch, const wire::BatchHeader& header,
                                  const std::function<bool(std::string_view key, std::int64_t offset)>& is_newest,
                                  const RewriteOptions& options);

// The batch without its records.
std::string empty_batch(const wire::BatchHeader& header);

// An end marker with a delete horizon.
Result<std::string> with_horizon(std::string_view batch, const wire::BatchHeader& header, std::int64_t horizon);

}  // namespace weir::log
