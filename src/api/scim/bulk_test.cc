#include <fmt/format.h>
#include <gtest/gtest.h>

#include "api/scim/scim_for_test.h"

namespace wardlock::scim {
namespace {

using administration::Deed;
using Texts = std::vector<std::string>;

class BulkTest : public ScimTest {
 protected:
  static std::string new_user(const std::string& name, const std::string& more = {}) {
    return fmt::format(R"({{"method":"POST","path":"/Users","bulkId":"{0}","data":)"
                       R"({{"schemas":["{1}"],"userName":"{0}"{2}}}}})",
                       name, kUserSchema, more);
  }
  static std::string new_group(const std::string& name, const std::string& members) {
    return fmt::format(R"({{"method":"POST","path":"/Groups","bulkId":"{0}","data":)"
                       R"({{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],)"
                       R"("displayName":"{0}","members":[{1}]}}}})",
                       name, members);
  }
  static std::string member(const std::string& bulk_id) {
    return fmt::format(R"({{"value":"bulkId:{}"}})", bulk_id);
  }
  static std::string manager(const std::string& bulk_id) {
    return R"(,"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":)" +
           member(bulk_id) + "}";
  }
  Texts statuses(const ReplyForTest& reply) {
    Texts out;
    const codec::Json operations = reply.at("/Operations");
    if (!operations.is_array()) return out;
    for (const auto& each : operations.as_array()) out.emplace_back(each.at("status").as_string());
    return out;
  }
};
WARDLOCK_ON_EACH_DATABASE(BulkTest);

TEST_P(BulkTest, EachIsDoneOrRefused) {
  const std::string bob = user("bob");
  const auto reply =
      bulk("[" + new_user("ann") + "," + new_user("bob") + "," + new_user("eve") +
           R"(,{"method":"PATCH","path":"/Users/)" + bob + R"(","data":
          {"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
           "Operations":[{"op":"add","path":"title","value":"Nurse"}]}})" +
           R"(,{"method":"PUT","path":"/Users/)" + bob + R"(","version":"W/\"9\"","data":
          {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"rob"}})" +
           R"(,{"method":"delete","path":"/Users/)" + bob + "\"}]");
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.text("/schemas/0"), "urn:ietf:params:scim:api:messages:2.0:BulkResponse");
  EXPECT_EQ(statuses(reply), (Texts{"201", "409", "201", "200", "412", "204"}));
  EXPECT_EQ(reply.text("/Operations/0/bulkId"), "ann");
  EXPECT_EQ(reply.text("/Operations/0/version"), "W/\"1\"");
  const std::string location = reply.text("/Operations/0/location");
  EXPECT_EQ(get(location.substr(location.find("/Users"))).text("/userName"), "ann");
  EXPECT_EQ(reply.text("/Operations/1/response/scimType"), "uniqueness");
  EXPECT_TRUE(reply.at("/Operations/1/location").is_null());
  EXPECT_EQ(reply.text("/Operations/3/location"),
            "https://pdp.example/st-mary/scim/v2/Users/" + bob);
  EXPECT_EQ(found("/Users"), (Texts{"ann", "eve"}));
  EXPECT_EQ(reply.headers.at("Wardlock-Revision"), fmt::format("{}", *registry_->revision()));
}

TEST_P(BulkTest, OperationsReferToEachOtherInAnyOrder) {
  const auto reply = bulk("[" + new_group("staff", member("ann") + "," + member("inner")) + "," +
                          new_group("inner", member("eve")) + "," + new_user("ann") + "," +
                          new_user("eve", manager("ann")) +
                          R"(,{"method":"PATCH","path":"/Groups/bulkId:inner","data":
                              {"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                               "Operations":[{"op":"add","path":"members","value":[)" +
                          member("ann") + "]}]}}]");
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(statuses(reply), (Texts{"201", "201", "201", "201", "200"})) << reply.body;
  const auto groups = get("/Groups?sortBy=displayName");
  EXPECT_EQ(groups.at("/Resources/0/members").as_array().size(), 2U);
  EXPECT_EQ(groups.at("/Resources/1/members").as_array().size(), 2U);
  EXPECT_EQ(get("/Users?filter=userName%20eq%20%22eve%22")
                .text("/Resources/0/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/"
                      "manager/displayName"),
            "ann");
}

TEST_P(BulkTest, CirclesOfReferencesAreDoneTogether) {
  const auto reply =
      bulk("[" + new_user("ann", manager("bob")) + "," + new_user("bob", manager("ann")) + "," +
           new_user("self", manager("self")) + "]");
  EXPECT_EQ(statuses(reply), (Texts{"201", "201", "201"})) << reply.body;
  const std::string pointer =
      "/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/manager/displayName";
  EXPECT_EQ(found("/Users", pointer), (Texts{"bob", "ann", "self"}));

  const auto groups = bulk("[" + new_group("a", member("b")) + "," + new_group("b", member("a")) +
                           "," + new_group("c", "") + "]");
  Texts all = statuses(groups);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[2], "201");
  EXPECT_TRUE(all[0] != "201" && all[1] != "201") << groups.body;
  EXPECT_EQ(found("/Groups", "/displayName"), Texts{"c"}) << "a group is in no circle";
  EXPECT_EQ(statuses(bulk("[" + new_group("a", "") + "]")), Texts{"201"})
      << "nothing of it was kept";
}

TEST_P(BulkTest, WhoRefersToWhatWasRefusedIsRefused) {
  user("bob");
  const auto reply =
      bulk("[" + new_group("staff", member("bob") + "," + member("ann")) + "," + new_user("ann") +
           "," + new_user("bob") + "," + new_group("lost", member("nobody")) + "]");
  EXPECT_EQ(statuses(reply), (Texts{"409", "201", "409", "409"})) << reply.body;
  EXPECT_NE(reply.text("/Operations/0/response/detail").find("`bob`"), std::string::npos);
  EXPECT_NE(reply.text("/Operations/3/response/detail").find("`nobody`"), std::string::npos);
  EXPECT_TRUE(found("/Groups", "/displayName").empty());
}

TEST_P(BulkTest, ItStopsAfterSoManyErrors) {
  const std::string bad = R"({"method":"POST","path":"/Users","bulkId":"x","data":{}})";
  const auto reply =
      bulk("[" + new_user("ann") + "," + bad + "," + new_user("bob") + "]", R"(,"failOnErrors":1)");
  EXPECT_EQ(statuses(reply), (Texts{"201", "400"})) << reply.body;
  EXPECT_EQ(found("/Users"), Texts{"ann"});
}

TEST_P(BulkTest, WhatIsNoOperationIsRefused) {
  const auto reply = bulk(R"([5, {"method":"GET","path":"/Users"},
      {"method":"POST","path":"/Users","data":{}},
      {"method":"POST","path":"/Users/x","bulkId":"a","data":{}},
      {"method":"POST","path":"/Nothings","bulkId":"b","data":{}},
      {"method":"PUT","path":"/Users","data":{}},
      {"method":"PATCH","path":"/Users/x"},
      {"method":"DELETE","path":"/Users/bulkId:none"},
      {"method":"DELETE","path":"/Users/x"},
      {"method":"POST","path":"/Users","bulkId":"c","data":{}},
      {"method":"POST","path":"/Users","bulkId":"c","data":{}}])");
  EXPECT_EQ(statuses(reply),
            (Texts{"400", "400", "400", "400", "404", "400", "400", "409", "404", "400", "400"}))
      << reply.body;
  EXPECT_EQ(post("/Bulk", "{}").scim_type(), "invalidSyntax");
  EXPECT_EQ(bulk("[]").scim_type(), "invalidSyntax");
  EXPECT_EQ(bulk("5").scim_type(), "invalidSyntax");
  EXPECT_EQ(bulk("[5]", R"(,"failOnErrors":0)").scim_type(), "invalidSyntax");
  std::string many = "[5";
  for (int i = 0; i < 1000; ++i) many += ",5";
  EXPECT_EQ(bulk(many + "]").status, 413);
  EXPECT_EQ(get("/Bulk").status, 405);
}

TEST_P(BulkTest, TheGateIsAskedForEach) {
  gate_.refused = {Deed::kRelate};
  const auto reply = bulk("[" + new_user("ann") + "," + new_group("staff", member("ann")) + "]");
  EXPECT_EQ(statuses(reply), (Texts{"201", "403"}));
  gate_.refused = {Deed::kCreate};
  EXPECT_EQ(statuses(bulk("[" + new_user("bob") + "]")), Texts{"403"});
}

TEST_P(BulkTest, ManyGoodAndBadOnes) {
  std::string operations;
  Texts expected;
  for (int i = 0; i < 600; ++i) {
    if (i != 0) operations += ',';
    operations += i % 3 == 2 ? R"({"method":"DELETE","path":"/Users/x"})"
                             : new_user(fmt::format("user{}", i));
    expected.emplace_back(i % 3 == 2 ? "404" : "201");
  }
  EXPECT_EQ(statuses(bulk("[" + operations + "]")), expected);
  EXPECT_EQ(get("/Users?count=0").at("/totalResults"), 400);
}

}  // namespace
}  // namespace wardlock::scim
