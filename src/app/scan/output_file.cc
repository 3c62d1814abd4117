#include "app/scan/output_file.h"

#include <cerrno>
#include <cstring>

namespace weir::app {

Result<std::unique_ptr<OutputFile>> OutputFile::open(const std::string& path) {
  if (path.empty()) return std::unique_ptr<OutputFile>(new OutputFile(stdout, false));
  std::FILE* stream = std::fopen(path.c_str(), "we");
  if (stream == nullptr) return fail(ErrorKind::external, "{}: cannot be written: {}", path, std::strerror(errno));
  return std::unique_ptr<OutputFile>(new OutputFile(stream, true));
}

OutputFile::~OutputFile() {
  if (owned_) std::fclose(stream_);
}

void OutputFile::write(std::string_view text) {
  if (!text.empty() && std::fwrite(text.data(), 1, text.size(), stream_) != text.size()) failed_ = true;
}

bool OutputFile::flush() {
  if (std::fflush(stream_) != 0) failed_ = true;
  return !failed_;
}

}  // namespace weir::app
