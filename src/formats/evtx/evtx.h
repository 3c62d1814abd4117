#pragma once

// Windows event log files (.evtx). The splitter takes the file header off and hands on whole 64 KiB chunks, each of
// which is complete in itself; the parser reads the chunks' records. What is damaged is counted: a chunk as a whole
// whose checksum is wrong, whose records are then read as far as they make sense, and each record that cannot be read.

#include "formats/format.h"

namespace weir::formats {

extern const Format kEvtx;

}  // namespace weir::formats
