#pragma once

// How bytes become events. A format is one file or folder in this module plus one line in registry.cc. It brings three
// things, all pure (no files, no clock):
//
//   detect    looks at the first bytes of an input and says how sure it is;
//   Splitter  runs on the reading thread, cheap, in order: cuts the stream where records end and carries what later
//             records need to be understood (a header line, a `#Fields` directive) as a Context;
//   Parser    runs on any worker thread, one object per thread: turns one chunk into rows of a Batch. Chunks come in
//             any order, so whatever a parser needs from earlier bytes must be in the chunk's Context.
//
// A record that cannot be read is given to Batch::reject with a fixed reason and never stops the run.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/batch.h"
#include "event/time.h"

namespace weir::formats {

// Readable bytes (of any content) that every chunk and every sample has behind its end, for readers that load words.
inline constexpr std::size_t kPadding = 64;

// A record longer than this is rejected with reason kTooLong; the reader then skips to its end.
inline constexpr std::size_t kRecordBytesMax = 16 * 1024 * 1024;
inline constexpr std::string_view kTooLong = "record longer than 16 MiB";

// What a person may say about an input, and what the input's file says.
struct Options {
  std::chrono::seconds zone_offset{0};   // For times written without a zone (--assume-zone).
  std::optional<int> year;               // For times written without a year (--assume-year).
  event::EventTime newest{};             // When the input was last changed: a time without a year is placed in
                                         // the latest year that does not lie more than a day after this.
  std::vector<std::string> field_names;  // Columns of a file without header (--fields).
  // What events are in which nothing says what they are (--logsource).
  std::optional<event::Logsource> assumed_logsource;
  std::optional<event::Logsource> logsource;  // What all of them are, whatever they look like (a rule's test says so).
};

// What a splitter carries for the chunks that follow; immutable, shared between threads.
class Context {
 public:
  virtual ~Context() = default;
};

struct Chunk {
  std::string_view bytes;                  // kPadding readable bytes follow.
  std::shared_ptr<const Context> context;  // What the splitter of this format made; may be null.
};

// One step through the stream: first `skip` bytes that belong to no record (file header, opening bracket), then `size`
// bytes of whole records. Both 0: more bytes are needed, or at the end of input, nothing is left.
struct Cut {
  std::size_t skip = 0;
  std::size_t size = 0;
  std::shared_ptr<const Context> context;
};

class Splitter {
 public:
  virtual ~Splitter() = default;

  // `data` is everything not yet consumed, with kPadding readable bytes behind it; at_end: nothing will follow. Prefers
  // a cut that takes nearly all of `data`. At the end, an unfinished last record is part of the cut, so that the parser
  // can reject it by name.
  virtual Cut cut(std::string_view data, bool at_end) = 0;
};

class Parser {
 public:
  virtual ~Parser() = default;

  // Appends the chunk's events to `batch` (cleared by the caller) and sets its record count. The chunk's bytes must
  // stay until the batch is no longer used.
  virtual void parse(const Chunk& chunk, event::Batch& batch) = 0;

  // The row's event time, from its cells; nothing if it has none or an unreadable one. Called for rows that matter only
  // (those that fired, or all of them under --since). Same thread as parse.
  virtual std::optional<event::EventTime> time_of(event::Batch& batch, const event::Row& row) = 0;
};

// How sure `detect` is. The highest wins; between equals the earlier in the registry.
enum class Confidence : std::uint8_t {
  none = 0,
  possible = 1,  // Readable as this, but nothing says that it is (plain lines, any key=value).
  likely = 2,    // Has the shape.
  certain = 3,   // A signature, a header, or several records of the exact shape.
};

struct Detected {
  Confidence confidence = Confidence::none;
  std::string what;  // For people: "Windows events, JSON lines (winlogbeat)".
};

struct Format {
  std::string_view name;         // For --input-format: "json", "evtx", "squid", …
  std::string_view description;  // One line for --help.
  std::string_view assumptions;  // Event time, zone, year and logsource it assumes; printed and in docs/formats.md.
  bool binary = false;           // Read as it is: no UTF-16 or UTF-8 treatment before the splitter.
  bool zone_may_lack = false;    // Times may be written without a zone: Options::zone_offset matters.
  bool year_may_lack = false;    // Times may be written without a year: Options::year matters.

  Detected (*detect)(std::string_view sample, std::string_view file_name) = nullptr;
  std::unique_ptr<Splitter> (*make_splitter)(const Options&) = nullptr;
  std::unique_ptr<Parser> (*make_parser)(const event::FieldTable&, const Options&) = nullptr;
};

// Cuts after the last newline; what most formats need.
class LineSplitter : public Splitter {
 public:
  Cut cut(std::string_view data, bool at_end) override;
};

// Calls `handle(line, number)` for each line of `bytes`, without its "\n" or "\r\n"; returns the number of lines.
template <typename Handle>
std::uint64_t for_each_line(std::string_view bytes, Handle&& handle) {
  std::uint64_t number = 0;
  while (!bytes.empty()) {
    const std::size_t newline = bytes.find('\n');
    std::string_view line = bytes.substr(0, newline);
    bytes.remove_prefix(newline == std::string_view::npos ? bytes.size() : newline + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    handle(line, number++);
  }
  return number;
}

// How a format came to a row's logsource.
enum class Evidence : std::uint8_t {
  seen,     // Something in the input says so.
  guessed,  // It is what such lines mostly are.
};

// The logsource a parser puts on a row, which may be none. `own`: what the format says, null if it cannot. What a
// person assumes counts where that is nothing, a guess, or the same product without category and service. The result
// lives as long as `options` and `own` do.
const event::Logsource* chosen_logsource(const Options& options, const event::Logsource* own,
                                         Evidence evidence = Evidence::seen);

}  // namespace weir::formats
