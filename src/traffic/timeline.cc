#include "traffic/timeline.h"

#include <algorithm>

namespace weir::traffic {

void Timeline::take_due(Slot& slot) {
  while (!later_.empty() && later_.top().time < slot_end()) {
    const Later& due = later_.top();
    slot.entries.push_back({due.time, due.sequence, due.attack, slot.bytes.size(), due.record.size()});
    slot.bytes += due.record;
    later_.pop();
  }
}

void Timeline::sort(Slot& slot) {
  std::ranges::sort(slot.entries, [](const Entry& a, const Entry& b) {
    return a.time != b.time ? a.time < b.time : a.sequence < b.sequence;
  });
}

}  // namespace weir::traffic
