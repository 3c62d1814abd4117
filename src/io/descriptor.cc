#include "io/descriptor.h"

#include <cerrno>
#include <system_error>

#include <poll.h>
#include <unistd.h>

namespace weir::io {

Descriptor::~Descriptor() {
  if (owned_ && valid()) ::close(number_);
}

Result<std::size_t> read_some(const Descriptor& file, const std::string& path, char* out, std::size_t size) {
  while (true) {
    const ssize_t taken = ::read(file.number(), out, size);
    if (taken >= 0) return static_cast<std::size_t>(taken);
    if (errno != EINTR) return fail(ErrorKind::external, "cannot read {}: {}", path, system_message(errno));
  }
}

bool wait_readable(const Descriptor& file, std::chrono::milliseconds timeout) {
  pollfd entry{file.number(), POLLIN, 0};
  return ::poll(&entry, 1, static_cast<int>(timeout.count())) > 0;
}

ErrorKind kind_of_system_error(int code) {
  const bool is_path_wrong = code == ENOENT || code == ENOTDIR || code == EISDIR || code == ENAMETOOLONG;
  return is_path_wrong ? ErrorKind::user : ErrorKind::external;
}

std::string system_message(int code) {
  return std::generic_category().message(code);
}

}  // namespace weir::io
