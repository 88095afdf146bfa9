#include "server/git_head.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "audit/keys/folder_for_test.h"

namespace wardlock::server {
namespace {

namespace fs = std::filesystem;

const std::string kCommit = "0123456789abcdef0123456789abcdef01234567";

class GitHeadTest : public testing::Test {
 protected:
  GitHeadTest() { fs::create_directories(policies()); }

  std::string policies() const { return folder_.path("tree/policies/hospital"); }
  std::string git() const { return folder_.path("tree/.git"); }
  static void write(const fs::path& path, const std::string& text) {
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
  }
  void head(const std::string& text) const { write(git() + "/HEAD", text); }
  /// A commit as git keeps it, in `where`.
  static void commit(const std::string& where, const std::string& message) {
    std::string text =
        "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor Ann <a@b> 1 +0000\n"
        "committer Ann <a@b> 1 +0000\n\n" +
        message;
    text = "commit " + std::to_string(text.size()) + std::string(1, '\0') + text;
    uLongf size = compressBound(text.size());
    std::string packed(size, '\0');
    ASSERT_EQ(compress(reinterpret_cast<Bytef*>(packed.data()), &size,
                       reinterpret_cast<const Bytef*>(text.data()), text.size()),
              Z_OK);
    packed.resize(size);
    write(where + "/objects/" + kCommit.substr(0, 2) + "/" + kCommit.substr(2), packed);
  }
  /// `name subject`; `none`.
  std::string found() const {
    const auto head = read_git_head(policies());
    return head ? head->commit + " " + head->subject : "none";
  }

  audit::FolderForTest folder_;
};

TEST_F(GitHeadTest, IsTheCommitOfTheBranchOfTheTreeAround) {
  head("ref: refs/heads/main\n");
  write(git() + "/refs/heads/main", kCommit + "\n");
  commit(git(), "Nurses read reports\n\nSince ward 3 asked.\n");
  EXPECT_EQ(found(), kCommit + " Nurses read reports");
}

TEST_F(GitHeadTest, IsTheCommitItselfWhereNoBranchIs) {
  head(kCommit + "\n");
  commit(git(), "One line");
  EXPECT_EQ(found(), kCommit + " One line");
}

TEST_F(GitHeadTest, MayBePacked) {
  head("ref: refs/heads/main\n");
  write(git() + "/packed-refs", "# pack-refs with: peeled\n" + std::string(40, 'f') +
                                    " refs/heads/other\n" + kCommit + " refs/heads/main\n");
  EXPECT_EQ(found(), kCommit + " ") << "of a commit in a pack the name is known";
}

TEST_F(GitHeadTest, IsTheWorkTreesOwn) {
  const std::string own = folder_.path("main/.git/worktrees/tree");
  write(git(), "gitdir: ../main/.git/worktrees/tree\n");
  write(own + "/HEAD", "ref: refs/heads/side\n");
  write(own + "/commondir", "../..\n");
  write(folder_.path("main/.git/refs/heads/side"), kCommit + "\n");
  commit(folder_.path("main/.git"), "On the side\n");
  EXPECT_EQ(found(), kCommit + " On the side");
}

TEST_F(GitHeadTest, IsNoneWhereThereIsNothingOrNothingSound) {
  EXPECT_EQ(found(), "none");
  EXPECT_FALSE(read_git_head(folder_.path("nowhere")));
  for (const std::string& text :
       {std::string(), std::string("ref: refs/heads/none\n"), std::string("ref: ../secret\n"),
        std::string("ref: refs/../../secret\n"), std::string("0123\n"),
        std::string("ref: refs/heads/a b\n"), std::string(40, 'z'), std::string(5000, 'a')}) {
    head(text);
    write(folder_.path("tree/secret"), kCommit + "\n");
    write(git() + "/../secret", kCommit + "\n");
    EXPECT_EQ(found(), "none") << text.substr(0, 60);
  }
}

TEST_F(GitHeadTest, IsNoneWhereItsFilesAreLinksOrPipes) {
  head(kCommit + "\n");
  ASSERT_NE(found(), "none");
  fs::rename(git() + "/HEAD", git() + "/real");
  fs::create_symlink("real", git() + "/HEAD");
  EXPECT_EQ(found(), "none");
  fs::remove(git() + "/HEAD");
  ASSERT_EQ(::mkfifo((git() + "/HEAD").c_str(), 0600), 0);
  EXPECT_EQ(found(), "none");
}

TEST_F(GitHeadTest, HasNoSubjectThatMayNotBeShown) {
  head(kCommit);
  for (const std::string& message :
       {std::string("\x1b[31mred\n"), std::string("\xff\n"), std::string(201, 'a') + "\n",
        std::string("right \u202eto left\n"), std::string()}) {
    commit(git(), message);
    EXPECT_EQ(found(), kCommit + " ") << message;
  }
}

TEST_F(GitHeadTest, HasNoSubjectWhereItsObjectIsBroken) {
  head(kCommit);
  const std::string object = git() + "/objects/" + kCommit.substr(0, 2) + "/" + kCommit.substr(2);
  for (const std::string& bytes :
       {std::string(), std::string("no zlib"), std::string("\x78\x9c") + std::string(100, '\xff'),
        std::string(70'000, 'x')}) {
    write(object, bytes);
    EXPECT_EQ(found(), kCommit + " ");
  }
  fs::remove(object);
  fs::create_directory(object);
  EXPECT_EQ(found(), kCommit + " ");
}

}  // namespace
}  // namespace wardlock::server
