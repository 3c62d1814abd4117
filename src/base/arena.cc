#include "base/arena.h"

#include <algorithm>
#include <cstring>

namespace weir {

std::string_view Arena::copy(std::string_view text) {
  if (text.empty()) return {};
  char* bytes = allocate(text.size());
  std::memcpy(bytes, text.data(), text.size());
  return {bytes, text.size()};
}

void Arena::grow(std::size_t size) {
  while (current_ < blocks_.size() && blocks_[current_].size < size) ++current_;
  if (current_ == blocks_.size()) {
    const std::size_t bytes = std::max(size, block_size_);
    blocks_.push_back({std::make_unique_for_overwrite<char[]>(bytes), bytes});
    capacity_ += bytes;
  }
  next_ = blocks_[current_].bytes.get();
  end_ = next_ + blocks_[current_].size;
  ++current_;
}

void Arena::clear() {
  std::erase_if(blocks_, [this](const Block& block) {
    if (block.size <= block_size_) return false;
    capacity_ -= block.size;
    return true;
  });
  current_ = 0;
  next_ = end_ = nullptr;
}

}  // namespace weir
