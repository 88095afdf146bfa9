#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace wardlock::audit {

/// A folder that goes when it ends.
class FolderForTest {
 public:
  FolderForTest();
  ~FolderForTest();
  FolderForTest(const FolderForTest&) = delete;
  FolderForTest& operator=(const FolderForTest&) = delete;

  std::string path(std::string_view name) const { return (path_ / name).string(); }

  /// Of all files in it.
  std::string bytes() const;

 private:
  std::filesystem::path path_;
};

}  // namespace wardlock::audit
