// Any bytes as a record batch: reading and validating end or fail; what is valid can be read; what can be read is
// written again and reads equal. Byte 0 says whether length, magic and CRC are put right first, so that more inputs get
// past the header.

#include <cstdint>
#include <string>

#include "base/check.h"
#include "wire/big_endian.h"
#include "wire/record_batch.h"
#include "wire/record_validation.h"
#include "wire/test_records.h"

namespace {

using namespace weir::wire;

constexpr std::size_t kDecompressedMax = 1 << 16;

void put_right(std::string& batch) {
  if (batch.size() < kBatchHeaderBytes) return;
  store_big(batch.data() + 8, static_cast<std::int32_t>(batch.size() - kBatchPrefixBytes));
  batch[16] = 2;
  set_log_append_time(batch.data(), batch.size(), 1);
  CHECK(is_crc_right(batch));
}

void check_batch(const std::string& batch) {
  const weir::Result<BatchHeader> header = read_batch_header(batch);
  if (!header) return;
  static_cast<void>(header->next_offset());
  static_cast<void>(header->last_sequence());
  static_cast<void>(is_crc_right(batch));
  static_cast<void>(read_end_marker(batch));
  const RecordsVerdict verdict = validate_records(batch, kDecompressedMax, false);
  const weir::Result<std::vector<OwnedRecord>> records = records_of(batch, kDecompressedMax);
  if (verdict.is_valid()) CHECK(records.has_value());
  if (!records) return;
  CHECK_EQ(records->size(), static_cast<std::size_t>(header->record_count));
  // The writer refuses deltas that only a batch of 2^31 offsets has.
  if (header->last_offset_delta == std::numeric_limits<std::int32_t>::max()) return;
  const std::string again = batch_of(*records, {.codec = header->codec(),
                                                .attributes = header->attributes,
                                                .producer_id = header->producer_id,
                                                .producer_epoch = header->producer_epoch,
                                                .base_sequence = header->base_sequence,
                                                .leader_epoch = header->leader_epoch,
                                                .base_offset = header->base_offset,
                                                .last_offset = header->last_offset()});
  CHECK(is_crc_right(again));
  CHECK(read_batch_header(again)->last_offset() == header->last_offset());
  CHECK(records_of(again, kDecompressedMax).value() == *records);
  if (verdict.is_valid()) CHECK(validate_records(again, kDecompressedMax, false).is_valid());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string batch(reinterpret_cast<const char*>(data) + 1, size - 1);
  if ((data[0] & 1) != 0) put_right(batch);
  check_batch(batch);
  return 0;
}
