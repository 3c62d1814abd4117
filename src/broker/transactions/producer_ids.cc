#include "broker/transactions/producer_ids.h"

#include <charconv>

namespace weir::broker {

namespace {

constexpr std::string_view kKey = "producer-ids";
constexpr std::int64_t kBlock = 100'000;

}  // namespace

Result<ProducerIds> ProducerIds::open(log::Log& log, FlushQueue& flushes) {
  TRY(auto table, StoredTable::open(log, flushes, kClusterTopic));
  std::int64_t next = 0;
  bool is_understood = true;
  TRY(read_rows(
      table.partition(),
      [&](const StoredRow& row) {
        if (row.key != kKey || !row.value) return;
        const auto [end, error] = std::from_chars(row.value->data(), row.value->data() + row.value->size(), next);
        is_understood = error == std::errc{} && end == row.value->data() + row.value->size();
      },
      [](std::int64_t, bool) {}));
  if (!is_understood) return fail(ErrorKind::corrupt, "the row '{}' of topic {} is no number", kKey, kClusterTopic);
  return ProducerIds(std::move(table), next);
}

std::int64_t ProducerIds::next(Now now) {
  if (next_ == end_) {
    end_ += kBlock;
    // If it cannot be written now, nothing that waits for the next flush will succeed either.
    table_.write({{std::string(kKey), std::to_string(end_)}}, now);
  }
  return next_++;
}

}  // namespace weir::broker
