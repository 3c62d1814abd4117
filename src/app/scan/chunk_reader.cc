#include "app/scan/chunk_reader.h"

#include <algorithm>

#include "base/text.h"
#include "base/utf8.h"

namespace weir::app {
namespace {

constexpr std::size_t kSampleBytes = 64 * 1024;
// How long a pipe may pause before the format is told from what it gave.
constexpr std::chrono::milliseconds kPatienceForSample(1000);

}  // namespace

ChunkReader::ChunkReader(std::unique_ptr<io::Input> input, std::string name, const formats::Format* forced,
                         formats::Options options, const std::atomic<bool>* stop)
    : input_(std::move(input)),
      name_(std::move(name)),
      format_(forced),
      forced_(forced != nullptr),
      options_(std::move(options)),
      stop_(stop) {}

std::string ChunkReader::description() const {
  std::string text = format_ == nullptr ? "empty" : forced_ ? std::string(format_->name) : detected_;
  if (!input_->compression().empty()) text += fmt::format(" ({})", input_->compression());
  if (encoding_ != Encoding::utf8) text += " (UTF-16)";
  return text;
}

Status ChunkReader::open() {
  fill(kSampleBytes, kPatienceForSample);
  if (pending_.size() == 0) {
    format_ = nullptr;
    if (failure_) return std::unexpected(*std::exchange(failure_, std::nullopt));
    return {};
  }
  pending_.reserve(pending_.size() + formats::kPadding);
  if (!forced_) {
    formats::Choice choice = formats::detect_format(pending_.view().substr(0, kSampleBytes), name_);
    format_ = choice.format;
    detected_ = std::move(choice.detected.what);
  }
  if (format_ == nullptr) {
    is_unrecognised_ = true;
    return fail(ErrorKind::user, "no known log format; --input-format NAME sets one (weir formats lists them)");
  }
  splitter_ = format_->make_splitter(options_);
  return {};
}

// Reads until `wanted` bytes are pending, the input ends, or a pipe that gave something pauses for longer.
void ChunkReader::fill(std::size_t wanted, std::chrono::milliseconds patience) {
  pending_.erase_front(pending_start_);
  pending_start_ = 0;
  while (!at_end_ && pending_.size() < wanted) {
    read_more(wanted);
    if (!input_->ready(patience)) return;
  }
}

void ChunkReader::read_more(std::size_t wanted) {
  const std::size_t before = pending_.size();
  const std::size_t room = std::max<std::size_t>(wanted - before, 4096);
  pending_.reserve(before + room + formats::kPadding);
  pending_.resize(before + room);
  auto read = input_->read(pending_.data() + before, room);
  const std::size_t size = read ? *read : 0;
  pending_.resize(before + size);
  cut_off_ = size == 0 && stopped();
  if (!read && !cut_off_) failure_ = std::move(read).error();
  at_end_ = size == 0;
  if (std::exchange(is_first_read_, false)) choose_encoding();
  if (encoding_ != Encoding::utf8) decode_utf16(before);
}

// A byte order mark says it all; files without one are UTF-8.
void ChunkReader::choose_encoding() {
  if (format_ != nullptr && format_->binary) return;
  const std::string_view head = pending_.view();
  if (head.starts_with("\xFF\xFE")) {
    encoding_ = Encoding::utf16le;
    pending_.erase_front(2);
  } else if (head.starts_with("\xFE\xFF")) {
    encoding_ = Encoding::utf16be;
    pending_.erase_front(2);
  } else if (head.starts_with("\xEF\xBB\xBF")) {
    pending_.erase_front(3);
  }
}

// Turns the pending bytes from `from` on into UTF-8. A unit or a surrogate pair that the read cut in two waits.
void ChunkReader::decode_utf16(std::size_t from) {
  std::string units = std::move(undecoded_);
  units.append(pending_.view().substr(from));
  undecoded_.clear();
  if (!at_end_) {
    std::size_t whole = units.size() & ~std::size_t{1};
    if (whole >= 2) {
      const char high = encoding_ == Encoding::utf16le ? units[whole - 1] : units[whole - 2];
      if ((static_cast<unsigned char>(high) & 0xFC) == 0xD8) whole -= 2;
    }
    undecoded_ = units.substr(whole);
    units.resize(whole);
  }
  if (encoding_ == Encoding::utf16be) {
    for (std::size_t i = 0; i + 1 < units.size(); i += 2) std::swap(units[i], units[i + 1]);
  }
  std::string text;
  append_utf16le(text, units);
  pending_.resize(from);
  pending_.append(text);
}

// Drops pending bytes up to the end of the line that is too long; true once that end was found.
bool ChunkReader::skip_oversized() {
  const std::string_view view = pending_.view().substr(pending_start_);
  const std::size_t newline = view.find('\n');
  pending_start_ += newline == std::string_view::npos ? view.size() : newline + 1;
  skipping_ = newline == std::string_view::npos && !at_end_;
  return !skipping_;
}

void ChunkReader::hand_out(ChunkBuffer& buffer, std::size_t skip, std::size_t size) {
  const std::size_t begin = pending_start_ + skip;
  const std::string_view tail = pending_.view().substr(begin + size);
  buffer.bytes.resize(0);
  if (tail.size() < size) {
    // The usual case: the buffer itself is given away and the short tail moves to a fresh one.
    buffer.bytes.append(tail);
    pending_.reserve(begin + size + formats::kPadding);
    std::swap(pending_, buffer.bytes);
    pending_start_ = 0;
    buffer.chunk.bytes = buffer.bytes.view().substr(begin, size);
    return;
  }
  buffer.bytes.append(pending_.view().substr(begin, size));
  buffer.bytes.reserve(size + formats::kPadding);
  buffer.chunk.bytes = buffer.bytes.view();
  pending_start_ = begin + size;
}

Result<bool> ChunkReader::next(ChunkBuffer& buffer) {
  if (format_ == nullptr) return false;
  std::size_t wanted = kChunkBytes;
  constexpr std::chrono::milliseconds kNoPatience(0);
  bool starved = false;  // What is pending holds no whole record.
  for (bool skipped = false;;) {
    if (skipped && stopped()) return false;
    const std::size_t available = pending_.size() - pending_start_;
    const bool must_read = starved || available == 0;
    if (available < wanted && !at_end_ && (must_read || input_->ready(kNoPatience))) fill(wanted, kNoPatience);
    if (skipping_) {
      skipped = true;
      if (!skip_oversized()) continue;
    }
    pending_.reserve(pending_.size() + formats::kPadding);  // The splitter too loads words.
    const std::string_view view = pending_.view().substr(pending_start_);
    if (view.empty() && at_end_) break;
    // A stop leaves the last record half read.
    formats::Cut cut = splitter_->cut(view, at_end_ && !cut_off_);
    if (cut.size > 0) {
      buffer.chunk.context = std::move(cut.context);
      hand_out(buffer, cut.skip, cut.size);
      return true;
    }
    pending_start_ += cut.skip;
    if (cut.skip > 0) {
      skipped = true;
      continue;
    }
    if (at_end_) break;
    if (view.size() > formats::kRecordBytesMax) {
      oversized_.emplace_back(view.substr(0, kRejectBytesMax));
      skip_oversized();
      wanted = kChunkBytes;
      continue;
    }
    if (view.size() >= wanted) wanted = view.size() * 2;
    starved = true;
  }
  if (failure_) return std::unexpected(std::move(*std::exchange(failure_, std::nullopt)));
  return false;
}

}  // namespace weir::app
