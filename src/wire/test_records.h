#pragma once

// Records and batches for the tests, fuzzers and benchmarks of this module.

#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "wire/record_batch.h"

namespace weir::wire {

// A record that owns its bytes.
struct OwnedRecord {
  std::int64_t offset = 0;
  std::int64_t timestamp = 0;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;

  bool operator==(const OwnedRecord&) const = default;
};

inline OwnedRecord owned(const Record& record) {
  OwnedRecord copy{.offset = record.offset,
                   .timestamp = record.timestamp,
                   .key = std::optional<std::string>(record.key),
                   .value = std::optional<std::string>(record.value),
                   .headers = {}};
  for (const Header& header : record.headers) copy.headers.emplace_back(header.key, header.value);
  return copy;
}

inline Record borrowed(const OwnedRecord& record) {
  Record loan{
      .offset = record.offset, .timestamp = record.timestamp, .key = record.key, .value = record.value, .headers = {}};
  for (const auto& [key, value] : record.headers) loan.headers.push_back({key, value});
  return loan;
}

inline std::string batch_of(const std::vector<OwnedRecord>& records, const BatchWriter::Options& options = {}) {
  BatchWriter writer(options);
  for (const OwnedRecord& record : records) writer.add(borrowed(record));
  return writer.take();
}

// Every record, or why they could not be read.
inline Result<std::vector<OwnedRecord>> records_of(std::string_view batch, std::size_t decompressed_max = 1 << 24) {
  TRY(RecordReader reader, RecordReader::open(batch, decompressed_max));
  std::vector<OwnedRecord> records;
  for (Record record;;) {
    TRY(const bool has_record, reader.next(record));
    if (!has_record) return records;
    records.push_back(owned(record));
  }
}

// Bytes that repeat often enough to be worth compressing, and seldom enough not to vanish.
inline std::string random_text(std::mt19937& random, std::size_t size_max) {
  std::string text(random() % (size_max + 1), '\0');
  for (char& byte : text) byte = static_cast<char>(random() % 8 == 0 ? random() : "auth"[random() % 4]);
  return text;
}

// Consecutive offsets from 0 on; keys, values and headers of all kinds.
inline std::vector<OwnedRecord> random_records(std::mt19937& random, std::size_t count) {
  std::vector<OwnedRecord> records(count);
  for (std::size_t index = 0; index < count; ++index) {
    OwnedRecord& record = records[index];
    record.offset = static_cast<std::int64_t>(index);
    record.timestamp = 1'700'000'000'000 + static_cast<std::int64_t>(random() % 100'000);
    if (random() % 4 != 0) record.key = random_text(random, 20);
    if (random() % 8 != 0) record.value = random_text(random, 300);
    for (std::size_t header = random() % 4; header > 1; --header) {
      record.headers.emplace_back(random_text(random, 10), std::nullopt);
      if (random() % 2 == 0) record.headers.back().second = random_text(random, 10);
    }
  }
  return records;
}

}  // namespace weir::wire
