#include "pap/content_diff.h"

#include <gtest/gtest.h>

#include "bundle/bundle_for_test.h"
#include "codec/json.h"

namespace wardlock::pap {
namespace {

bundle::Content content(std::string_view more, std::vector<bundle::BundledFile> others = {}) {
  auto files = bundle::small_files();
  files[1].text += more;
  for (bundle::BundledFile& each : others) files.push_back(std::move(each));
  return bundle::Content::of(std::move(files)).value();
}

TEST(ContentDiffTest, OfTheSameIsEmpty) {
  const bundle::Content same = content("");
  const auto diff = diff_contents(&same, same);
  ASSERT_TRUE(diff);
  EXPECT_TRUE(diff->is_empty());
  EXPECT_EQ(to_text(*diff), "the same content");
  EXPECT_TRUE(to_json(*diff).at("same").as_bool());
}

TEST(ContentDiffTest, NamesFilesAndPolicies) {
  const bundle::Content before = content("", {{"bundle.json", R"({"name":"a"})"}});
  const bundle::Content after =
      content("@id(\"b\") forbid (principal, action, resource);\n", {{"links.json", "[]"}});
  const auto diff = diff_contents(&before, after);
  ASSERT_TRUE(diff);
  const std::vector<FileChange> files = {{cedar::ChangeKind::kRemoved, "bundle.json"},
                                         {cedar::ChangeKind::kAdded, "links.json"},
                                         {cedar::ChangeKind::kChanged, "ward.cedar"}};
  EXPECT_EQ(diff->files, files);
  EXPECT_EQ(diff->policies.count(cedar::ChangeKind::kAdded), 1U);
  EXPECT_NE(to_text(*diff).find("+ policy `b`"), std::string::npos) << to_text(*diff);
  EXPECT_EQ(to_json(*diff).at("policies").at("added").to_number<int>(), 1);
}

TEST(ContentDiffTest, OfACommentIsAFileAlone) {
  const bundle::Content before = content("");
  const auto diff = diff_contents(&before, content("// a word\n"));
  ASSERT_TRUE(diff);
  EXPECT_FALSE(diff->is_empty());
  EXPECT_NE(to_text(*diff).find("the same policies and schema"), std::string::npos);
}

TEST(ContentDiffTest, OfTheFirstIsAllOfIt) {
  const auto diff = diff_contents(nullptr, content(""));
  ASSERT_TRUE(diff);
  EXPECT_EQ(diff->before, "");
  EXPECT_EQ(diff->files.size(), 2U);
  EXPECT_EQ(diff->policies.count(cedar::ChangeKind::kAdded), 1U);
}

TEST(ContentDiffTest, OfWhatCannotBeReadIsRefused) {
  const bundle::Content good = content("");
  const bundle::Content broken = content("permit (");
  EXPECT_FALSE(diff_contents(&good, broken));
  EXPECT_FALSE(diff_contents(&broken, good));
}

}  // namespace
}  // namespace wardlock::pap
