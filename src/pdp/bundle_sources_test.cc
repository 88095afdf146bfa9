#include "pdp/bundle_sources.h"

#include <gtest/gtest.h>

#include <string>

namespace wardlock::pdp {
namespace {

const std::string kSchema =
    "entity Role; entity User in [Role]; entity Ward;\n"
    "action view appliesTo { principal: User, resource: Ward };\n";
const std::string kTemplate =
    "@id(\"role-views\")\npermit (principal in ?principal, action, resource);\n";
const std::string kLinks =
    R"([{"templateId": "role-views", "newId": "nurses-view",)"
    R"( "values": {"?principal": {"__entity": {"type": "Role", "id": "Nurse"}}}}])";

bundle::Content content_of(std::vector<bundle::BundledFile> files) {
  auto content = bundle::Content::of(std::move(files));
  EXPECT_TRUE(content) << content.error().message;
  return *std::move(content);
}

TEST(BundleSources, ARulebookIsReadFromThem) {
  const Sources sources = sources_of(content_of({{"ward.cedarschema", kSchema},
                                                 {"ward.cedar", kTemplate},
                                                 {"links.json", kLinks},
                                                 {"entities.json", "[]"},
                                                 {"ward.test.yaml", "tests: []"},
                                                 {"bundle.json", "{}"}}));
  EXPECT_EQ(sources.policies.size(), 1U);
  EXPECT_EQ(sources.schemas.size(), 1U);
  EXPECT_FALSE(sources.entities) << "what tests are asked about is nobody's truth";
  const auto rulebook = read_rulebook(sources, kBundleRules);
  ASSERT_TRUE(rulebook) << rulebook.error().message;
  EXPECT_NE((*rulebook)->policies.find_policy("nurses-view"), nullptr);
}

TEST(BundleSources, AreTakenStrictly) {
  const auto fault = [](const std::string& policy) {
    const auto rulebook = read_rulebook(
        sources_of(content_of({{"ward.cedarschema", kSchema}, {"ward.cedar", policy}})),
        kBundleRules);
    return rulebook ? "" : rulebook.error().message;
  };
  EXPECT_EQ(fault("permit (principal, action, resource);"), "");
  EXPECT_NE(fault("permit (principal, action, resource"), "");
  EXPECT_NE(fault("@colour(\"red\") permit (principal, action, resource);"), "");
  EXPECT_NE(fault("@override(\"break-glass\") permit (principal, action, resource);"), "");
  EXPECT_NE(fault("permit (principal, action, resource) when { resource.ward };"), "");
}

}  // namespace
}  // namespace wardlock::pdp
