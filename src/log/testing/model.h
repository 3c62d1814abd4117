#pragma once

// The slow and obvious log that the real one is compared with: a vector of records, for tests.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace weir::log::testing {

struct ModelRecord {
  std::int64_t offset = 0;
  std::int64_t producer_id = -1;
  std::int16_t epoch = -1;
  std::int32_t sequence = -1;
  bool is_transactional = false;
  bool is_marker = false;
  bool is_commit = false;  // Of a marker.
  std::int64_t batch_base = 0;
  std::int64_t batch_last = 0;
  std::optional<std::string> key;
  std::optional<std::string> value;
};

class Model {
 public:
  std::vector<ModelRecord> records;  // Record n has offset n.

  std::int64_t end() const { return static_cast<std::int64_t>(records.size()); }
  void cut(std::int64_t end) { records.resize(static_cast<std::size_t>(end)); }

  struct Fate {
    std::int64_t stable = 0;         // Last stable offset.
    std::set<std::int64_t> aborted;  // Offsets.
  };
  // Of the records below `end`.
  Fate fate(std::int64_t end) const {
    std::map<std::int64_t, std::vector<std::int64_t>> open;
    Fate fate{.stable = end, .aborted = {}};
    for (std::int64_t offset = 0; offset < end; ++offset) {
      const ModelRecord& record = records[static_cast<std::size_t>(offset)];
      if (record.is_marker) {
        if (!record.is_commit) {
          for (const std::int64_t aborted : open[record.producer_id]) fate.aborted.insert(aborted);
        }
        open.erase(record.producer_id);
      } else if (record.is_transactional) {
        open[record.producer_id].push_back(offset);
      }
    }
    for (const auto& [producer, offsets] : open) {
      if (!offsets.empty()) fate.stable = std::min(fate.stable, offsets.front());
    }
    return fate;
  }

  // The last record of a producer, marker or not.
  const ModelRecord* last_of(std::int64_t producer_id) const {
    for (auto record = records.rbegin(); record != records.rend(); ++record) {
      if (record->producer_id == producer_id) return &*record;
    }
    return nullptr;
  }
};

}  // namespace weir::log::testing
