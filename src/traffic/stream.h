#pragma once

// One log's normal traffic. A stream is driven by its generator: at each step of a quarter of an hour it says how many
// arrivals it expects, and each arrival then adds records to the timeline: a page view with its pictures, a session
// with its commands. Streams draw from their own random numbers, so one log's bytes do not depend on which other logs
// are written. Registered in streams.cc.

#include <cstdint>
#include <memory>

#include "traffic/company.h"
#include "traffic/presence.h"
#include "traffic/random.h"
#include "traffic/source.h"
#include "traffic/timeline.h"

namespace weir::traffic {

// Arrivals in a thousand hours: fine enough for rare things, and whole.
using Intensity = std::uint64_t;

inline constexpr Intensity kPerHour = 1000;

class Stream {
 public:
  virtual ~Stream() = default;

  // A step begins; `timeline` takes what happens at fixed times in it (a logon at the start of work).
  virtual Intensity begin_step(const Presence& presence, Timeline& timeline) = 0;
  // Something happens at `time`, which lies within the step.
  virtual void arrive(EventTime time, Timeline& timeline) = 0;
  // Text before the first record, between records, and after the last one's newline.
  virtual std::string_view head() const { return {}; }
  virtual std::string_view separator() const { return "\n"; }
  virtual std::string_view tail() const { return {}; }
  // The number by which `weir scan` calls the first record: its line, or its place in an array.
  virtual std::uint64_t first_number() const { return 1; }
};

std::unique_ptr<Stream> make_stream(Source source, const Company& company, std::uint64_t seed);

// Draws users by how busy they are now, times their own share in a stream.
class BusyUsers {
 public:
  // `per_hour[user]`: arrivals of a user who is fully at work, in thousandths.
  explicit BusyUsers(std::vector<std::uint32_t> per_hour) : per_hour_(std::move(per_hour)), now_(per_hour_.size()) {}

  Intensity begin_step(const Presence& presence);
  std::uint32_t pick(Random& random) const { return table_.pick(random); }

 private:
  std::vector<std::uint32_t> per_hour_;
  std::vector<std::uint32_t> now_;
  AliasTable table_;
};

// How busy the public is (customers, visitors), by the hour of the company's first office: 50 to 1000.
std::uint32_t public_activity(const Company& company, EventTime time);

}  // namespace weir::traffic
