#pragma once

// The directives of W3C extended log files (W3C WD-logfile, "Directives"), as far as they say how records are read.
// They may come again anywhere in a file, so the splitter carries a header as the Context of what follows.

#include <string>
#include <string_view>
#include <vector>

#include "formats/format.h"

namespace weir::formats {

enum class W3cKind : std::uint8_t { webserver, proxy, firewall };

struct W3cHeader final : Context {
  std::vector<std::string> columns;
  std::string date;  // Of "#Date: 2013-07-30 00:00:00", for records that have only a time.
  std::string software;
  bool comma_separated = false;  // Exchange writes its own logs so.

  // Reads one line that begins with "#"; others than those above say nothing about the records.
  void apply(std::string_view line);
  bool has(std::string_view column) const;
  // Whether blanks inside values were written as "+".
  bool plus_is_blank() const;
  W3cKind kind() const;
  // False: it is a web server's only because most are.
  bool names_its_kind() const;
};

class W3cSplitter final : public Splitter {
 public:
  Cut cut(std::string_view data, bool at_end) override;

 private:
  void read_directives(std::string_view bytes);

  std::shared_ptr<const W3cHeader> header_ = std::make_shared<W3cHeader>();
};

}  // namespace weir::formats
