#pragma once

// The EventData of a Windows event as XML text inside a JSON value, as Azure Monitor's tables have it:
//   <EventData xmlns="…"><Data Name="Image">C:\…</Data>…</EventData>
// Named data feed the field of their name, unnamed ones "Data". Anything that does not look like this is passed over.

#include <cstdint>
#include <string_view>

#include "event/batch.h"
#include "formats/json/path_tree.h"

namespace weir::formats::json {

// Adds a cell to the open row for each element; returns how many. `xml` must outlive the batch.
std::uint32_t add_event_data(std::string_view xml, PathTree& paths, event::Batch& batch);

}  // namespace weir::formats::json
