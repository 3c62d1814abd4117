#pragma once

// For tests and fuzzers: runs a format over a text as a reader would, in pieces of any size, and prints what came out.
//   0 2015-05-17T10:05:03.000Z /webserver/* | c-ip=10.0.0.1 cs-method=GET
//   1 reject: not a line of an access log
// A row without a time shows "-"; line breaks inside values show as \n; cells that hold blanks stand in quotes.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "formats/format.h"

namespace weir::formats {

struct Reading {
  Options options;
  std::vector<std::string> read_fields;    // Names that rules read, for derived cells.
  std::size_t piece_bytes = 1 << 20;       // The splitter sees so many new bytes at a time.
  std::size_t rows_shown_max = 1'000'000;  // All rows are parsed; so many are printed.
};

struct Printed {
  std::string text;
  std::size_t rows = 0;
  std::size_t rejects = 0;
  std::size_t repaired = 0;
  std::size_t timed = 0;    // Rows with an event time.
  std::size_t records = 0;  // As counted by the parser.
};

Printed print_rows(const Format& format, std::string_view input, const Reading& reading = {});

}  // namespace weir::formats
