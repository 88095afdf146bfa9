#include <fmt/format.h>
#include <gtest/gtest.h>

#include "api/scim/scim_for_test.h"
#include "net/query_string.h"

namespace wardlock::scim {
namespace {

using Names = std::vector<std::string>;

class ListsTest : public ScimTest {
 protected:
  void SetUp() override {
    ann_ = user("ann", R"(,"title":"Nurse","nickName":"A","emails":
        [{"value":"ann@work.example","type":"work"},{"value":"ann@home.example","type":"home"}])");
    now_ += 1000;
    bob_ = user("bob", R"(,"title":"Physician","active":false)");
    now_ += 1000;
    eve_ = user("eve", R"(,"emails":[{"value":"eve@work.example","type":"work"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
        {"employeeNumber":"7","manager":{"value":")" +
                           ann_ + "\"}}");
  }

  Names people(const std::string& filter) {
    return found("/Users?filter=" + net::percent_encoded(filter));
  }
  ReplyForTest refused(const std::string& filter) {
    auto reply = get("/Users?filter=" + net::percent_encoded(filter));
    EXPECT_EQ(reply.status, 400) << filter;
    EXPECT_EQ(reply.scim_type(), "invalidFilter") << filter << reply.body;
    return reply;
  }

  std::string ann_, bob_, eve_;
};
WARDLOCK_ON_EACH_DATABASE(ListsTest);

TEST_P(ListsTest, FiltersFind) {
  EXPECT_EQ(people(R"(userName eq "ANN")"), Names{"ann"});
  EXPECT_EQ(people(R"(urn:ietf:params:scim:schemas:core:2.0:User:userName eq "ann")"),
            Names{"ann"});
  EXPECT_EQ(people(R"(username sw "b" or userName ew "e")"), (Names{"bob", "eve"}));
  EXPECT_EQ(people(R"(title pr and not (title eq "Nurse"))"), Names{"bob"});
  EXPECT_EQ(people(R"(title ne "Nurse")"), (Names{"bob", "eve"}));
  EXPECT_EQ(people("title eq null"), Names{"eve"});
  EXPECT_EQ(people("title ne null"), (Names{"ann", "bob"}));
  EXPECT_EQ(people(R"(emails co "work.example")"), (Names{"ann", "eve"}));
  EXPECT_EQ(people(R"(emails.value eq "eve@work.example")"), Names{"eve"});
  EXPECT_EQ(people(R"(emails[type eq "home" and value sw "ann"])"), Names{"ann"});
  EXPECT_TRUE(people(R"(emails[type eq "home" and value sw "eve"])").empty());
  EXPECT_EQ(people(R"(emails[not (type eq "work")])"), Names{"ann"});
  EXPECT_EQ(people("active eq true"), (Names{"ann", "eve"}));
  EXPECT_EQ(people("active eq false"), Names{"bob"});
  EXPECT_EQ(people("active ne true"), Names{"bob"});
  EXPECT_EQ(people(fmt::format(R"(id eq "{}")", bob_)), Names{"bob"});
  EXPECT_EQ(people(fmt::format(R"({}:state eq "invited")", kOwnUserSchema)), Names{"bob"});
  EXPECT_EQ(people(R"(urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber)"
                   R"( eq "7")"),
            Names{"eve"});
  const std::string manager = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";
  EXPECT_EQ(people(fmt::format(R"({} eq "{}")", manager, ann_)), Names{"eve"});
  EXPECT_EQ(people(fmt::format(R"({}.value eq "{}")", manager, ann_)), Names{"eve"});
  EXPECT_EQ(people(R"(meta.created gt ")" + get("/Users/" + ann_).text("/meta/created") + '"'),
            (Names{"bob", "eve"}));
  EXPECT_EQ(people(R"(meta.resourceType eq "User" and userName eq "bob")"), Names{"bob"});
  EXPECT_TRUE(people(R"(meta.resourceType eq "Group")").empty());
  EXPECT_TRUE(people(R"(userName eq "x' OR '1'='1")").empty());
  EXPECT_TRUE(people(R"(userName co "%")").empty());
}

TEST_P(ListsTest, FiltersByGroup) {
  const std::string staff = group_over_scim("staff", R"(,"members":[{"value":")" + ann_ + "\"}]");
  const std::string outer = group_over_scim("outer", R"(,"members":[{"value":")" + staff + "\"}]");
  EXPECT_EQ(people(fmt::format(R"(groups.value eq "{}")", staff)), Names{"ann"});
  EXPECT_EQ(people(fmt::format(R"(groups[value eq "{}"])", staff)), Names{"ann"});
  EXPECT_EQ(people(fmt::format(R"(groups ne "{}")", staff)), (Names{"bob", "eve"}));
  const auto groups = [&](const std::string& filter) {
    return found("/Groups?filter=" + net::percent_encoded(filter), "/displayName");
  };
  EXPECT_EQ(groups(fmt::format(R"(members eq "{}" and id eq "{}")", ann_, staff)), Names{"staff"});
  EXPECT_EQ(groups(fmt::format(R"(members.value eq "{}")", staff)), Names{"outer"});
  EXPECT_TRUE(groups(R"(members eq "nobody")").empty());
  EXPECT_EQ(get("/Groups?filter=members%20pr").scim_type(), "invalidFilter");
}

TEST_P(ListsTest, WhatCannotBeSearchedIsSaid) {
  EXPECT_NE(refused(R"(nickName eq "A")").detail().find("nickName"), std::string::npos);
  EXPECT_NE(refused(R"(employeeNumber eq "7")").detail().find("did you mean"), std::string::npos);
  refused(R"(password eq "x")");
  refused(R"(emails[display eq "x"])");
  refused(R"(emails.display eq "x")");
  refused(R"(emails[type eq "work")");
  refused("userName");
  refused("userName eq");
  refused("userName gt 5");
  refused("userName eq 5");
  refused("active eq \"true\"");
  refused("active gt true");
  refused("meta.created gt \"yesterday\"");
  refused("meta.version eq \"1\"");
  refused("groups.display eq \"x\"");
  refused("title gt null");
  refused(std::string(100, '(') + "title pr" + std::string(100, ')'));
  std::string many = "title pr";
  for (int i = 0; i < 150; ++i) many += " or title pr";
  refused(many);
}

TEST_P(ListsTest, ListsAreSorted) {
  EXPECT_EQ(found("/Users?sortBy=userName&sortOrder=descending"), (Names{"eve", "bob", "ann"}));
  EXPECT_EQ(found("/Users?sortBy=title"), (Names{"ann", "bob", "eve"}));
  EXPECT_EQ(found("/Users?sortBy=title&sortOrder=descending"), (Names{"eve", "bob", "ann"}));
  EXPECT_EQ(found("/Users?sortBy=meta.lastModified&sortOrder=Descending"),
            (Names{"eve", "bob", "ann"}));
  EXPECT_EQ(get("/Users?sortBy=nickName").scim_type(), "invalidValue");
  EXPECT_EQ(get("/Users?sortBy=a%20b").scim_type(), "invalidValue");
  EXPECT_EQ(get("/Users?sortBy=title&sortOrder=up").scim_type(), "invalidValue");
  EXPECT_EQ(get("/?sortBy=userName").scim_type(), "invalidValue");
}

TEST_P(ListsTest, PagesByNumber) {
  const auto page = get("/Users?startIndex=2&count=1");
  EXPECT_EQ(page.at("/totalResults"), 3);
  EXPECT_EQ(page.at("/startIndex"), 2);
  EXPECT_EQ(page.at("/itemsPerPage"), 1);
  EXPECT_EQ(page.at("/Resources/0/userName"), "bob");
  EXPECT_TRUE(page.at("/nextCursor").is_null());
  EXPECT_EQ(get("/Users?startIndex=9").at("/totalResults"), 3);
  EXPECT_EQ(get("/Users?count=0").at("/totalResults"), 3);
  EXPECT_EQ(get("/Users?count=0").at("/Resources").as_array().size(), 0U);
  EXPECT_EQ(get("/Users?count=-5").at("/itemsPerPage"), 0);
  EXPECT_EQ(get("/Users?startIndex=-5").at("/startIndex"), 1);
  EXPECT_EQ(get("/Users?count=999999").at("/itemsPerPage"), 3);
  for (const char* bad : {"count=x", "startIndex=1x", "count=", "count=1&count=2",
                          "startIndex=99999999999999999999"}) {
    EXPECT_EQ(get(std::string("/Users?") + bad).status, 400) << bad;
  }
}

TEST_P(ListsTest, PagesByCursor) {
  Names all;
  std::string cursor;
  do {
    const auto page = get("/Users?sortBy=userName&count=1&cursor=" + net::percent_encoded(cursor));
    ASSERT_EQ(page.status, 200) << page.body;
    EXPECT_EQ(page.at("/totalResults"), 3);
    EXPECT_TRUE(page.at("/startIndex").is_null());
    all.emplace_back(page.text("/Resources/0/userName"));
    cursor = page.text("/nextCursor");
  } while (!cursor.empty() && all.size() < 10);
  EXPECT_EQ(all, (Names{"ann", "bob", "eve"}));
  EXPECT_EQ(get("/Users?cursor=forged").scim_type(), "invalidCursor");
  EXPECT_EQ(get("/Users?cursor=&count=0").scim_type(), "invalidCount");
  EXPECT_EQ(get("/Users?cursor=&count=1001").scim_type(), "invalidCount");
  EXPECT_EQ(get("/Users?cursor=&startIndex=1").scim_type(), "invalidValue");
}

TEST_P(ListsTest, TheWholeIsSearched) {
  group_over_scim("staff");
  const auto body = [](const std::string& more) {
    return R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"])" + more + "}";
  };
  const auto everything = post("/.search", body(R"(,"attributes":["id","userName"],"count":10)"));
  EXPECT_EQ(everything.status, 200) << everything.body;
  EXPECT_EQ(everything.at("/totalResults"), 4);
  EXPECT_TRUE(everything.at("/Resources/0/title").is_null());
  EXPECT_EQ(post("/.search", body(R"(,"filter":"displayName sw \"st\" or userName eq \"bob\"")"))
                .at("/totalResults"),
            2);
  EXPECT_EQ(post("/.search", body(R"(,"filter":"meta.resourceType eq \"Group\"")"))
                .at("/Resources/0/displayName"),
            "staff");
  const auto third = post("/.search", body(R"(,"startIndex":3,"count":2)"));
  EXPECT_EQ(third.at("/Resources/0/userName"), "eve");
  EXPECT_EQ(third.at("/Resources/1/displayName"), "staff");
  Names ids;
  std::string cursor;
  do {
    const auto page = get("/?count=3&cursor=" + cursor);
    ASSERT_EQ(page.status, 200) << page.body;
    for (const auto& each : page.body.at("Resources").as_array()) {
      ids.emplace_back(each.at("id").as_string());
    }
    cursor = page.text("/nextCursor");
  } while (!cursor.empty() && ids.size() < 10);
  EXPECT_EQ(ids.size(), 4U);
  for (const char* forged : {"x", "1", "99-", "0-x", "-1-"}) {
    EXPECT_EQ(get(std::string("/?cursor=") + forged).scim_type(), "invalidCursor") << forged;
  }
  EXPECT_EQ(post("/Users/.search", body(R"(,"filter":"userName eq \"eve\"","excludedAttributes":
      ["emails"])"))
                .at("/Resources/0/userName"),
            "eve");
  EXPECT_EQ(post("/Users/.search", "{}").scim_type(), "invalidSyntax");
  EXPECT_EQ(post("/Users/.search", body(R"(,"count":{})")).scim_type(), "invalidValue");
  EXPECT_EQ(post("/Users/.search", body(R"(,"attributes":["a,b"])")).scim_type(), "invalidValue");
  EXPECT_EQ(get("/Users/.search").status, 405);
}

TEST_P(ListsTest, TheServerSaysWhatItIs) {
  const auto config = get("/ServiceProviderConfig");
  EXPECT_EQ(config.at("/bulk/maxOperations"), 1000);
  EXPECT_EQ(config.at("/pagination/cursor"), true);
  EXPECT_EQ(config.at("/etag/supported"), true);
  EXPECT_EQ(config.at("/changePassword/supported"), false);
  const auto types = get("/ResourceTypes");
  EXPECT_EQ(types.at("/totalResults"), 12);
  EXPECT_EQ(get("/ResourceTypes/User").at("/meta/location"),
            "https://pdp.example/st-mary/scim/v2/ResourceTypes/User");
  const auto schema = get("/Schemas/" + std::string(kUserSchema));
  EXPECT_EQ(schema.at("/name"), "User");
  EXPECT_EQ(get("/Schemas/urn:none").status, 404);
  EXPECT_EQ(get("/ResourceTypes/None").status, 404);
  EXPECT_EQ(get("/Schemas?filter=id%20pr").status, 403);
  EXPECT_EQ(send("DELETE", "/Schemas").status, 405);
  const auto schemas = get("/Schemas");
  for (const auto& each : schemas.body.at("Resources").as_array()) {
    EXPECT_EQ(get("/Schemas/" + std::string(each.at("id").as_string())).body, each);
  }
}

}  // namespace
}  // namespace wardlock::scim
