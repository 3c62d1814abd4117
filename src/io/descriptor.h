#pragma once

// A file descriptor that is closed with its owner, and the one loop that reads from one.

#include <chrono>
#include <cstddef>
#include <string>

#include "base/result.h"

namespace weir::io {

class Descriptor {
 public:
  // Takes what open(2) returned; `owned` false leaves it open, as standard input must stay.
  explicit Descriptor(int number, bool owned = true) : number_(number), owned_(owned) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.number_), owned_(other.owned_) { other.number_ = -1; }
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor();

  bool valid() const { return number_ >= 0; }
  int number() const { return number_; }

 private:
  int number_;
  bool owned_;
};

// One read(2): at most `size` bytes, 0 at the end.
Result<std::size_t> read_some(const Descriptor& file, const std::string& path, char* out, std::size_t size);

// Whether a read would not wait, now or within `timeout`; false, too, when a signal came.
bool wait_readable(const Descriptor& file, std::chrono::milliseconds timeout);

std::string system_message(int code);
// Whose doing it is that a file cannot be opened: a wrong path is the user's, the rest the system's.
ErrorKind kind_of_system_error(int code);

}  // namespace weir::io
