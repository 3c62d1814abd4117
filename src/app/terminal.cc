#include "app/terminal.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"
#include "base/utf8.h"

namespace weir::app {
namespace {

const char* code_of(Colour colour) {
  switch (colour) {
    case Colour::plain: return "";
    case Colour::bold: return "\x1b[1m";
    case Colour::dim: return "\x1b[2m";
    case Colour::red: return "\x1b[31m";
    case Colour::yellow: return "\x1b[33m";
    case Colour::green: return "\x1b[32m";
    case Colour::cyan: return "\x1b[36m";
    case Colour::magenta: return "\x1b[35m";
  }
  return "";
}

// Characters that change how others are shown: direction marks, zero-width ones, line separators.
bool is_invisible(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xE0000 && c <= 0xE0FFF);
}

bool is_wide(char32_t c) {
  return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) || (c >= 0xAC00 && c <= 0xD7A3) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
         (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1FAFF) || (c >= 0x20000 && c <= 0x3FFFD);
}

bool is_combining(char32_t c) {
  return (c >= 0x300 && c <= 0x36F) || (c >= 0x1AB0 && c <= 0x1AFF) || (c >= 0x20D0 && c <= 0x20FF) ||
         (c >= 0xFE00 && c <= 0xFE0F);
}

std::size_t columns_of(char32_t c) {
  return is_combining(c) ? 0 : is_wide(c) ? 2 : 1;
}

}  // namespace

Terminal::Terminal(std::FILE* stream) : is_terminal_(isatty(fileno(stream)) == 1) {
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  colours_ = is_terminal_ && (no_color == nullptr || *no_color == '\0') &&
             (term == nullptr || std::string_view(term) != "dumb");
  winsize size{};
  if (is_terminal_ && ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 20) width_ = size.ws_col;
}

std::string Terminal::paint(Colour colour, std::string_view text) const {
  if (!colours_ || colour == Colour::plain) return std::string(text);
  return fmt::format("{}{}\x1b[0m", code_of(colour), text);
}

Colour colour_of_level(std::string_view level) {
  if (level == "critical") return Colour::magenta;
  if (level == "high") return Colour::red;
  if (level == "medium") return Colour::yellow;
  if (level == "low") return Colour::cyan;
  return Colour::dim;
}

std::string visible(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto byte = static_cast<unsigned char>(text.front());
    const std::size_t before = text.size();
    const char32_t c = take_code_point(text);
    const bool malformed = c == kReplacement && before - text.size() == 1;
    if (malformed) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte);
    } else if (c == '\t') {
      out += ' ';
    } else if (is_invisible(c)) {
      fmt::format_to(std::back_inserter(out), c < 0x100 ? fmt::runtime("\\x{:02x}") : fmt::runtime("\\u{:04x}"),
                     static_cast<std::uint32_t>(c));
    } else {
      append_utf8(out, c);
    }
  }
  return out;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) width += columns_of(take_code_point(text));
  return width;
}

std::string fitted(std::string_view text, std::size_t width) {
  const std::size_t full = display_width(text);
  if (full <= width) return std::string(text) + std::string(width - full, ' ');
  std::string out;
  std::size_t used = 0;
  while (!text.empty() && width > 0) {
    const char32_t c = take_code_point(text);
    if (used + columns_of(c) + 1 > width) break;
    used += columns_of(c);
    append_utf8(out, c);
  }
  if (width > 0) out += "…";
  return out + std::string(width - std::min(width, used + 1), ' ');
}

std::string fitted_at_end(std::string_view text, std::size_t width) {
  std::size_t full = display_width(text);
  if (full <= width) return fitted(text, width);
  while (!text.empty() && full + 1 > width) full -= columns_of(take_code_point(text));
  return fitted("…" + std::string(text), width);
}

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent) {
  std::string out;
  std::size_t column = 0;
  for (const std::string_view word : split(text, ' ')) {
    const std::size_t size = display_width(word);
    if (column > 0 && column + 1 + size > width) {
      out += '\n' + std::string(indent, ' ');
      column = 0;
    } else if (column > 0) {
      out += ' ';
      ++column;
    }
    out += word;
    column += size;
  }
  return out;
}

std::string counted(std::uint64_t number, std::string_view noun, std::string_view plural) {
  if (number == 1) return fmt::format("1 {}", noun);
  return plural.empty() ? fmt::format("{} {}s", human_count(number), noun)
                        : fmt::format("{} {}", human_count(number), plural);
}

Progress::Progress(bool wanted, std::uint64_t bytes_in_all)
    : shown_(wanted && isatty(STDERR_FILENO) == 1),
      bytes_in_all_(bytes_in_all),
      start_(std::chrono::steady_clock::now()),
      last_(start_) {}

Progress::~Progress() {
  clear();
}

void Progress::update(const State& state) {
  using namespace std::chrono_literals;
  if (!shown_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now - last_ < 100ms) return;
  last_ = now;
  const double elapsed = std::max(1e-3, std::chrono::duration<double>(now - start_).count());
  const std::size_t width = Terminal(stderr).width() - 1;
  fmt::print(stderr, "\r\x1b[2K{}", fitted(line(state, elapsed, width), width));
  std::fflush(stderr);
  drawn_ = true;
}

// Without a known size (a pipe) there is no bar and no time left.
std::string Progress::line(const State& state, double elapsed, std::size_t width) const {
  const std::string events = human_count(static_cast<std::uint64_t>(static_cast<double>(state.events) / elapsed));
  const std::string counts = fmt::format("{} events/s  {}", events, human_bytes(static_cast<double>(state.bytes_read)));
  const std::string alerts = counted(state.alerts, "alert");
  if (bytes_in_all_ == 0) return fmt::format("{}  {}", counts, alerts);
  const double share = std::min(1.0, static_cast<double>(state.bytes_done) / static_cast<double>(bytes_in_all_));
  const std::size_t bar_width = width >= 95 ? 24 : 10;
  const auto filled = static_cast<std::size_t>(share * static_cast<double>(bar_width));
  std::string bar;
  for (std::size_t i = 0; i < bar_width; ++i) bar += i < filled ? "█" : "░";
  const std::string left =
      share > 0.01 ? fmt::format("{:.0f} s left", elapsed * (1 - share) / share) : std::string("…");
  return fmt::format("{} {:3.0f} %  {}  {}  {}", bar, share * 100, counts, left, alerts);
}

void Progress::clear() {
  if (!drawn_) return;
  fmt::print(stderr, "\r\x1b[2K");
  std::fflush(stderr);
  drawn_ = false;
}

}  // namespace weir::app
