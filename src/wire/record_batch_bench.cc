// What a batch of 100-byte records costs on its way in and out; items are records, bytes are those of the records.
//
//   wire_bench --benchmark_filter=Records

#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "base/check.h"
#include "wire/record_batch.h"
#include "wire/record_validation.h"
#include "wire/test_records.h"

namespace weir::wire {
namespace {

constexpr int kRecords = 160;  // 16 KB, the usual batch size of Java's producer.
constexpr std::size_t kDecompressedMax = 1 << 20;

// 100 bytes a record, of which 14 make the key; numbers vary as in a log.
std::vector<OwnedRecord> log_records() {
  std::vector<OwnedRecord> records;
  for (int index = 0; index < kRecords; ++index) {
    std::string value = fmt::format("sshd[{}]: Failed password for root from 10.{}.{}.{} port {}", index * 31 % 32'768,
                                    index * 17 % 256, index * 29 % 256, index * 43 % 256, 1024 + index * 97 % 60'000);
    value.resize(76, '.');
    records.push_back({.offset = index,
                       .timestamp = 1'700'000'000'000 + index * 3,
                       .key = fmt::format("host-{:09}", index * 7919 % 1'000'003),
                       .value = std::move(value)});
  }
  return records;
}

std::string log_batch(Codec codec) {
  return batch_of(log_records(), {.codec = codec});
}

void set_rates(benchmark::State& state, std::string_view plain) {
  state.SetItemsProcessed(state.iterations() * kRecords);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(plain.size()));
}

void BM_Validate(benchmark::State& state, Codec codec) {
  const std::string batch = log_batch(codec);
  for (auto _ : state) {
    const RecordsVerdict verdict = validate_records(batch, kDecompressedMax, true);
    CHECK(verdict.is_valid());
  }
  set_rates(state, log_batch(Codec::none));
}
BENCHMARK_CAPTURE(BM_Validate, none, Codec::none)->Name("ValidateRecords/none");
BENCHMARK_CAPTURE(BM_Validate, gzip, Codec::gzip)->Name("ValidateRecords/gzip");
BENCHMARK_CAPTURE(BM_Validate, snappy, Codec::snappy)->Name("ValidateRecords/snappy");
BENCHMARK_CAPTURE(BM_Validate, lz4, Codec::lz4)->Name("ValidateRecords/lz4");
BENCHMARK_CAPTURE(BM_Validate, zstd, Codec::zstd)->Name("ValidateRecords/zstd");

void BM_Read(benchmark::State& state) {
  const std::string batch = log_batch(Codec::none);
  for (auto _ : state) {
    Result<RecordReader> reader = RecordReader::open(batch, kDecompressedMax);
    Record record;
    while (reader->next(record).value()) benchmark::DoNotOptimize(record);
  }
  set_rates(state, batch);
}
BENCHMARK(BM_Read)->Name("ReadRecords");

void BM_Write(benchmark::State& state, Codec codec) {
  const std::vector<OwnedRecord> owners = log_records();
  std::vector<Record> records;
  for (const OwnedRecord& owner : owners) records.push_back(borrowed(owner));
  BatchWriter writer({.codec = codec});
  for (auto _ : state) {
    for (const Record& record : records) writer.add(record);
    benchmark::DoNotOptimize(writer.take());
  }
  set_rates(state, log_batch(Codec::none));
}
BENCHMARK_CAPTURE(BM_Write, none, Codec::none)->Name("WriteRecords/none");
BENCHMARK_CAPTURE(BM_Write, lz4, Codec::lz4)->Name("WriteRecords/lz4");
BENCHMARK_CAPTURE(BM_Write, zstd, Codec::zstd)->Name("WriteRecords/zstd");

// The smallest batch there is, as many producers send them: what a codec costs before its first byte.
void BM_SmallBatch(benchmark::State& state, Codec codec) {
  BatchWriter writer({.codec = codec});
  writer.add({.key = "host", .value = "sshd[1]: Failed password for root"});
  const std::string batch = writer.take();
  for (auto _ : state) benchmark::DoNotOptimize(validate_records(batch, kDecompressedMax, true));
}
BENCHMARK_CAPTURE(BM_SmallBatch, none, Codec::none)->Name("ValidateOneRecord/none");
BENCHMARK_CAPTURE(BM_SmallBatch, gzip, Codec::gzip)->Name("ValidateOneRecord/gzip");
BENCHMARK_CAPTURE(BM_SmallBatch, snappy, Codec::snappy)->Name("ValidateOneRecord/snappy");
BENCHMARK_CAPTURE(BM_SmallBatch, lz4, Codec::lz4)->Name("ValidateOneRecord/lz4");
BENCHMARK_CAPTURE(BM_SmallBatch, zstd, Codec::zstd)->Name("ValidateOneRecord/zstd");

}  // namespace
}  // namespace weir::wire
