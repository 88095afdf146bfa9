#include "bundle/content.h"

#include <gtest/gtest.h>

#include <string>

#include "bundle/bundle_for_test.h"

namespace wardlock::bundle {
namespace {

std::string fault_of(std::vector<BundledFile> more) {
  std::vector<BundledFile> files = small_files();
  for (BundledFile& file : more) files.push_back(std::move(file));
  const auto content = Content::of(std::move(files));
  return content ? "" : content.error().message;
}

/// The small content with one text of it replaced.
std::string fault_with(std::string_view text, std::string_view by) {
  std::string bytes = Content::of(small_files())->bytes();
  const std::size_t at = bytes.find(text);
  EXPECT_NE(at, std::string::npos) << text;
  bytes.replace(at, text.size(), by);
  const auto content = Content::parse(bytes);
  return content ? "" : content.error().message;
}

TEST(Content, HasOneForm) {
  const auto content = Content::of(small_files());
  ASSERT_TRUE(content);
  EXPECT_EQ(content->bytes(),
            "wardlock-policies 1\n"
            "ward.cedar 49\n@id(\"all\")\npermit (principal, action, resource);\n\n"
            "ward.cedarschema 85\nentity User; entity Ward;\naction view appliesTo { principal: "
            "User, resource: Ward };\n\n");
  EXPECT_EQ(content->size(), content->bytes().size());
  EXPECT_EQ(content->hash(), crypto::sha256(content->bytes()));
  EXPECT_EQ(content->name(), "sha256:" + crypto::to_hex(content->hash()));
  const auto again = Content::parse(content->bytes());
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->files(), content->files());
  EXPECT_EQ(again->hash(), content->hash());
}

TEST(Content, TheOrderOfFilesMakesNoDifference) {
  std::vector<BundledFile> files = small_files();
  std::swap(files[0], files[1]);
  EXPECT_EQ(Content::of(files)->hash(), Content::of(small_files())->hash());
}

TEST(Content, EachByteMakesADifference) {
  std::vector<BundledFile> files = small_files();
  files[1].text += '\n';
  EXPECT_NE(Content::of(files)->hash(), Content::of(small_files())->hash());
  files = small_files();
  files[1].name = "wards.cedar";
  EXPECT_NE(Content::of(files)->hash(), Content::of(small_files())->hash());
}

TEST(Content, TellsAFilesKindByItsName) {
  EXPECT_EQ(kind_of("ward.cedar"), FileKind::kPolicies);
  EXPECT_EQ(kind_of("ward.cedarschema"), FileKind::kSchema);
  EXPECT_EQ(kind_of("links.json"), FileKind::kLinks);
  EXPECT_EQ(kind_of("ward.test.yaml"), FileKind::kTests);
  EXPECT_EQ(kind_of("tests/ward.test.yaml"), FileKind::kTests);
  EXPECT_EQ(kind_of("entities.json"), FileKind::kTestWorld);
  EXPECT_EQ(kind_of("ward.invariants"), FileKind::kInvariants);
  EXPECT_EQ(kind_of("bundle.json"), FileKind::kMetadata);
}

TEST(Content, RefusesNamesThatLeadElsewhereOrSayNothing) {
  for (const std::string_view name : {"",
                                      "ward",
                                      "ward.txt",
                                      "people.json",
                                      ".cedar",
                                      ".ward.cedar",
                                      "../ward.cedar",
                                      "tests/../ward.test.yaml",
                                      "/ward.cedar",
                                      "tests//ward.test.yaml",
                                      "tests/ward.cedar",
                                      "tests/.test.yaml",
                                      "tests/",
                                      "more/ward.test.yaml",
                                      "tests/more/ward.test.yaml",
                                      "ward\\x.cedar",
                                      "C:ward.cedar",
                                      "ward .cedar",
                                      "ward\n.cedar",
                                      "w\u00e4rd.cedar",
                                      "ward.CEDAR",
                                      "ward.test.yml",
                                      "tests\\ward.test.yaml",
                                      "ward*.cedar"}) {
    EXPECT_FALSE(kind_of(name)) << name;
    EXPECT_NE(fault_of({{std::string(name), "x"}}).find("is no name of a file"), std::string::npos)
        << name;
  }
  EXPECT_FALSE(kind_of(std::string(95, 'a') + ".cedar"));
  EXPECT_TRUE(kind_of(std::string(94, 'a') + ".cedar"));
  EXPECT_FALSE(kind_of(std::string_view("wa\0rd.cedar", 11)));
}

TEST(Content, RefusesTwoFilesOfOneName) {
  EXPECT_NE(fault_of({{"ward.cedar", "x"}}).find("two files `ward.cedar`"), std::string::npos);
  EXPECT_NE(fault_of({{"Ward.cedar", "x"}}).find("capital letters aside"), std::string::npos);
}

TEST(Content, RefusesWhatIsNoText) {
  EXPECT_EQ(fault_of({{"a.cedar", ""}}), "`a.cedar` is empty; write it anew or remove it");
  EXPECT_EQ(fault_of({{"a.cedar", "\xff"}}), "`a.cedar` is not UTF-8 text");
}

TEST(Content, NeedsPoliciesAndASchema) {
  EXPECT_EQ(Content::of({small_files()[0]}).error().message,
            "there are no policies; a bundle has a `*.cedar`");
  EXPECT_EQ(Content::of({small_files()[1]}).error().message,
            "there is no schema; a bundle has a `*.cedarschema`");
  EXPECT_EQ(Content::of({}).error().code, ErrorCode::kInvalidArgument);
}

TEST(Content, IsBounded) {
  EXPECT_EQ(fault_of({{"a.cedar", std::string(kMaxContentBytes, ' ')}}),
            "the files of a bundle have 67108864 bytes at most");
  std::vector<BundledFile> many(kMaxFiles + 1, {"a.cedar", "x"});
  EXPECT_EQ(Content::of(std::move(many)).error().code, ErrorCode::kResourceExhausted);
  EXPECT_EQ(Content::parse(std::string(kMaxContentBytes + 1, ' ')).error().code,
            ErrorCode::kResourceExhausted);
  std::string text = "wardlock-policies 1\n";
  for (std::size_t i = 0; i <= kMaxFiles; ++i)
    text += std::to_string(100'000 + i) + ".cedar 1\nx\n";
  EXPECT_EQ(Content::parse(text).error().message, "a bundle has 10000 files at most");
}

TEST(Content, RefusesEveryOtherForm) {
  EXPECT_NE(fault_with("wardlock-policies 1\n", "wardlock-policies 2\n"), "");
  EXPECT_NE(fault_with("wardlock-policies 1\n", ""), "");
  EXPECT_NE(fault_with("ward.cedar 49", "ward.cedar 049").find("no number"), std::string::npos);
  EXPECT_NE(fault_with("ward.cedar 49", "ward.cedar +49").find("no number"), std::string::npos);
  EXPECT_NE(fault_with("ward.cedar 49", "ward.cedar  49").find("no number"), std::string::npos);
  EXPECT_NE(fault_with("ward.cedar 49", "ward.cedar 49 ").find("no number"), std::string::npos);
  EXPECT_NE(fault_with("ward.cedar 49", "ward.cedar 0x31").find("no number"), std::string::npos);
  EXPECT_NE(fault_with("ward.cedar 49", "ward.cedar -1").find("no number"), std::string::npos);
  EXPECT_NE(fault_with("ward.cedar 49", "ward.cedar ").find("no number"), std::string::npos);
  EXPECT_NE(fault_with("ward.cedar 49", "ward.cedar 99999999999999999999").find("no number"),
            std::string::npos);
  EXPECT_NE(fault_with("ward.cedar 49", "ward.cedar").find("name and size"), std::string::npos);
  EXPECT_NE(fault_with("ward.cedar 49", "ward.cedar 47").find("does not end"), std::string::npos);
  EXPECT_NE(fault_with("ward.cedar 49", "ward.cedar 18446744073709551615").find("does not end"),
            std::string::npos);
  EXPECT_NE(fault_with("ward.cedar 49", "xard.cedar 49").find("is not behind"), std::string::npos);
  EXPECT_NE(fault_with("ward.cedarschema 85", "ward.cedar 85").find("is not behind"),
            std::string::npos);
  EXPECT_NE(fault_with("Ward };\n\n", "Ward };\n"), "");
  EXPECT_NE(fault_with("Ward };\n\n", "Ward };\n\n\n"), "");
  EXPECT_NE(fault_with("Ward };\n\n", "Ward };\n\nx"), "");
  EXPECT_FALSE(Content::parse(""));
}

TEST(Content, NoPieceOfItIsOne) {
  const std::string bytes = Content::of(small_files())->bytes();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(Content::parse(std::string_view(bytes).substr(0, size))) << size;
  }
}

TEST(Content, ReadsMetadata) {
  std::vector<BundledFile> files = small_files();
  files.push_back(
      {"bundle.json", R"({"name":"Wards","version":"1.4","labels":{"commit":"3c87baa"}})"});
  const auto content = Content::of(std::move(files));
  ASSERT_TRUE(content) << content.error().message;
  EXPECT_EQ(content->metadata(),
            (Metadata{.name = "Wards", .version = "1.4", .labels = {{"commit", "3c87baa"}}}));
}

TEST(Content, RefusesMetadataThatIsNotUnderstood) {
  std::string many = R"({"labels":{)";
  for (int i = 0; i < 33; ++i) many += (i > 0 ? ",\"" : "\"") + std::to_string(i) + "\":\"x\"";
  for (const std::string& text :
       {std::string("[]"), std::string("{"), std::string(R"({"nmae":"x"})"),
        std::string(R"({"name":1})"), std::string(R"({"name":"a","name":"b"})"),
        std::string(R"({"labels":[]})"), std::string(R"({"labels":{"a":1}})"),
        std::string(R"({"labels":{"":"x"}})"), std::string(R"({"name":"\u202e"})"),
        R"({"description":")" + std::string(4'097, 'x') + R"("})", many + "}}"}) {
    const std::string fault = fault_of({{"bundle.json", text}});
    EXPECT_EQ(fault.find("bundle.json: "), 0U) << text << fault;
  }
}

}  // namespace
}  // namespace wardlock::bundle
