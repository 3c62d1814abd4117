#pragma once

// A bump allocator for bytes that live as long as one batch. `clear` keeps the blocks, so a steady stream of batches
// allocates nothing. One thread at a time.

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace weir {

class Arena {
 public:
  explicit Arena(std::size_t block_size = 64 * 1024) : block_size_(block_size) {}

  // Uninitialised bytes, aligned to 8, valid until clear().
  char* allocate(std::size_t size) {
    size = (size + 7) & ~std::size_t{7};
    if (size > static_cast<std::size_t>(end_ - next_)) grow(size);
    char* result = next_;
    next_ += size;
    return result;
  }

  std::string_view copy(std::string_view text);

  // Forgets everything handed out; blocks larger than the usual size are freed, one usual block set is kept.
  void clear();

  // Bytes held from the system.
  std::size_t capacity() const { return capacity_; }

 private:
  struct Block {
    std::unique_ptr<char[]> bytes;
    std::size_t size;
  };

  void grow(std::size_t size);

  std::size_t block_size_;
  std::vector<Block> blocks_;
  std::size_t current_ = 0;  // Blocks before this index are in use.
  char* next_ = nullptr;
  char* end_ = nullptr;
  std::size_t capacity_ = 0;
};

}  // namespace weir
