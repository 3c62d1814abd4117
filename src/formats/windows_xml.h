#pragma once

// Windows events as XML text: what wevtutil, Event Viewer and PowerShell's ToXml() write, alone or many in an <Events>,
// one to a line or spread over many, with or without namespace prefixes, and whatever text stands between them (a
// syslog header). Fields are named as those of EVTX files are.

#include "formats/format.h"

namespace weir::formats {

extern const Format kWindowsXml;

}  // namespace weir::formats
