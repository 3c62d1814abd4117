#pragma once

// What a person sees: colour where it is wanted, widths, and text from events made harmless. Nothing from an event
// reaches a terminal without `visible`: a log line could otherwise move the cursor or retitle the window.

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace weir::app {

enum class Colour : std::uint8_t { plain, bold, dim, red, yellow, green, cyan, magenta };

class Terminal {
 public:
  // Colours if `stream` is a terminal, NO_COLOR is not set and TERM is not "dumb".
  explicit Terminal(std::FILE* stream);

  bool is_terminal() const { return is_terminal_; }
  // Columns; 100 where there is no terminal.
  std::size_t width() const { return width_; }
  std::string paint(Colour colour, std::string_view text) const;

 private:
  bool is_terminal_ = false;
  bool colours_ = false;
  std::size_t width_ = 100;
};

// The colour that a level ("critical" … "informational") is shown in.
Colour colour_of_level(std::string_view level);

// `text` with control characters, direction marks and malformed bytes shown as escapes ("\x1b", "\u202e").
std::string visible(std::string_view text);

// `text` (already visible) in exactly `width` columns: cut with "…" or filled with blanks. Wide (East Asian) characters
// count two, combining ones none.
std::string fitted(std::string_view text, std::size_t width);
std::size_t display_width(std::string_view text);

// As `fitted`, cut at the front: for paths, whose end says most.
std::string fitted_at_end(std::string_view text, std::size_t width);

// `text` in lines of at most `width` columns, broken at blanks; the lines after the first begin with `indent` blanks,
// which do not count. Ends without a newline.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent);

// A number with its noun: "1 alert", "1,234 alerts". `plural` is for nouns that take more than an "s".
std::string counted(std::uint64_t number, std::string_view noun, std::string_view plural = {});

// A line that rewrites itself on standard error, at most ten times a second; nothing where standard error is no
// terminal or `wanted` is false.
class Progress {
 public:
  Progress(bool wanted, std::uint64_t bytes_in_all);
  ~Progress();

  struct State {
    std::uint64_t bytes_done = 0;  // Of bytes_in_all.
    std::uint64_t events = 0;
    std::uint64_t bytes_read = 0;  // After decompression.
    std::uint64_t alerts = 0;
  };
  void update(const State& state);
  // Takes the line away, so that other output may be written.
  void clear();

 private:
  std::string line(const State& state, double elapsed, std::size_t width) const;

  const bool shown_;
  const std::uint64_t bytes_in_all_;
  const std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point last_;
  bool drawn_ = false;
};

}  // namespace weir::app
