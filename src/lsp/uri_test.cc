#include "lsp/uri.h"

#include <gtest/gtest.h>

namespace wardlock::lsp {
namespace {

TEST(Uri, a_path_becomes_a_uri_and_a_path_again) {
  for (const std::string_view path :
       {"/a/b.cedar", "/with space/\u00e9.cedar", "/100%/#?&.cedar", "/a:b"}) {
    EXPECT_EQ(path_of(uri_of(path)), path);
  }
  EXPECT_EQ(uri_of("/a b"), "file:///a%20b");
  EXPECT_EQ(path_of("file://localhost/a"), "/a");
  EXPECT_EQ(path_of("file:///a%c3%A9"), "/a\u00e9");
}

TEST(Uri, what_is_no_file_of_this_machine_has_no_path) {
  for (const std::string_view uri :
       {"", "untitled:1", "file:/a", "file://host/a", "http:///a", "file:///a%", "file:///a%2",
        "file:///a%zz", "file:///a%-1", "file:///a%00b", "file://"}) {
    EXPECT_EQ(path_of(uri), std::nullopt) << uri;
  }
}

}  // namespace
}  // namespace wardlock::lsp
