#include "io/input.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "base/check.h"
#include "io/archive.h"
#include "io/descriptor.h"

namespace weir::io {
namespace {

// Enough to tell every signature apart.
constexpr std::size_t kSignatureBytes = 4;
constexpr std::size_t kCompressedBuffer = 256 * 1024;
// 2^27 bytes: what `zstd -d` accepts without --long; larger windows are how a small file asks for much memory.
constexpr int kZstdWindowLogMax = 27;

// Where the bytes of a file come from, before any decompression; counts what was taken.
class Source {
 public:
  virtual ~Source() = default;
  // At most `size` bytes; 0 at the end.
  virtual Result<std::size_t> read(char* out, std::size_t size) = 0;
  // As Input::ready.
  virtual bool ready(std::chrono::milliseconds /*patience*/) { return true; }
};

class FileSource final : public Source {
 public:
  FileSource(Descriptor file, std::string path, const std::atomic<bool>* stop)
      : file_(std::move(file)), path_(std::move(path)), stop_(stop) {
    // The kernel then reads ahead twice as far; a pipe has no such advice, which does no harm.
    ::posix_fadvise(file_.number(), 0, 0, POSIX_FADV_SEQUENTIAL);
    struct stat about{};
    may_wait_ = ::fstat(file_.number(), &about) == 0 && !S_ISREG(about.st_mode);
  }
  Result<std::size_t> read(char* out, std::size_t size) override {
    if (!wait_for_bytes()) return 0;
    return read_some(file_, path_, out, size);
  }
  bool ready(std::chrono::milliseconds patience) override {
    if (!may_wait_) return true;
    pollfd waiting{.fd = file_.number(), .events = POLLIN, .revents = 0};
    const int found = ::poll(&waiting, 1, static_cast<int>(patience.count()));
    return found > 0 || (found < 0 && errno != EINTR);  // What is wrong, the read will say.
  }

 private:
  // Waits until something can be read or `stop_` is set, and says whether to read. Waiting in read(2) would not do: the
  // signal behind `stop_` may reach another thread, or come just before the call.
  bool wait_for_bytes() {
    constexpr std::chrono::milliseconds kLook(100);
    if (stop_ == nullptr) return true;
    do {
      if (ready(kLook)) return true;
    } while (!*stop_);
    return false;
  }

  Descriptor file_;
  bool may_wait_ = false;
  std::string path_;
  const std::atomic<bool>* stop_;
};

class ArchiveSource final : public Source {
 public:
  ArchiveSource(std::shared_ptr<::zip> archive, ArchiveFile file, std::string path)
      : archive_(std::move(archive)), file_(std::move(file)), path_(std::move(path)) {}
  Result<std::size_t> read(char* out, std::size_t size) override {
    const zip_int64_t taken = ::zip_fread(file_.get(), out, size);
    if (taken < 0) return fail(ErrorKind::corrupt, "cannot read {}: {}", path_, ::zip_file_strerror(file_.get()));
    return static_cast<std::size_t>(taken);
  }

 private:
  std::shared_ptr<::zip> archive_;  // Outlives the file that is read from it.
  ArchiveFile file_;
  std::string path_;
};

class MemorySource final : public Source {
 public:
  explicit MemorySource(std::string_view bytes) : bytes_(bytes) {}
  Result<std::size_t> read(char* out, std::size_t size) override {
    size = std::min(size, bytes_.size());
    if (size > 0) std::memcpy(out, bytes_.data(), size);
    bytes_.remove_prefix(size);
    return size;
  }

 private:
  std::string_view bytes_;
};

// A source whose first bytes were looked at already, and which is read until the wanted size is there.
class Raw {
 public:
  explicit Raw(std::unique_ptr<Source> source) : source_(std::move(source)) {}

  // The first bytes, which stay to be read. Fewer only if the source holds fewer.
  Result<std::string_view> peek_signature() {
    while (first_size_ < first_.size()) {
      TRY(const std::size_t size, source_->read(first_.data() + first_size_, first_.size() - first_size_));
      if (size == 0) break;
      first_size_ += size;
    }
    return std::string_view(first_.data(), first_size_);
  }

  // Fewer than `size` only at the end or, unless `whole`, where more would have to be waited for.
  Result<std::size_t> read(char* out, std::size_t size, bool whole) {
    std::size_t filled = std::min(size, first_size_ - first_taken_);
    std::memcpy(out, first_.data() + first_taken_, filled);
    first_taken_ += filled;
    while (filled < size && (whole || filled == 0 || ready(std::chrono::milliseconds(0)))) {
      Result<std::size_t> more = source_->read(out + filled, size - filled);
      if (!more) return more;
      if (*more == 0) break;
      filled += *more;
    }
    consumed_ += filled;
    return filled;
  }

  bool ready(std::chrono::milliseconds patience) { return source_->ready(patience); }

  std::uint64_t consumed() const { return consumed_; }

 private:
  std::unique_ptr<Source> source_;
  std::array<char, kSignatureBytes> first_{};
  std::size_t first_size_ = 0;
  std::size_t first_taken_ = 0;
  std::uint64_t consumed_ = 0;
};

class PlainInput final : public Input {
 public:
  explicit PlainInput(Raw raw) : raw_(std::move(raw)) {}
  Result<std::size_t> read(char* out, std::size_t size) override { return raw_.read(out, size, false); }
  bool ready(std::chrono::milliseconds patience) override { return raw_.ready(patience); }
  std::uint64_t consumed() const override { return raw_.consumed(); }
  std::string_view compression() const override { return ""; }

 private:
  Raw raw_;
};

// What gzip and zstd have in common: a buffer of compressed bytes, and an error that waits until everything decoded
// before it was handed out.
class CompressedInput : public Input {
 public:
  explicit CompressedInput(Raw raw) : raw_(std::move(raw)), buffer_(kCompressedBuffer) {}

  Result<std::size_t> read(char* out, std::size_t size) final {
    std::size_t filled = 0;
    while (filled < size && !ended_ && !error_) {
      if (unread_.empty() && !source_ended_) {
        Result<std::size_t> more = raw_.read(buffer_.data(), buffer_.size(), true);
        if (!more) {
          error_ = more.error();
          break;
        }
        unread_ = std::string_view(buffer_.data(), *more);
        source_ended_ = *more < buffer_.size();
      }
      const std::size_t written = decode(out + filled, size - filled);
      filled += written;
      decoded_ += written;
    }
    if (filled == 0 && size > 0 && error_) return std::unexpected(*error_);
    return filled;
  }

  std::uint64_t consumed() const final { return raw_.consumed() - unread_.size(); }

 protected:
  // Decodes from unread_ into `out`; returns the bytes written. Sets the end or an error when it meets one; must make
  // progress otherwise, unless more source bytes are needed and there are some.
  virtual std::size_t decode(char* out, std::size_t size) = 0;

  bool source_exhausted() const { return source_ended_ && unread_.empty(); }
  void set_ended() { ended_ = true; }
  // The bytes still to be decoded are given up; `written` of this call are good.
  void set_damaged(std::string_view what, std::size_t written = 0) {
    error_ = Error{ErrorKind::corrupt, fmt::format("{} data is damaged: {}, after {} compressed and {} decoded bytes",
                                                   compression(), what, consumed(), decoded_ + written)};
  }

  std::string_view unread_;

 private:
  Raw raw_;
  std::vector<char> buffer_;
  std::uint64_t decoded_ = 0;
  bool source_ended_ = false;
  bool ended_ = false;
  std::optional<Error> error_;
};

// RFC 1952: members follow each other; zero bytes behind the last one are padding of tapes and block devices.
class GzipInput final : public CompressedInput {
 public:
  explicit GzipInput(Raw raw) : CompressedInput(std::move(raw)) {
    constexpr int kGzipOnly = 16;
    CHECK_EQ(::inflateInit2(&stream_, MAX_WBITS + kGzipOnly), Z_OK);
  }
  ~GzipInput() override { ::inflateEnd(&stream_); }

  std::string_view compression() const override { return "gzip"; }

 private:
  std::size_t decode(char* out, std::size_t size) override {
    if (between_members_ && !begin_member()) return 0;
    const bool exhausted = source_exhausted();
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(unread_.data()));
    stream_.avail_in = static_cast<uInt>(unread_.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = static_cast<uInt>(std::min<std::size_t>(size, 1U << 30));
    const uInt room = stream_.avail_out;
    const int outcome = ::inflate(&stream_, Z_NO_FLUSH);
    unread_.remove_prefix(unread_.size() - stream_.avail_in);
    const std::size_t written = room - stream_.avail_out;
    if (outcome == Z_STREAM_END) {
      between_members_ = true;
    } else if (outcome != Z_OK && outcome != Z_BUF_ERROR) {
      set_damaged(stream_.msg != nullptr ? stream_.msg : "the stream cannot be decoded", written);
    } else if (exhausted && written == 0) {
      set_damaged("it ends in the middle");
    }
    return written;
  }

  // Whether another member starts here; otherwise the end, or more bytes are needed.
  bool begin_member() {
    while (unread_.starts_with('\0')) unread_.remove_prefix(1);
    if (unread_.empty()) {
      if (source_exhausted()) set_ended();
      return false;
    }
    between_members_ = false;
    CHECK_EQ(::inflateReset(&stream_), Z_OK);
    return true;
  }

  z_stream stream_{};
  bool between_members_ = false;
};

class ZstdInput final : public CompressedInput {
 public:
  explicit ZstdInput(Raw raw) : CompressedInput(std::move(raw)), stream_(::ZSTD_createDCtx(), &::ZSTD_freeDCtx) {
    CHECK(stream_ != nullptr);
    CHECK(!::ZSTD_isError(::ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, kZstdWindowLogMax)));
  }

  std::string_view compression() const override { return "zstd"; }

 private:
  std::size_t decode(char* out, std::size_t size) override {
    const bool exhausted = source_exhausted();
    if (exhausted && frame_done_) {
      set_ended();
      return 0;
    }
    // As much as the decoder asks for and no more, which is a block a call: when it meets damage, it forgets whatever
    // the same call decoded before.
    ZSTD_inBuffer in{unread_.data(), std::min(unread_.size(), wanted_), 0};
    ZSTD_outBuffer target{out, size, 0};
    const std::size_t outcome = ::ZSTD_decompressStream(stream_.get(), &target, &in);
    unread_.remove_prefix(in.pos);
    if (::ZSTD_isError(outcome)) {
      set_damaged(::ZSTD_getErrorName(outcome), target.pos);
      return target.pos;
    }
    frame_done_ = outcome == 0;
    wanted_ = frame_done_ ? kFrameStart : outcome;
    // Output may be waiting inside the decoder although all source bytes were taken.
    if (exhausted && target.pos == 0 && !frame_done_) set_damaged("it ends in the middle");
    return target.pos;
  }

  // Less than any whole frame: given one whole, the decoder would take it in one call.
  static constexpr std::size_t kFrameStart = 5;

  std::unique_ptr<ZSTD_DCtx, decltype(&::ZSTD_freeDCtx)> stream_;
  std::size_t wanted_ = kFrameStart;
  bool frame_done_ = true;
};

bool has_gzip_signature(std::string_view bytes) {
  return bytes.starts_with("\x1f\x8b\x08");
}

// RFC 8878: a frame (3.1.1) or a skippable frame (3.1.2), whose number's last digit is free.
bool has_zstd_signature(std::string_view bytes) {
  if (bytes.size() < 4) return false;
  if (bytes.starts_with("\x28\xb5\x2f\xfd")) return true;
  return (static_cast<unsigned char>(bytes[0]) & 0xf0) == 0x50 && bytes.substr(1, 3) == "\x2a\x4d\x18";
}

Result<std::unique_ptr<Input>> recognise(std::unique_ptr<Source> source) {
  Raw raw(std::move(source));
  TRY(const std::string_view signature, raw.peek_signature());
  if (has_gzip_signature(signature)) return std::make_unique<GzipInput>(std::move(raw));
  if (has_zstd_signature(signature)) return std::make_unique<ZstdInput>(std::move(raw));
  return std::make_unique<PlainInput>(std::move(raw));
}

}  // namespace

Result<std::unique_ptr<Input>> Input::open(const std::string& path, const std::atomic<bool>* stop) {
  if (path == "-") {
    return recognise(std::make_unique<FileSource>(Descriptor(STDIN_FILENO, false), "standard input", stop));
  }
  // Opening a named pipe would wait for its writer, whatever `stop` says; the first read waits for both instead.
  const int waiting = stop != nullptr ? O_NONBLOCK : 0;
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | waiting));
  if (!file.valid()) return fail(kind_of_system_error(errno), "cannot open {}: {}", path, system_message(errno));
  if (waiting != 0) ::fcntl(file.number(), F_SETFL, ::fcntl(file.number(), F_GETFL) & ~O_NONBLOCK);
  return recognise(std::make_unique<FileSource>(std::move(file), path, stop));
}

Result<ZipArchive> ZipArchive::open(const std::string& path) {
  TRY(Archive archive, open_archive(path));
  return ZipArchive(path, std::move(archive));
}

Result<std::unique_ptr<Input>> Input::open_entry(const ZipArchive& archive, std::uint64_t index) {
  TRY(ArchiveFile file, open_archive_file(archive.handle_.get(), index, archive.path()));
  return recognise(std::make_unique<ArchiveSource>(archive.handle_, std::move(file), archive.path()));
}

std::unique_ptr<Input> Input::over(std::string_view bytes) {
  Result<std::unique_ptr<Input>> input = recognise(std::make_unique<MemorySource>(bytes));
  CHECK(input.has_value());  // Memory cannot fail to be read.
  return std::move(*input);
}

}  // namespace weir::io
