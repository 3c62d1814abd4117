#include "formats/json/splitter.h"

#include <algorithm>

#include "base/text.h"
#include "formats/json/wrapper.h"

namespace weir::formats::json {
namespace {

constexpr std::size_t kLayoutBytesMax = 1024 * 1024;  // A first line longer than this needs no further proof.
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_opening(char c) {
  return c == '{' || c == '[';
}
bool is_closing(char c) {
  return c == '}' || c == ']';
}

std::string_view without_separators(std::string_view text, Run run) {
  return text.substr(separators_before(text, run));
}

// Whether `text`, from which separators were taken, says too little to tell what comes next.
bool needs_more(std::string_view text, bool at_end) {
  return !at_end && kByteOrderMark.starts_with(text);
}

// Whether a first line that does not close its object is the start of a pretty-printed one, rather than a damaged line.
bool goes_on_below(std::string_view line, std::string_view below) {
  const std::string_view text = trim(line);
  const char last = text.back();
  if (last == '{' || last == '[' || last == ':') return true;
  // Behind a comma the next key follows; a line that opens an object is a record of its own.
  return last == ',' && !below.starts_with('{');
}

}  // namespace

std::size_t separators_before(std::string_view text, Run run) {
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (is_space(c) || c == ',' || c == '\x1E') {
      ++at;
    } else if (run == Run::documents && text.substr(at).starts_with(kByteOrderMark)) {
      at += kByteOrderMark.size();
    } else {
      break;
    }
  }
  return at;
}

std::size_t end_of_stray(std::string_view text) {
  const std::size_t end = text.substr(0, kRecordBytesMax).find_first_of("{}[]\n", 1);
  return end == std::string_view::npos && text.size() >= kRecordBytesMax ? kRecordBytesMax : end;
}

Layout layout_of(std::string_view start, bool at_end) {
  const Layout undecided = at_end ? Layout::lines : Layout::unknown;
  const std::string_view text = without_separators(start, Run::documents);
  if (text.empty() || needs_more(text, at_end)) return Layout::unknown;
  if (text.front() == '[') {
    const std::string_view inside = without_separators(text.substr(1), Run::elements);
    if (inside.empty()) return undecided;
    return is_opening(inside.front()) || inside.front() == ']' ? Layout::document : Layout::lines;
  }
  if (text.front() != '{') return Layout::lines;
  const WrappedArray wrapped = find_wrapped_array(text);
  if (wrapped.found == Wrapped::yes) return Layout::document;
  if (wrapped.found == Wrapped::unknown && !at_end) return Layout::unknown;
  // Looked for no further than this however much is there, so that what is there does not matter.
  const std::size_t newline = text.substr(0, kLayoutBytesMax).find('\n');
  if (newline == std::string_view::npos) return text.size() >= kLayoutBytesMax ? Layout::lines : undecided;
  const std::string_view line = text.substr(0, newline);
  Structure structure(Lanes::plain);  // No padding is promised here; the plain lanes are told to stay inside below.
  std::string padded(line);
  padded.resize(line.size() + kPadding);
  structure.outline({padded.data(), line.size()}, Boundary::value, kRecordBytesMax);
  if (structure.ended() || structure.open_string()) return Layout::lines;
  const std::string_view below = without_separators(text.substr(newline + 1), Run::documents);
  if (needs_more(below, at_end)) return Layout::unknown;
  return goes_on_below(line, below) ? Layout::document : Layout::lines;
}

std::size_t JsonSplitter::Skipper::skip(std::string_view data) {
  std::size_t at = 0;
  for (; at < data.size() && depth > 0; ++at) {
    const char c = data[at];
    if (escaped) {
      escaped = false;
    } else if (c == '\\') {
      escaped = true;  // As in the outline, it escapes outside strings too.
    } else if (c == '"') {
      in_string = !in_string;
    } else if (!in_string && is_opening(c)) {
      ++depth;
    } else if (!in_string && is_closing(c)) {
      --depth;
    }
    if (c == '\n') in_string = escaped = false;
  }
  return at;
}

Cut JsonSplitter::cut(std::string_view data, bool at_end) {
  if (layout_ == Layout::unknown) {
    layout_ = layout_of(data, at_end);
    if (layout_ == Layout::unknown) return {.skip = at_end ? data.size() : 0, .size = 0, .context = nullptr};
  }
  return layout_ == Layout::lines ? cut_lines(data, at_end) : cut_document(data, at_end);
}

Cut JsonSplitter::cut_lines(std::string_view data, bool at_end) {
  std::size_t skip = 0;
  if (skipping_line_) {
    const std::size_t newline = data.find('\n');
    skip = newline == std::string_view::npos ? data.size() : newline + 1;
    skipping_line_ = newline == std::string_view::npos;
    data.remove_prefix(skip);
  }
  if (at_end) return {.skip = skip, .size = data.size(), .context = nullptr};
  const std::size_t newline = data.rfind('\n');
  if (newline != std::string_view::npos) return {.skip = skip, .size = newline + 1, .context = nullptr};
  if (data.size() <= kRecordBytesMax) return {.skip = skip, .size = 0, .context = nullptr};
  skipping_line_ = true;
  return {.skip = skip, .size = data.size(), .context = nullptr};
}

Cut JsonSplitter::cut_document(std::string_view data, bool at_end) {
  std::size_t begin = 0;  // Of the first record.
  std::size_t end = 0;    // Of the last one.
  std::size_t at = 0;
  std::shared_ptr<const Context> context;
  while (at < data.size()) {
    const Where before = where_;
    const Run run = before == Where::array ? Run::elements : Run::documents;
    if (before != Where::skipping) at += separators_before(data.substr(at), run);
    if (at == data.size()) break;
    const Step next = step(data.substr(at), at_end);
    if (next.size == 0) break;
    if (next.record) {
      if (end == 0) {
        begin = at;
        context = run == Run::elements ? elements_ : documents_;
      }
      end = at + next.size;
    } else if (end != 0) {
      where_ = before;  // A cut is one run of records: this step is taken again next time.
      break;
    }
    at += next.size;
    if (next.record && next.size > kRecordBytesMax) break;  // The parser takes all that follows as one with it.
  }
  if (end == 0) return {.skip = at, .size = 0, .context = nullptr};
  return {.skip = begin, .size = end - begin, .context = std::move(context)};
}

JsonSplitter::Step JsonSplitter::step(std::string_view data, bool at_end) {
  if (where_ == Where::skipping) {
    const std::size_t taken = skipper_.skip(data);
    if (skipper_.depth == 0) where_ = behind_skipped_;
    return {.size = taken, .record = false};
  }
  if (where_ == Where::array && data.front() == ']') {
    where_ = Where::top;
    if (wrapper_depth_ > 0) {
      skipper_ = {.depth = wrapper_depth_};
      behind_skipped_ = Where::top;
      where_ = Where::skipping;
    }
    return {.size = 1, .record = false};
  }
  if (where_ == Where::top && is_opening(data.front())) return step_over_opening(data, at_end);
  if (is_opening(data.front())) return step_over_value(data, at_end);
  const std::size_t stray = end_of_stray(data);
  if (stray != std::string_view::npos) return {.size = stray, .record = true};
  return {.size = at_end ? data.size() : 0, .record = true};
}

// An array or a wrapper is stepped into; any other object is a record.
JsonSplitter::Step JsonSplitter::step_over_opening(std::string_view data, bool at_end) {
  if (data.front() == '[') {
    where_ = Where::array;
    wrapper_depth_ = 0;
    return {.size = 1, .record = false};
  }
  const WrappedArray wrapped = find_wrapped_array(data);
  if (wrapped.found == Wrapped::unknown && !at_end) return {};
  if (wrapped.found != Wrapped::yes) return step_over_value(data, at_end);
  where_ = Where::array;
  const std::string_view preamble = data.substr(0, wrapped.bracket);
  Skipper counter{.depth = 1};
  counter.skip(preamble.substr(1));
  wrapper_depth_ = counter.depth;
  return {.size = wrapped.bracket + 1, .record = false};
}

JsonSplitter::Step JsonSplitter::step_over_value(std::string_view data, bool at_end) {
  structure_.outline(data, Boundary::value, kRecordBytesMax);
  if (structure_.ended()) return {.size = structure_.size(), .record = true};
  if (data.size() > kRecordBytesMax) {
    skipper_ = {.depth = 1};
    const std::size_t size = 1 + skipper_.skip(data.substr(1));
    if (skipper_.depth > 0) {
      behind_skipped_ = where_;
      where_ = Where::skipping;
    }
    return {.size = size, .record = true};
  }
  return {.size = at_end ? data.size() : 0, .record = true};
}

}  // namespace weir::formats::json
