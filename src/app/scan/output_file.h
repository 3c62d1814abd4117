#pragma once

// Where results go: standard output or a file. Written in blocks; a failure is kept, so that it can be told once, at
// the end. One thread.

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weir::app {

class OutputFile {
 public:
  // An empty path is standard output.
  static Result<std::unique_ptr<OutputFile>> open(const std::string& path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  std::FILE* stream() const { return stream_; }
  void write(std::string_view text);
  // Whether everything so far has arrived.
  bool flush();
  bool failed() const { return failed_; }

 private:
  OutputFile(std::FILE* stream, bool owned) : stream_(stream), owned_(owned) {}

  std::FILE* stream_;
  bool owned_;
  bool failed_ = false;
};

}  // namespace weir::app
