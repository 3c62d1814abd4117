#pragma once

// Zip archives inside this module; what others use is in files.h and input.h. An archive is used by one thread.

#include <cstdint>
#include <memory>
#include <string>

#include <zip.h>

#include "base/result.h"

namespace weir::io {

using Archive = std::unique_ptr<zip_t, decltype(&::zip_discard)>;
using ArchiveFile = std::unique_ptr<zip_file_t, decltype(&::zip_fclose)>;

Result<Archive> open_archive(const std::string& path);

// `name` is for messages. An encrypted entry is an error of the user's.
Result<ArchiveFile> open_archive_file(zip_t* archive, std::uint64_t index, const std::string& name);

}  // namespace weir::io
