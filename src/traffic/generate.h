#pragma once

// The traffic of a company, written log by log, with attacks hidden in it. The bytes are a pure function of Settings:
// the same on every platform, however the sink takes them. Events of one file are in time order. Memory is bounded by
// the company's size and the rate, not by the length. One thread calls; the sink is called on that thread.

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "traffic/attack.h"
#include "traffic/source.h"

namespace weir::traffic {

struct Settings {
  std::uint64_t seed = 1;
  std::uint32_t users = 0;  // 0: as many as the rate calls for, or 200.
  EventTime start{};
  std::chrono::microseconds duration{};
  std::uint64_t events_per_second = 0;  // On average over all chosen sources; 0: what so many users do.
  SourceSet sources = SourceSet().set();
  bool attacks = true;
  std::size_t write_bytes = 1 << 20;  // The sink is called when so much of a source is ready; changes no bytes.
};

// Where the bytes go. A false return ends the run.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual bool write(Source source, std::string_view bytes) = 0;
};

struct Place {
  Source source{};
  // From 1: the line, in CloudTrail's file the record within "Records".
  std::vector<std::uint64_t> records{};
};

struct FoundAttack {
  Attack attack{};  // Without its records' bytes.
  EventTime start{};
  EventTime end{};
  std::vector<Place> main{};  // One place: the evidence in the file of Attack::source.
  std::vector<Place> also{};  // What else belongs to it, there or in other files.
};

struct Truth {
  std::vector<FoundAttack> attacks{};
  std::array<std::uint64_t, kSourceCount> events{};
  std::array<std::uint64_t, kSourceCount> bytes{};
  std::uint32_t users = 0;
  std::string networks{};  // networks_csv of the company.
};

Result<Truth> generate(const Settings& settings, Sink& sink);

// One JSON object per attack and line (docs/generate.md).
std::string to_json_lines(const Truth& truth);

inline constexpr std::string_view kTruthFile = "truth.jsonl";
inline constexpr std::string_view kNetworksFile = "networks.csv";

}  // namespace weir::traffic
