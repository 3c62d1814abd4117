#include "io/testing/memory_storage.h"

#include <random>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace weir::io::testing {
namespace {

std::string text_of(MemoryDisk& disk, const std::string& path) {
  const std::string* bytes = disk.bytes_of(path);
  return bytes == nullptr ? "(none)" : *bytes;
}

// Every text that `path` may have after a power cut now.
std::set<std::string> texts_after_power_cut(MemoryDisk& disk, const std::string& path) {
  std::set<std::string> texts;
  std::mt19937 random(1);
  for (int i = 0; i < 500; ++i) {
    const auto cut = disk.after_power_cut(disk.operation_count(), [&](std::size_t count) { return random() % count; });
    texts.insert(text_of(*cut, path));
  }
  return texts;
}

TEST(MemoryDisk, SyncedDataUnderASyncedNameSurvive) {
  const auto disk = MemoryDisk::make();
  auto root = disk->root();
  ASSERT_TRUE(replace_file(*root, "a", "old"));
  EXPECT_EQ(texts_after_power_cut(*disk, "a"), (std::set<std::string>{"old"}));
}

TEST(MemoryDisk, AnUnsyncedNameMayBeLost) {
  const auto disk = MemoryDisk::make();
  auto file = disk->root()->open("a", OpenMode::create).value();
  ASSERT_TRUE(file->write_at(0, "x"));
  ASSERT_TRUE(file->sync());
  EXPECT_EQ(texts_after_power_cut(*disk, "a"), (std::set<std::string>{"(none)", "x"}));
}

TEST(MemoryDisk, UnsyncedWritesMayBeAbsentReorderedOrTorn) {
  const auto disk = MemoryDisk::make();
  ASSERT_TRUE(replace_file(*disk->root(), "a", ""));
  auto file = disk->root()->open("a", OpenMode::write).value();
  ASSERT_TRUE(file->write_at(0, "12"));
  ASSERT_TRUE(file->write_at(2, "34"));
  EXPECT_EQ(texts_after_power_cut(*disk, "a"),
            (std::set<std::string>{"", "1", "12", "123", "1234", std::string("\0\0", 2) + "34"}));
}

TEST(MemoryDisk, ARenameIsWholeOrNotMade) {
  const auto disk = MemoryDisk::make();
  auto root = disk->root();
  ASSERT_TRUE(replace_file(*root, "a", "old"));
  ASSERT_TRUE(replace_file(*root, "b", "new"));
  ASSERT_TRUE(root->rename("b", "a"));
  EXPECT_EQ(texts_after_power_cut(*disk, "a"), (std::set<std::string>{"old", "new"}));
  EXPECT_EQ(text_of(*disk->after_kill(), "a"), "new");
}

TEST(MemoryDisk, AnEarlierPointCanBeCut) {
  const auto disk = MemoryDisk::make();
  ASSERT_TRUE(replace_file(*disk->root(), "a", "old"));
  const std::size_t point = disk->operation_count();
  ASSERT_TRUE(replace_file(*disk->root(), "a", "new"));
  const auto all = [](std::size_t) { return std::size_t{0}; };
  EXPECT_EQ(text_of(*disk->after_power_cut(point, all), "a"), "old");
  EXPECT_EQ(text_of(*disk->after_power_cut(disk->operation_count(), all), "a"), "new");
}

TEST(MemoryDisk, TheNumberedCallFails) {
  const auto disk = MemoryDisk::make();
  auto file = disk->root()->open("a", OpenMode::create).value();
  disk->fail_call(disk->call_count() + 1, Failure::no_space);
  EXPECT_TRUE(file->write_at(0, "ab"));
  const Status status = file->write_at(2, "cd");
  ASSERT_FALSE(status);
  EXPECT_TRUE(is_out_of_space(status.error()));
  EXPECT_EQ(text_of(*disk, "a"), "abc");
  EXPECT_TRUE(file->write_at(2, "cd"));
}

TEST(MemoryDisk, ASyncThatFailedMayHaveDroppedWhatWasWritten) {
  const auto disk = MemoryDisk::make();
  ASSERT_TRUE(replace_file(*disk->root(), "a", ""));
  auto file = disk->root()->open("a", OpenMode::write).value();
  ASSERT_TRUE(file->write_at(0, "x"));
  disk->fail_call(disk->call_count(), Failure::io_error_and_drop);
  EXPECT_FALSE(file->sync());
  EXPECT_TRUE(file->sync());
  EXPECT_EQ(text_of(*disk, "a"), "x");
  EXPECT_EQ(texts_after_power_cut(*disk, "a"), (std::set<std::string>{""}));
}

TEST(MemoryDisk, AFullDiskTakesWhatFitsAfterSomethingIsRemoved) {
  const auto disk = MemoryDisk::make();
  auto root = disk->root();
  ASSERT_TRUE(replace_file(*root, "a", "1234567"));
  disk->set_capacity(10);
  auto file = root->open("b", OpenMode::create).value();
  EXPECT_FALSE(file->write_at(0, "12345"));
  ASSERT_TRUE(root->remove("a"));
  EXPECT_TRUE(file->write_at(0, "12345"));
  EXPECT_EQ(root->space().value().free_bytes, 5U);
}

}  // namespace
}  // namespace weir::io::testing
