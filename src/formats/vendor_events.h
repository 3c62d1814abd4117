#pragma once

// What CEF and LEEF share: a signature somewhere in the line (behind a syslog header, perhaps), header parts between
// bars, then pairs; and the names that rules use beside the formats' own.

#include <optional>
#include <string_view>
#include <vector>

#include "event/batch.h"
#include "event/field.h"

namespace weir::formats {

// Where "CEF:0|" or "LEEF:1.0|" begins; npos if the line has none.
std::size_t find_signature(std::string_view line, std::string_view signature);

// The header part up to the next bar that no backslash escapes, taken off `text` with the bar. Nothing if there is
// none.
std::optional<std::string_view> take_header_part(std::string_view& text);

// The time of a syslog header before the signature; empty if there is none.
std::string_view time_before(std::string_view line, std::size_t signature_at);

// Second names of pairs: src → src_ip, dpt → dst_port …; they are added only if some rule reads them.
class VendorAliases {
 public:
  explicit VendorAliases(event::FieldNames& names);
  void add(std::string_view key, event::ValueKind kind, std::string_view value, event::Batch& batch) const;

 private:
  struct Entry {
    std::string_view key;
    const event::Field* field;
  };
  std::vector<Entry> entries_;  // Only those that rules read.
};

}  // namespace weir::formats
