#include "audit/keys/folder_for_test.h"

#include <unistd.h>

#include "base/check.h"

namespace wardlock::audit {

FolderForTest::FolderForTest() {
  std::string name = (std::filesystem::temp_directory_path() / "wardlock-keys-XXXXXX").string();
  CHECK(mkdtemp(name.data()) != nullptr);
  path_ = name;
}

FolderForTest::~FolderForTest() { std::filesystem::remove_all(path_); }

std::string FolderForTest::bytes() const {
  std::string out;
  for (const auto& file : std::filesystem::directory_iterator(path_)) {
    std::ifstream in(file.path(), std::ios::binary);
    out.append(std::istreambuf_iterator<char>(in), {});
  }
  return out;
}

}  // namespace wardlock::audit
