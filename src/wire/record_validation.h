#pragma once

// The check of a batch that a producer sent, before it enters the log: what the broker's own readers and every consumer
// rely on afterwards. A pure function over bytes; any thread may call it.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::wire {

struct RecordFault {
  std::int32_t index = 0;  // Of the record in its batch, from 0.
  std::string reason;
};

// A fault is the producer's: the answer is INVALID_RECORD, with `reason` for the batch and `records` as the list of
// record errors (KIP-467).
struct RecordsVerdict {
  std::string reason;                // Empty if nothing is wrong.
  std::vector<RecordFault> records;  // Those to blame, in rising order; none if it is the batch as a whole.
  // Of the records, in milliseconds since 1970; the header's maximum may lie. Meaningful if nothing is wrong.
  std::int64_t min_timestamp = 0;
  std::int64_t max_timestamp = 0;

  bool is_valid() const { return reason.empty(); }
};

// A verdict names at most as many records; a producer that forgets its keys forgets them in all.
inline constexpr std::size_t kRecordFaultsMax = 100;

// Whether a producer may send `batch`, which is one whole batch whose header was read: no control batch, a known codec,
// a producer id if it is transactional, a sequence if there is a producer id, at least one record; the count says how
// many records there are, offset deltas are 0 to n-1, every size is exact and nothing is left over. Where a topic is
// compacted, `keys_required` asks for a key in each record. Decompresses up to `decompressed_max` bytes. The CRC is not
// looked at: see is_crc_right().
//
// A malformed record ends the walk, since nothing behind it can be told apart; missing keys are all named.
RecordsVerdict validate_records(std::string_view batch, std::size_t decompressed_max, bool keys_required);

}  // namespace weir::wire
