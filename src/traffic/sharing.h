#pragma once

// The audit log of the company's file sharing service, one JSON object per line:
// {"time","user","department","action","file","folder","size","target","target_type","ip","client"}.

#include <memory>

#include "traffic/stream.h"

namespace weir::traffic {

struct SharingAction {
  EventTime time{};
  std::string_view user{};
  std::string_view department{};
  std::string_view action{};  // uploaded, downloaded, edited, shared, deleted
  std::string_view file{};
  std::string_view folder{};
  std::uint64_t size = 0;
  std::string_view target{};       // Whom it was shared with; empty for other actions.
  std::string_view target_type{};  // internal, external
  std::string_view address{};
  std::string_view client = "desktop";
};

void append_sharing_line(std::string& out, const SharingAction& action);

std::unique_ptr<Stream> make_sharing_stream(const Company& company, std::uint64_t seed);

}  // namespace weir::traffic
