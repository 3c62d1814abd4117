#include "io/storage.h"

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "io/testing/memory_storage.h"

namespace weir::io {
namespace {

class Folder {
 public:
  Folder() {
    std::string name = std::filesystem::temp_directory_path() / "weir-storage-XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string text_of(Directory& directory, const std::string& name) {
  return read_whole(directory, name, 1 << 20).value_or("(none)");
}

// What holds for every Directory.
void check_directory(Directory& directory) {
  auto file = directory.open("a", OpenMode::create).value();
  const std::string_view runs[] = {"one", "", "two", "three"};
  EXPECT_TRUE(file->write_at(0, runs));
  EXPECT_TRUE(file->write_at(1, "NE"));
  EXPECT_TRUE(file->sync());
  EXPECT_EQ(file->size().value(), 11U);
  std::string read(20, '.');
  EXPECT_EQ(file->read_at(3, read).value(), 8U);
  EXPECT_EQ(read.substr(0, 8), "twothree");
  EXPECT_EQ(file->read_at(50, read).value(), 0U);
  EXPECT_TRUE(file->truncate(4));
  EXPECT_EQ(text_of(directory, "a"), "oNEt");
  EXPECT_TRUE(file->allocate(6));
  EXPECT_EQ(file->size().value(), 6U);

  EXPECT_FALSE(directory.open("a", OpenMode::create));
  EXPECT_FALSE(directory.open("none", OpenMode::read));
  EXPECT_FALSE(directory.open("none", OpenMode::write));
  EXPECT_TRUE(directory.open("a", OpenMode::overwrite));
  EXPECT_EQ(text_of(directory, "a"), "");

  EXPECT_TRUE(replace_file(directory, "b", "new"));
  EXPECT_TRUE(directory.rename("b", "a"));
  EXPECT_EQ(text_of(directory, "a"), "new");
  auto folder = directory.folder("f").value();
  EXPECT_TRUE(folder->open("inner", OpenMode::create));
  EXPECT_TRUE(folder->sync());
  EXPECT_EQ(directory.list().value(), (std::vector<std::string>{"a", "f"}));
  EXPECT_TRUE(directory.remove("f"));
  EXPECT_FALSE(directory.exists("f").value());
  EXPECT_FALSE(directory.remove("f"));
  EXPECT_GT(directory.space().value().total_bytes, 0U);

  auto lock = directory.lock("lock");
  ASSERT_TRUE(lock);
  const auto second = directory.lock("lock");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message,
            directory.path() + " is in use by another weir process; stop that one or choose another folder");
  lock->reset();
  EXPECT_TRUE(directory.lock("lock"));
}

TEST(Storage, TheMachinesFolderDoesWhatADirectoryPromises) {
  const Folder folder;
  check_directory(*open_directory(folder.path() + "/log").value());
}

TEST(Storage, AFolderInMemoryDoesWhatADirectoryPromises) {
  check_directory(*testing::MemoryDisk::make()->root());
}

TEST(Storage, ErrorsNameThePathAndTheReason) {
  const Folder folder;
  auto directory = open_directory(folder.path()).value();
  EXPECT_EQ(directory->open("x", OpenMode::read).error().message,
            "cannot open " + folder.path() + "/x: No such file or directory");
  EXPECT_EQ(open_directory(folder.path() + "/no/where").error().message,
            "cannot make folder " + folder.path() + "/no/where: No such file or directory");
}

TEST(Storage, AFileOpenedForReadingIsNotWritten) {
  const Folder folder;
  auto directory = open_directory(folder.path()).value();
  ASSERT_TRUE(directory->open("x", OpenMode::create));
  EXPECT_FALSE(directory->open("x", OpenMode::read).value()->write_at(0, "a"));
}

TEST(Storage, AFullDiskIsToldApart) {
  auto full = open_directory("/dev").value();
  auto file = full->open("full", OpenMode::write).value();
  const Status status = file->write_at(0, "a");
  ASSERT_FALSE(status);
  EXPECT_TRUE(is_out_of_space(status.error()));
  EXPECT_FALSE(is_out_of_space(full->open("no such", OpenMode::read).error()));
}

TEST(Storage, ManyRunsAreWrittenInOrder) {
  const Folder folder;
  auto file = open_directory(folder.path()).value()->open("x", OpenMode::create).value();
  std::vector<std::string> texts;
  for (int i = 0; i < 1000; ++i) texts.push_back(std::to_string(i));
  const std::vector<std::string_view> runs(texts.begin(), texts.end());
  ASSERT_TRUE(file->write_at(5, runs));
  std::string expected(5, '\0');
  for (const std::string& text : texts) expected += text;
  std::string read(expected.size() + 1, '\0');
  EXPECT_EQ(file->read_at(0, read).value(), expected.size());
  EXPECT_EQ(read.substr(0, expected.size()), expected);
}

TEST(Storage, AWholeFileHasABound) {
  auto root = testing::MemoryDisk::make()->root();
  ASSERT_TRUE(replace_file(*root, "x", "12345"));
  EXPECT_EQ(read_whole(*root, "x", 4).error().kind, ErrorKind::corrupt);
}

}  // namespace
}  // namespace weir::io
