#pragma once

// What Sigma's taxonomy says of a Windows event (taxonomy appendix, "Windows Folder / Service" and "Generic"; SigmaHQ's
// own mapping for its tests): of which services and categories it is, by channel and EventID, and by which other names
// rules speak of its fields. The product maps rules to events; the oracle says the same the other way round.

#include "oracle/event.h"

namespace weir::oracle {

// Sets the log source and adds the fields under their other names.
void classify_windows(Event& event);

}  // namespace weir::oracle
