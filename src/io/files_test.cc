#include "io/files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

namespace weir::io {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A folder of its own for each test, removed behind it.
class Files : public ::testing::Test {
 protected:
  Files() : folder_(::testing::TempDir() + fmt::format("/weir_files_{}", ::getpid())) {
    std::filesystem::create_directories(folder_);
  }
  ~Files() override { std::filesystem::remove_all(folder_); }

  std::string path(std::string_view name) const { return folder_ + "/" + std::string(name); }

  void put(std::string_view name, std::string_view bytes) const {
    std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
    std::ofstream(path(name), std::ios::binary) << bytes;
  }

  // Paths below the test's folder, or the error.
  std::vector<std::string> find(std::string_view name) const {
    const Result<std::vector<FileInfo>> found = find_files(path(name));
    if (!found) return {"error: " + found.error().message};
    std::vector<std::string> names;
    for (const FileInfo& file : *found) names.push_back(file.path.substr(folder_.size() + 1));
    return names;
  }

  std::string folder_;
};

TEST_F(Files, ReadsAFileUpToTheLimit) {
  put("a", "12345");
  EXPECT_EQ(read_file(path("a"), 5).value(), "12345");
  EXPECT_THAT(read_file(path("a"), 4).error().message, HasSubstr("larger than 4 bytes"));
  EXPECT_THAT(read_file(path("none"), 4).error().message, HasSubstr("No such file"));
}

TEST_F(Files, WritesAFileWholeAndLeavesNothingElse) {
  ASSERT_TRUE(write_file(path("out"), "first").has_value());
  ASSERT_TRUE(write_file(path("out"), "second").has_value());
  EXPECT_EQ(read_file(path("out"), 100).value(), "second");
  EXPECT_THAT(find(""), ElementsAre("out"));
  EXPECT_FALSE(write_file(path("no/such/folder"), "x").has_value());
}

TEST_F(Files, WritingKeepsModeAndLinks) {
  put("real", "old");
  ASSERT_EQ(::chmod(path("real").c_str(), 0640), 0);
  std::filesystem::create_symlink("real", path("link"));
  ASSERT_TRUE(write_file(path("link"), "changed").has_value());
  EXPECT_TRUE(std::filesystem::is_symlink(path("link")));
  EXPECT_EQ(read_file(path("real"), 100).value(), "changed");
  struct stat status{};
  ASSERT_EQ(::stat(path("real").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0640U);
}

TEST_F(Files, WritingToADeviceDoesNotReplaceIt) {
  ASSERT_TRUE(write_file("/dev/null", "x").has_value());
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST_F(Files, FindsAllFilesBelowAFolderInOrder) {
  for (const char* name : {"logs/b.log", "logs/a/z.log", "logs/c/.hidden", "logs/.git/config", "logs/c/d/e"})
    put(name, "x");
  EXPECT_THAT(find("logs"), ElementsAre("logs/a/z.log", "logs/b.log", "logs/c/d/e"));
  EXPECT_THAT(find("logs/c/.hidden"), ElementsAre("logs/c/.hidden"));
}

TEST_F(Files, FollowsLinksOnceAndPrefersTheFileItself) {
  put("logs/today/app.log", "x");
  put("elsewhere/b.log", "x");
  std::filesystem::create_symlink("today/app.log", path("logs/current"));
  std::filesystem::create_symlink("../elsewhere", path("logs/also"));
  std::filesystem::create_symlink("../logs", path("elsewhere/circle"));
  std::filesystem::create_symlink("nowhere", path("logs/dangling"));
  EXPECT_THAT(find("logs"), ElementsAre("logs/also/b.log", "logs/today/app.log"));
}

TEST_F(Files, GlobsOnlyWhereNoFileHasTheName) {
  for (const char* name : {"a1.log", "a2.log", "b1.log", "x/y.log", "odd[1].log"}) put(name, "x");
  EXPECT_THAT(find("a?.log"), ElementsAre("a1.log", "a2.log"));
  EXPECT_THAT(find("[ab]1*"), ElementsAre("a1.log", "b1.log"));
  EXPECT_THAT(find("*/*.log"), ElementsAre("x/y.log"));
  EXPECT_THAT(find("odd[1].log"), ElementsAre("odd[1].log"));
  EXPECT_THAT(find("q*"), ElementsAre(HasSubstr("no file fits")));
}

TEST_F(Files, SaysSoWhenThereIsNothing) {
  std::filesystem::create_directories(path("empty"));
  EXPECT_THAT(find("empty"), ElementsAre());
  EXPECT_THAT(find("missing"), ElementsAre(HasSubstr("No such file")));
}

TEST_F(Files, TellsSizeAndTimeOfChange) {
  put("a", "12345");
  const FileInfo info = find_files(path("a")).value().at(0);
  EXPECT_EQ(info.size, 5U);
  EXPECT_LT(std::chrono::abs(std::chrono::system_clock::now() - info.modified), std::chrono::minutes(5));
}

struct ZipEntry {
  std::string name;
  std::string bytes;
  bool encrypted = false;
};

void write_zip(const std::string& path, const std::vector<ZipEntry>& entries) {
  zip_t* archive = ::zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
  ASSERT_NE(archive, nullptr);
  for (const ZipEntry& entry : entries) {
    zip_source_t* source = ::zip_source_buffer(archive, entry.bytes.data(), entry.bytes.size(), 0);
    const zip_int64_t index = ::zip_file_add(archive, entry.name.c_str(), source, 0);
    ASSERT_GE(index, 0);
    if (entry.encrypted) {
      ASSERT_EQ(::zip_file_set_encryption(archive, static_cast<zip_uint64_t>(index), ZIP_EM_AES_256, "pw"), 0);
    }
  }
  ASSERT_EQ(::zip_close(archive), 0);
}

TEST_F(Files, ReadsTheZipEntriesOfASuffix) {
  write_zip(path("r.zip"), {{"rules/a.yml", "one"}, {"readme.md", "no"}, {"b.yaml", "two"}, {"empty.yml", ""}});
  const auto files = read_zip(path("r.zip"), {".yml", ".yaml"}, 1'000).value();
  ASSERT_EQ(files.size(), 3U);
  EXPECT_EQ(files[0].path, path("r.zip") + "/rules/a.yml");
  EXPECT_EQ(files[0].bytes, "one");
  EXPECT_EQ(files[1].bytes, "two");
  EXPECT_EQ(files[2].bytes, "");
}

TEST_F(Files, NamesTheZipEntryThatCannotBeRead) {
  write_zip(path("large.zip"), {{"big.yml", std::string(1'001, 'x')}});
  EXPECT_THAT(read_zip(path("large.zip"), {".yml"}, 1'000).error().message, HasSubstr("big.yml is larger than 1000"));
  write_zip(path("locked.zip"), {{"secret.yml", "text", true}});
  EXPECT_THAT(read_zip(path("locked.zip"), {".yml"}, 1'000).error().message, HasSubstr("secret.yml is encrypted"));
  write_zip(path("torn.zip"), {{"torn.yml", "some text that is stored or deflated somehow"}});
  std::string bytes = read_file(path("torn.zip"), 100'000).value();
  bytes[45] = static_cast<char>(bytes[45] ^ 0xff);  // Behind the 30 bytes of the local header and the 8 of the name.
  put("torn.zip", bytes);
  EXPECT_THAT(read_zip(path("torn.zip"), {".yml"}, 1'000).error().message, HasSubstr("torn.yml"));
  put("none.zip", "this is no zip");
  EXPECT_EQ(read_zip(path("none.zip"), {".yml"}, 1'000).error().kind, ErrorKind::corrupt);
}

}  // namespace
}  // namespace weir::io
