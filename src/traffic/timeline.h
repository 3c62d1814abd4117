#pragma once

// Brings the records of one file into time order while they are made: a stream may add a record at any moment from now
// on (a page's pictures follow the page, a session ends an hour after it began). Records of the near future are
// rendered into a ring of slots; later ones wait in a heap. Records of one moment keep the order in which they were
// added. Memory: what the ring's slots hold (about a minute of traffic at most, in practice the next few seconds), plus
// the open sessions. One thread.

#include <array>
#include <chrono>
#include <cstdint>
#include <queue>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "event/time.h"

namespace weir::traffic {

using event::EventTime;

// Which hidden attack a record belongs to.
inline constexpr std::uint32_t kNoAttack = 0xffffffff;

class Timeline {
 public:
  using Slots = std::chrono::duration<std::int64_t, std::ratio<1, 4>>;
  static constexpr std::chrono::microseconds kSlot = Slots(1);

  // Records before `start` or from `end` on are left out.
  Timeline(EventTime start, EventTime end) : start_(start), end_(end), now_(std::chrono::floor<Slots>(start)) {}

  // `write(out)` appends one record, without a newline.
  template <typename Write>
  void add(EventTime time, Write&& write, std::uint32_t attack = kNoAttack) {
    if (time < start_ || time >= end_) return;
    CHECK(time >= now_);  // The past is written already.
    const std::uint64_t sequence = next_sequence_++;
    const std::uint64_t ahead = static_cast<std::uint64_t>((time - now_) / kSlot);
    if (ahead >= kSlots) {
      std::string record;
      write(record);
      later_.push({time, sequence, attack, std::move(record)});
      return;
    }
    Slot& slot = slots_[(first_ + ahead) % kSlots];
    const std::size_t begin = slot.bytes.size();
    write(slot.bytes);
    slot.entries.push_back({time, sequence, attack, begin, slot.bytes.size() - begin});
  }

  // How many records were added so far.
  std::uint64_t added() const { return next_sequence_; }
  // The current slot is [now, slot_end).
  EventTime now() const { return now_; }
  EventTime slot_end() const { return now_ + kSlot; }

  // Hands the records of the current slot to `emit(record, attack)` in time order and moves on by one slot.
  template <typename Emit>
  void finish_slot(Emit&& emit) {
    Slot& slot = slots_[first_];
    take_due(slot);
    sort(slot);
    for (const Entry& entry : slot.entries) {
      emit(std::string_view(slot.bytes).substr(entry.begin, entry.size), entry.attack);
    }
    slot.bytes.clear();
    slot.entries.clear();
    first_ = (first_ + 1) % kSlots;
    now_ += kSlot;
  }

 private:
  static constexpr std::size_t kSlots = 256;

  struct Entry {
    EventTime time;
    std::uint64_t sequence;
    std::uint32_t attack;
    std::size_t begin;
    std::size_t size;
  };
  struct Slot {
    std::string bytes;
    std::vector<Entry> entries;
  };
  struct Later {
    EventTime time;
    std::uint64_t sequence;
    std::uint32_t attack;
    std::string record;

    bool operator<(const Later& other) const {  // The heap's top is the earliest.
      return time != other.time ? time > other.time : sequence > other.sequence;
    }
  };

  void take_due(Slot& slot);
  static void sort(Slot& slot);

  EventTime start_;
  EventTime end_;
  EventTime now_;
  std::uint64_t next_sequence_ = 0;
  std::size_t first_ = 0;
  std::array<Slot, kSlots> slots_;
  std::priority_queue<Later> later_;
};

}  // namespace weir::traffic
