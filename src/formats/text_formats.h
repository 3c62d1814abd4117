#pragma once

// The line-based text formats, each in its own source; registry.cc lists them.

#include "formats/format.h"

namespace weir::formats {

Format access_log_format();
Format cef_format();
Format csv_format();
Format key_value_format();
Format leef_format();
Format squid_format();
Format syslog_format();
Format w3c_format();
Format zeek_tsv_format();

}  // namespace weir::formats
