#include "wire/record_validation.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "wire/record_batch.h"
#include "wire/record_layout.h"

namespace weir::wire {
namespace {

// What a producer's batch says of itself, and must not; nullptr if it may.
const char* fault_of_header(const BatchHeader& header) {
  if (header.is_control()) return "control batches are the broker's to write";
  if (header.has_delete_horizon()) return "a delete horizon is the broker's to set";
  if (header.codec_number() > static_cast<int>(Codec::zstd)) return "the batch's compression is unknown";
  if (header.record_count == 0) return "the batch holds no records";
  if (header.last_offset_delta != header.record_count - 1)
    return "the batch's last offset does not fit its record count";
  if (header.is_transactional() && !header.has_producer()) return "a transactional batch needs a producer id";
  if (header.has_producer() && header.base_sequence < 0) return "a producer id needs a sequence";
  return nullptr;
}

RecordsVerdict refused(std::string reason) {
  RecordsVerdict verdict;
  verdict.reason = std::move(reason);
  return verdict;
}

void refuse_record(RecordsVerdict& verdict, std::int32_t index, std::string reason) {
  if (verdict.reason.empty()) verdict.reason = fmt::format("record {}: {}", index, reason);
  if (verdict.records.size() < kRecordFaultsMax) verdict.records.push_back({index, std::move(reason)});
}

RecordsVerdict walk(const BatchHeader& header, std::string_view records, bool keys_required) {
  RecordsVerdict verdict;
  RecordCursor cursor(records);
  RecordFields record;
  std::int64_t min_delta = std::numeric_limits<std::int64_t>::max();
  std::int64_t max_delta = std::numeric_limits<std::int64_t>::min();
  for (std::int32_t index = 0; index < header.record_count; ++index) {
    if (cursor.remaining() == 0) {
      return refused(fmt::format("the batch holds {} records and says {}", index, header.record_count));
    }
    const char* fault = read_record(cursor, record, [](std::string_view, std::optional<std::string_view>) {});
    if (fault != nullptr) {
      refuse_record(verdict, index, fault);
      return verdict;
    }
    if (record.offset_delta != index) {
      refuse_record(verdict, index, fmt::format("its offset delta is {} where {} is due", record.offset_delta, index));
      return verdict;
    }
    if (keys_required && !record.key) refuse_record(verdict, index, "it has no key, which a compacted topic requires");
    min_delta = std::min(min_delta, record.timestamp_delta);
    max_delta = std::max(max_delta, record.timestamp_delta);
  }
  if (cursor.remaining() != 0 && verdict.is_valid()) {
    return refused(
        fmt::format("{} bytes are left over behind the batch's {} records", cursor.remaining(), header.record_count));
  }
  verdict.min_timestamp = add_wrapping(header.base_timestamp, min_delta);
  verdict.max_timestamp = add_wrapping(header.base_timestamp, max_delta);
  if (header.has_log_append_time()) verdict.min_timestamp = verdict.max_timestamp = header.max_timestamp;
  return verdict;
}

}  // namespace

RecordsVerdict validate_records(std::string_view batch, std::size_t decompressed_max, bool keys_required) {
  const Result<BatchHeader> header = read_batch_header(batch);
  if (!header) return refused(header.error().message);
  if (header->size() != batch.size()) {
    return refused(fmt::format("the batch takes {} bytes and says {}", batch.size(), header->size()));
  }
  if (const char* fault = fault_of_header(*header); fault != nullptr) return refused(fault);
  const std::string_view records = batch.substr(kBatchHeaderBytes);
  if (header->codec() == Codec::none) return walk(*header, records, keys_required);
  const Result<std::string> decompressed = decompress(header->codec(), records, decompressed_max);
  if (!decompressed) return refused(decompressed.error().message);
  return walk(*header, *decompressed, keys_required);
}

}  // namespace weir::wire
