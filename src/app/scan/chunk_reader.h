#pragma once

// One input as a stream of chunks that parsers can take in any order: decompression (io), UTF-16 to UTF-8, the choice
// of a format, and the format's splitter. Memory is bounded by the largest record allowed. One thread.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/byte_buffer.h"
#include "base/result.h"
#include "formats/format.h"
#include "formats/registry.h"
#include "io/input.h"

namespace weir::app {

// Owns the bytes of one chunk. Buffers are used again, so that a long scan allocates few of them.
struct ChunkBuffer {
  ByteBuffer bytes;  // Padded: formats::kPadding readable bytes lie behind the chunk.
  formats::Chunk chunk;
};

class ChunkReader {
 public:
  static constexpr std::size_t kChunkBytes = 512 * 1024;

  static constexpr std::size_t kRejectBytesMax = 4096;  // Kept of a record that is skipped.

  // `forced` null: the format is detected from the content. `options.newest` must be set. Once `stop` is set, the
  // reader no longer looks for the end of a record that it skips.
  ChunkReader(std::unique_ptr<io::Input> input, std::string name, const formats::Format* forced,
              formats::Options options, const std::atomic<bool>* stop = nullptr);

  // Reads the start of the input and chooses the format; an error if none fits or nothing can be read. An empty input
  // is fine and has no chunks.
  Status open();

  const formats::Format* format() const { return format_; }  // Null for an empty input.
  bool is_unrecognised() const { return is_unrecognised_; }  // Why `open` failed: no format fits.
  // For people: "Squid native access log (gzip)".
  std::string description() const;
  const formats::Options& options() const { return options_; }

  // Fills `buffer` with the next chunk, a small one where the writer of a pipe pauses; false at the end. After an error
  // (damaged compression) nothing follows, but what was read before it has been given out.
  Result<bool> next(ChunkBuffer& buffer);

  // The starts of the records beyond the size limit that were skipped since the last call. They stood before the chunk
  // that `next` gave, and are no part of it.
  std::vector<std::string> take_oversized() { return std::exchange(oversized_, {}); }

  std::uint64_t consumed() const { return input_->consumed(); }

 private:
  enum class Encoding { utf8, utf16le, utf16be };

  void fill(std::size_t wanted, std::chrono::milliseconds patience);
  void read_more(std::size_t wanted);
  void choose_encoding();
  void decode_utf16(std::size_t from);
  bool skip_oversized();
  bool stopped() const { return stop_ != nullptr && *stop_; }
  void hand_out(ChunkBuffer& buffer, std::size_t skip, std::size_t size);

  std::unique_ptr<io::Input> input_;
  const std::string name_;
  const formats::Format* format_;
  const bool forced_;
  formats::Options options_;
  const std::atomic<bool>* stop_;
  std::string detected_;
  bool is_unrecognised_ = false;
  std::unique_ptr<formats::Splitter> splitter_;

  ByteBuffer pending_;  // Read and not yet given out, from pending_start_ on.
  std::size_t pending_start_ = 0;
  bool at_end_ = false;
  bool cut_off_ = false;  // The end is where a stop came.
  bool is_first_read_ = true;
  bool skipping_ = false;
  std::vector<std::string> oversized_;
  std::optional<Error> failure_;  // Told once everything read before it is given out.
  Encoding encoding_ = Encoding::utf8;
  std::string undecoded_;  // Half a UTF-16 unit or pair.
};

}  // namespace weir::app
