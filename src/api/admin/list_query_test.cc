#include "api/admin/list_query.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "api/admin/admin_for_test.h"

namespace wardlock::admin {
namespace {

using directory::Thing;

class ListQueryTest : public AdminForTest {
 protected:
  /// What the people that are found are called.
  std::string found(const std::string& query) {
    const Answer answer = get("people?" + query);
    if (answer.status != 200) return answer.at("detail");
    std::string out;
    for (std::size_t i = 0; i < answer.count(); ++i) {
      out += answer.at(fmt::format("items.{}.attributes.userName", i)) + " ";
    }
    return out;
  }
};
WARDLOCK_ON_EACH_DATABASE(ListQueryTest);

TEST_P(ListQueryTest, ConditionsNarrowAList) {
  person("ada", R"(,"title":"Physician","emails":[{"value":"ada@st-mary.org"}])");
  person("bob", R"(,"title":"Nurse","contractUntil":"2027-06-01T00:00:00Z")");
  person("cleo", R"(,"title":"Nurse, intensive care")");
  create(directory::Kind::kPerson, R"({"userName":"dan"})");
  EXPECT_EQ(found(""), "ada bob cleo dan ");
  EXPECT_EQ(found("userName=Ada"), "ada ");
  EXPECT_EQ(found("title.startsWith=nurse"), "bob cleo ");
  EXPECT_EQ(found("title.contains=intensive+care"), "cleo ");
  EXPECT_EQ(found("title.endsWith=sician"), "ada ");
  EXPECT_EQ(found("title.not=Nurse"), "ada cleo dan ");
  EXPECT_EQ(found("title.present=false"), "dan ");
  EXPECT_EQ(found("title.present=true&state=active"), "ada bob cleo ");
  EXPECT_EQ(found("state=invited"), "dan ");
  EXPECT_EQ(found("userName=ada&userName=bob"), "ada bob ") << "several of one name: any";
  EXPECT_EQ(found("userName=ada&title=Nurse"), "") << "several names: all";
  EXPECT_EQ(found("emails.value=ada%40st-mary.org"), "ada ");
  EXPECT_EQ(found("contractUntil.below=2027-06-01T00:00:01Z"), "bob ");
  EXPECT_EQ(found("contractUntil.below=2027-06-01T00:00:00Z"), "");
  EXPECT_EQ(found("contractUntil.upTo=2027-06-01T00:00:00Z"), "bob ");
  EXPECT_EQ(found("version.above=1"), "");
  EXPECT_EQ(found("version.from=1"), "ada bob cleo dan ");
  EXPECT_EQ(found("sort=-userName&count=2"), "dan cleo ");
  EXPECT_EQ(found("named=ADA"), "ada ");
  EXPECT_EQ(found("named=ada@st-mary.org"), "ada ") << "whatever people call it";
  EXPECT_EQ(found("like=b"), "bob ");
}

TEST_P(ListQueryTest, RelationsAreConditions) {
  const Thing kim = person("kim");
  person("grey");
  const Thing nurses = group("Nurses");
  relate({.relation = directory::Relation::kMembership, .subject = kim.id, .object = nurses.id});
  EXPECT_EQ(found("membership=" + nurses.id), "kim ");
  EXPECT_EQ(get("groups?membership.of=" + kim.id).at("items.0.id"), nurses.id);
  EXPECT_EQ(get("groups?membership=" + nurses.id).count(), 0U);
  EXPECT_EQ(found("membership=" + kim.id), "");
  EXPECT_EQ(get("people?runs=" + kim.id).status, 400) << "people run nothing";
}

/// Else who sees people alone could ask for each of them who administers.
TEST_P(ListQueryTest, WhoAsksByARelationMayReadItsOtherEnd) {
  const Thing kim = person("kim");
  const Thing nurse = role("Nurse");
  relate({.relation = directory::Relation::kRoleAssignment, .subject = kim.id, .object = nurse.id});
  EXPECT_EQ(found("roleAssignment=" + nurse.id), "kim ");
  gate_.denies = {"read role", "read all role"};
  for (const std::string& other :
       {nurse.id, std::string("0197f2a0-0000-7000-8000-000000000000"), std::string("Nurse")}) {
    EXPECT_EQ(get("people?roleAssignment=" + other).status, 403) << other;
    EXPECT_EQ(get("people?userName=kim&total=true&count=0&roleAssignment=" + other).status, 403);
  }
  gate_.denies = {"read person", "read all person"};
  EXPECT_EQ(get("roles?roleAssignment.of=" + kim.id).status, 403);
  EXPECT_EQ(get("roles?roleAssignment.of=" + nurse.id).status, 200) << "it is a role";
}

TEST_P(ListQueryTest, PagesLeadOn) {
  for (const std::string name : {"a", "b", "c", "d", "e"}) person(name);
  std::string cursor, all;
  int pages = 0;
  do {
    const Answer page = get("people?count=2&total=true&sort=userName" +
                            (cursor.empty() ? "" : "&cursor=" + cursor));
    ASSERT_EQ(page.status, 200);
    EXPECT_EQ(page.at("total"), "5");
    for (std::size_t i = 0; i < page.count(); ++i) {
      all += page.at(fmt::format("items.{}.attributes.userName", i));
    }
    cursor = page.at("next");
    ++pages;
  } while (!cursor.empty());
  EXPECT_EQ(all, "abcde");
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(get("people").header("Wardlock-Revision"), "5");
}

TEST_P(ListQueryTest, WhatCannotBeAskedIsRefused) {
  person("kim");
  for (const auto& [query, says] : std::vector<std::pair<std::string, std::string>>{
           {"userNme=kim", "did you mean `userName`"},
           {"nickName=kim", "cannot be asked for"},
           {"title.like=x", "cannot be asked for"},
           {"title.present=x", "`true` or `false`"},
           {"version=x", "integer"},
           {"contractUntil=x", "time"},
           {"contractUntil.startsWith=2027", "no text"},
           {"sort=nickName", "cannot be asked for"},
           {"cursor=x", "cursor"},
           {"count=1001", "0 to 1000"},
           {"count=-1", "0 to 1000"},
           {"count=1&count=2", "twice"},
           {"total=maybe", "`true` or `false`"},
           {"title", "no `=`"},
           {"title=%zz", "hex"},
           {"title=%00", "control"},
           {"dryRun=true", "cannot be asked for"},
       }) {
    EXPECT_TRUE(found(query).contains(says)) << query << ": " << found(query);
    EXPECT_EQ(get("people?" + query).status, 400) << query;
  }
  std::string many = "userName=a";
  for (int i = 0; i < 63; ++i) many += "&userName=a";
  EXPECT_EQ(get("people?" + many).status, 200);
  EXPECT_EQ(get("people?" + many + "&userName=a").status, 400);
  EXPECT_EQ(found("userName=%27%20OR%201%3D1%20--"), "") << "values are never part of a statement";
}

TEST(NamingPaths, AreWhatPeopleCallThingsBy) {
  using Paths = std::vector<std::string>;
  EXPECT_EQ(naming_paths(schema_of(directory::Kind::kModuleVersion)),
            (Paths{"version", "entityId"}));
  EXPECT_EQ(naming_paths(schema_of(directory::Kind::kRole)), Paths{"displayName"});
  const Paths device = naming_paths(schema_of(directory::Kind::kDevice));
  EXPECT_NE(std::ranges::find(device, "serialNumber"), device.end());
  EXPECT_NE(std::ranges::find(device, "assetTag"), device.end());
}

}  // namespace
}  // namespace wardlock::admin
