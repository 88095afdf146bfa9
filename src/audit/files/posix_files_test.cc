#include "audit/files/posix_files.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

namespace wardlock::audit {
namespace {

class PosixFilesTest : public ::testing::Test {
 protected:
  PosixFilesTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "files-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~PosixFilesTest() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  std::unique_ptr<File> created(const std::string& name) {
    auto file = files_.open(path(name), OpenMode::kCreate);
    EXPECT_TRUE(file) << file.error().message;
    return std::move(*file);
  }
  static ErrorCode code(const auto& result) {
    return result ? ErrorCode::kUnknown : result.error().code;
  }

  PosixFiles files_;
  std::string folder_;
};

TEST_F(PosixFilesTest, ReadsWhatWasWritten) {
  const auto file = created("a");
  ASSERT_TRUE(file->write(3, "defg"));
  ASSERT_TRUE(file->sync());
  EXPECT_EQ(file->size(), 7U);
  std::string bytes(10, '?');
  EXPECT_EQ(file->read(1, bytes), 6U);
  EXPECT_EQ(bytes.substr(0, 6), std::string("\0\0defg", 6));
  EXPECT_EQ(file->read(7, bytes), 0U);
}

TEST_F(PosixFilesTest, NewFilesAreTheirOwnersAlone) {
  created("a");
  struct stat status{};
  ASSERT_EQ(::stat(path("a").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  ASSERT_TRUE(files_.make_folder(path("b")));
  ASSERT_EQ(::stat(path("b").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
}

TEST_F(PosixFilesTest, SaysWhichFileAndWhy) {
  const auto missing = files_.open(path("a"), OpenMode::kRead);
  EXPECT_EQ(code(missing), ErrorCode::kNotFound);
  EXPECT_EQ(missing.error().message, "cannot open `" + path("a") + "`: No such file or directory");
  created("a");
  EXPECT_EQ(code(files_.open(path("a"), OpenMode::kCreate)), ErrorCode::kAlreadyExists);
  EXPECT_EQ(code(files_.make_folder(path("a"))), ErrorCode::kAlreadyExists);
  EXPECT_EQ(code(files_.list(path("b"))), ErrorCode::kNotFound);
  EXPECT_EQ(code(files_.remove(path("b"))), ErrorCode::kNotFound);
  EXPECT_EQ(code(files_.rename(path("b"), path("c"))), ErrorCode::kNotFound);
  EXPECT_EQ(code(files_.sync_folder(path("b"))), ErrorCode::kNotFound);
  EXPECT_EQ(code(files_.protect(path("b"), Protection::kReadOnly)), ErrorCode::kNotFound);
  EXPECT_EQ(code(files_.unprotect(path("b"))), ErrorCode::kNotFound);
  EXPECT_EQ(code(files_.lock(path("b/c"))), ErrorCode::kNotFound);
}

TEST_F(PosixFilesTest, FollowsNoLink) {
  created("a");
  ASSERT_EQ(::symlink(path("a").c_str(), path("link").c_str()), 0);
  EXPECT_EQ(code(files_.open(path("link"), OpenMode::kReadWrite)), ErrorCode::kUnavailable);
}

TEST_F(PosixFilesTest, WaitsForNoPipeThatStandsInAFilesPlace) {
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  for (const OpenMode mode : {OpenMode::kRead, OpenMode::kReadWrite}) {
    const auto opened = files_.open(path("pipe"), mode);
    EXPECT_EQ(code(opened), ErrorCode::kFailedPrecondition);
    EXPECT_EQ(opened.error().message, "`" + path("pipe") + "` is no regular file");
  }
  EXPECT_EQ(code(files_.lock(path("pipe"))), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(code(files_.is_locked(path("pipe"))), ErrorCode::kFailedPrecondition);
  ASSERT_TRUE(files_.make_folder(path("folder")));
  EXPECT_EQ(code(files_.open(path("folder"), OpenMode::kRead)), ErrorCode::kFailedPrecondition);
}

// Past the limit the kernel writes what fits and reports that; the next try then fails.
TEST_F(PosixFilesTest, GoesOnAfterAShortWriteAndReportsTheError) {
  const auto file = created("a");
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{1000, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  const auto written = file->write(0, std::string(3000, 'x'));
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_EQ(code(written), ErrorCode::kResourceExhausted);
  EXPECT_EQ(file->size(), 1000U);
}

TEST_F(PosixFilesTest, AFullDeviceIsNoSpace) {
  const auto full = files_.open("/dev/full", OpenMode::kReadWrite);
  ASSERT_TRUE(full);
  const auto written = (*full)->write(0, "x");
  EXPECT_EQ(code(written), ErrorCode::kResourceExhausted);
  EXPECT_EQ(written.error().message, "cannot write `/dev/full`: No space left on device");
}

TEST_F(PosixFilesTest, ClaimsSpaceBeyondTheEnd) {
  const auto file = created("a");
  ASSERT_TRUE(file->write(0, "x"));
  ASSERT_TRUE(file->claim(100'000));
  EXPECT_EQ(file->size(), 1U);
  struct stat status{};
  ASSERT_EQ(::stat(path("a").c_str(), &status), 0);
  EXPECT_GE(status.st_blocks * 512, 100'000);
}

TEST_F(PosixFilesTest, ShortensOnly) {
  const auto file = created("a");
  ASSERT_TRUE(file->write(0, "abcdef"));
  ASSERT_TRUE(file->shorten(4));
  EXPECT_EQ(file->size(), 4U);
  ASSERT_TRUE(file->shorten(9));
  EXPECT_EQ(file->size(), 4U);
}

TEST_F(PosixFilesTest, ALockIsHeldByOne) {
  auto lock = files_.lock(path("lock"));
  ASSERT_TRUE(lock);
  const auto second = files_.lock(path("lock"));
  EXPECT_EQ(code(second), ErrorCode::kFailedPrecondition);
  EXPECT_NE(second.error().message.find("another process uses this folder"), std::string::npos);
  EXPECT_EQ(files_.is_locked(path("lock")), true);
  lock->reset();
  EXPECT_EQ(files_.is_locked(path("lock")), false);
  EXPECT_TRUE(files_.lock(path("lock")));
}

TEST_F(PosixFilesTest, AskingForALockMakesNoFile) {
  EXPECT_EQ(files_.is_locked(path("lock")), false);
  EXPECT_EQ(code(files_.open(path("lock"), OpenMode::kRead)), ErrorCode::kNotFound);
}

TEST_F(PosixFilesTest, ListsSorted) {
  created("b");
  created("a");
  ASSERT_TRUE(files_.make_folder(path("c")));
  ASSERT_TRUE(files_.make_folder(path("c")));
  EXPECT_EQ(files_.list(folder_), (std::vector<std::string>{"a", "b", "c"}));
}

TEST_F(PosixFilesTest, AProtectedFileIsReadOnlyUntilThatIsLifted) {
  created("a");
  const auto protection = files_.protect(path("a"), Protection::kImmutable);
  ASSERT_TRUE(protection);
  struct stat status{};
  ASSERT_EQ(::stat(path("a").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0400U);
  // Only the filesystem keeps root from writing.
  const auto opened = files_.open(path("a"), OpenMode::kReadWrite);
  if (::geteuid() != 0 || *protection == Protection::kImmutable) {
    EXPECT_EQ(code(opened), ErrorCode::kPermissionDenied);
  }
  if (*protection == Protection::kImmutable) {
    EXPECT_EQ(code(files_.remove(path("a"))), ErrorCode::kPermissionDenied);
  }
  ASSERT_TRUE(files_.unprotect(path("a")));
  EXPECT_TRUE(files_.open(path("a"), OpenMode::kReadWrite));
  EXPECT_TRUE(files_.remove(path("a")));
}

TEST_F(PosixFilesTest, ReplacesAFileWhole) {
  ASSERT_TRUE(replace_file(files_, path("a"), "first"));
  EXPECT_EQ(read_file(files_, path("a"), 5), "first");
  created("a.new");  // as a crash leaves it
  ASSERT_TRUE(replace_file(files_, path("a"), "second"));
  EXPECT_EQ(read_file(files_, path("a"), 100), "second");
  EXPECT_EQ(files_.list(folder_), (std::vector<std::string>{"a"}));
}

TEST_F(PosixFilesTest, ReadsNoMoreThanItsLimit) {
  ASSERT_TRUE(replace_file(files_, path("a"), "123456"));
  const auto read = read_file(files_, path("a"), 5);
  EXPECT_EQ(code(read), ErrorCode::kResourceExhausted);
  EXPECT_EQ(read.error().message, "`" + path("a") + "` has 6 bytes; at most 5 are read");
}

}  // namespace
}  // namespace wardlock::audit
