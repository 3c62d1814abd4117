#pragma once

// A stream of bytes out of a file or standard input, with gzip and zstd undone as recognised by their signatures
// (several members or frames in a row too). Memory does not grow with the input. One thread at a time.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct zip;  // Of libzip.

namespace weir::io {

// A zip archive that entries are read from. It is kept open meanwhile, as opening one reads its whole directory.
class ZipArchive {
 public:
  static Result<ZipArchive> open(const std::string& path);

  const std::string& path() const { return path_; }

 private:
  friend class Input;
  ZipArchive(std::string path, std::shared_ptr<::zip> handle) : path_(std::move(path)), handle_(std::move(handle)) {}

  std::string path_;
  std::shared_ptr<::zip> handle_;  // Its inputs share it.
};

class Input {
 public:
  // "-" is standard input. Once `stop` is set, a pipe that nobody writes to counts as ended; the flag must outlive the
  // input.
  static Result<std::unique_ptr<Input>> open(const std::string& path, const std::atomic<bool>* stop = nullptr);
  // The entry of a zip archive that list_zip numbered `index`. The archive's directory is never believed about sizes.
  static Result<std::unique_ptr<Input>> open_entry(const ZipArchive& archive, std::uint64_t index);
  // Over bytes in memory, for tests and fuzzers; `bytes` must outlive the input.
  static std::unique_ptr<Input> over(std::string_view bytes);

  virtual ~Input() = default;

  // Fills up to `size` bytes; 0 at the end; fewer only there, and where the writer of a pipe has given no more yet. A
  // truncated or damaged compressed stream yields what could be decoded, then an error of kind corrupt that says after
  // how many bytes.
  virtual Result<std::size_t> read(char* out, std::size_t size) = 0;

  // Whether the next read need not wait longer than `patience` for the writer of a pipe. True for everything else, and
  // for what is compressed.
  virtual bool ready(std::chrono::milliseconds /*patience*/) { return true; }

  // Bytes taken from the file so far (compressed ones), for progress.
  virtual std::uint64_t consumed() const = 0;

  // "gzip", "zstd" or "".
  virtual std::string_view compression() const = 0;
};

}  // namespace weir::io
