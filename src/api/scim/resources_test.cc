#include <fmt/format.h>
#include <gtest/gtest.h>

#include "api/scim/scim_for_test.h"

namespace wardlock::scim {
namespace {

using administration::Deed;
using directory::Kind;

class ResourcesTest : public ScimTest {
 protected:
  std::string state_of(const std::string& id) { return find(id).state; }
};
WARDLOCK_ON_EACH_DATABASE(ResourcesTest);

TEST_P(ResourcesTest, AUserIsEnteredAndRead) {
  const auto made = post("/Users", R"({
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User",
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
    "userName": "Ann", "externalId": "e-1", "id": "mine", "meta": {"version": "x"},
    "name": {"GIVENNAME": "Ann", "familyName": "Ash"},
    "emails": [{"value": "ann@example.org", "type": "work", "primary": "True"}],
    "groups": [{"value": "nowhere"}],
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"employeeNumber": "7"}})");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.type, "application/scim+json");
  EXPECT_EQ(made.text("/userName"), "ann");
  EXPECT_EQ(made.at("/active"), true);
  EXPECT_EQ(made.at("/emails/0/primary"), true);
  EXPECT_EQ(made.text("/name/givenName"), "Ann");
  const std::string location = "https://pdp.example/st-mary/scim/v2/Users/" + made.id();
  EXPECT_EQ(made.text("/meta/location"), location);
  EXPECT_EQ(made.headers.at("Location"), location);
  EXPECT_EQ(made.headers.at("ETag"), "W/\"1\"");
  EXPECT_EQ(made.headers.at("Wardlock-Revision"), "1");
  EXPECT_EQ(made.text("/meta/version"), "W/\"1\"");
  EXPECT_EQ(made.text("/meta/resourceType"), "User");
  EXPECT_EQ(made.text("/meta/created"), made.text("/meta/lastModified"));
  const auto read = get("/Users/" + made.id());
  EXPECT_EQ(read.status, 200);
  EXPECT_EQ(read.body, made.body);
  EXPECT_EQ(state_of(made.id()), "active");
}

TEST_P(ResourcesTest, WhatIsNoUserIsRefused) {
  const auto refused = [&](std::string_view members, std::string_view type,
                           std::string_view detail) {
    const auto reply = post("/Users", R"({"schemas":[")" + std::string(kUserSchema) + "\"]" +
                                          std::string(members) + "}");
    EXPECT_EQ(reply.status, 400) << members;
    EXPECT_EQ(reply.text("/status"), "400");
    EXPECT_EQ(reply.scim_type(), type) << members << reply.body;
    EXPECT_NE(reply.detail().find(detail), std::string::npos) << reply.detail();
  };
  refused("", "invalidValue", "userName");
  refused(R"(,"userName":5)", "invalidValue", "userName");
  refused(R"(,"userName":"a b")", "invalidValue", "userName");
  refused(R"(,"userName":"ann","password":"secret")", "invalidValue", "no passwords");
  refused(R"(,"userName":"ann","shoeSize":3)", "invalidValue", "`shoeSize`");
  refused(
      R"(,"userName":"ann","employeeNumber":"3")", "invalidValue",
      "did you mean `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber`");
  refused(R"(,"userName":"ann","active":"perhaps")", "invalidValue", "`active`");
  refused(R"(,"userName":"ann","emails":[{"value":"none"}])", "invalidValue", "emails[0].value");
  refused(R"(,"userName":"ann","urn:other:User":{"x":1})", "invalidValue", "urn:other:User");
  refused(R"(,"userName":"ann","urn:wardlock:scim:schemas:extension:1.0:User":{"state":"left"})",
          "invalidValue", "left");
  refused(
      R"(,"userName":"ann","active":true,
          "urn:wardlock:scim:schemas:extension:1.0:User":{"state":"invited"})",
      "invalidValue", "contradict");
  EXPECT_EQ(post("/Users", R"({"userName":"ann"})").scim_type(), "invalidSyntax");
  EXPECT_EQ(post("/Users", R"({"schemas":["urn:x"],"userName":"ann"})").scim_type(),
            "invalidSyntax");
  EXPECT_EQ(post("/Users", "{").scim_type(), "invalidSyntax");
  EXPECT_EQ(post("/Users", "[]").scim_type(), "invalidSyntax");
  EXPECT_EQ(post("/Users", std::string(100, '[')).scim_type(), "invalidSyntax");
  EXPECT_EQ(post("/Users", std::string(kMaxBodyBytes + 1, ' ')).status, 413);
  EXPECT_EQ(send("POST", "/Users", "{}", {{"Content-Type", "text/plain"}}).status, 415);
  EXPECT_TRUE(found("/Users").empty());
}

TEST_P(ResourcesTest, ANameIsGivenOnce) {
  user("ann");
  const auto again = post("/Users", R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],
                                        "userName":"ANN"})");
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.scim_type(), "uniqueness");
  EXPECT_EQ(again.at("/schemas/0"), "urn:ietf:params:scim:api:messages:2.0:Error");
}

TEST_P(ResourcesTest, APutReplacesWhatMayBeReplaced) {
  const std::string id = user("ann", R"(,"nickName":"Annie","title":"Nurse")");
  const auto after = put("/Users/" + id, R"({"schemas":[")" + std::string(kUserSchema) +
                                             R"("],"userName":"ann","title":"Physician"})");
  ASSERT_EQ(after.status, 200) << after.body;
  EXPECT_EQ(after.text("/title"), "Physician");
  EXPECT_TRUE(after.at("/nickName").is_null());
  EXPECT_EQ(after.at("/active"), true) << "what is not said stays";
  EXPECT_EQ(after.headers.at("ETag"), "W/\"2\"");
  EXPECT_EQ(put("/Users/" + id, R"({"schemas":[")" + std::string(kUserSchema) + R"("]})").status,
            400);
  EXPECT_EQ(put("/Users/" + id.substr(1), "{}").status, 404);
}

TEST_P(ResourcesTest, WhatIsImmutableStays) {
  const auto made = post("/Organisations", R"({"schemas":
      ["urn:wardlock:scim:schemas:core:1.0:Organisation"], "code": "st-mary",
      "displayName": "St Mary", "organisationType": "hospital"})");
  ASSERT_EQ(made.status, 201) << made.body;
  const auto kept = put("/Organisations/" + made.id(), R"({"schemas":
      ["urn:wardlock:scim:schemas:core:1.0:Organisation"],
      "displayName": "Saint Mary", "organisationType": "hospital"})");
  EXPECT_EQ(kept.status, 200) << kept.body;
  EXPECT_EQ(kept.text("/code"), "st-mary");
  const auto other = put("/Organisations/" + made.id(), R"({"schemas":
      ["urn:wardlock:scim:schemas:core:1.0:Organisation"], "code": "other",
      "displayName": "Saint Mary", "organisationType": "hospital"})");
  EXPECT_EQ(other.status, 400);
  EXPECT_EQ(other.scim_type(), "mutability");
}

TEST_P(ResourcesTest, VersionsAreCompared) {
  const std::string id = user("ann");
  const std::string path = "/Users/" + id;
  const std::string body =
      R"({"schemas":[")" + std::string(kUserSchema) + R"("],"userName":"ann","title":"A"})";
  EXPECT_EQ(send("PUT", path, body, {{"If-Match", "W/\"7\""}}).status, 412);
  EXPECT_EQ(send("PUT", path, body, {{"If-Match", "W/\"7\", W/\"1\""}}).status, 200);
  EXPECT_EQ(send("PUT", path, body, {{"If-Match", "W/\"1\""}}).status, 412);
  EXPECT_EQ(send("DELETE", path, {}, {{"If-Match", "W/\"1\""}}).status, 412);
  const auto known = send("GET", path, {}, {{"If-None-Match", "W/\"2\""}});
  EXPECT_EQ(known.status, 304);
  EXPECT_TRUE(known.body.is_null());
  EXPECT_EQ(send("GET", path, {}, {{"If-None-Match", "W/\"1\""}}).status, 200);
  EXPECT_EQ(send("GET", path, {}, {{"If-Match", "W/\"1\""}}).status, 412);
  EXPECT_EQ(send("DELETE", path, {}, {{"If-Match", "*"}}).status, 204);
}

TEST_P(ResourcesTest, ActiveIsTheStateOfAPerson) {
  const std::string id = user("ann", R"(,"active":false)");
  EXPECT_EQ(state_of(id), "invited");
  const auto set = [&](std::string_view value) {
    return patch("/Users/" + id,
                 R"([{"op":"Replace","path":"active","value":)" + std::string(value) + "}]");
  };
  EXPECT_EQ(set("true").at("/active"), true);
  EXPECT_EQ(state_of(id), "active");
  EXPECT_EQ(set("\"False\"").at("/active"), false);
  EXPECT_EQ(state_of(id), "suspended");
  EXPECT_EQ(set("\"no\"").scim_type(), "invalidValue");
  EXPECT_EQ(patch("/Users/" + id, R"([{"op":"remove","path":"active"}])").scim_type(),
            "mutability");
  const std::string state =
      R"([{"op":"replace","path":")" + std::string(kOwnUserSchema) + R"(:state","value":"left"}])";
  EXPECT_EQ(patch("/Users/" + id, state).status, 200);
  const auto back = set("true");
  EXPECT_EQ(back.status, 400) << back.body;
  EXPECT_EQ(back.scim_type(), "mutability");
  EXPECT_NE(back.detail().find("`invited`"), std::string::npos) << back.detail();
}

TEST_P(ResourcesTest, WhatIsDeletedIsGoneAndItsNameStaysItsOwn) {
  const std::string id = user("ann");
  EXPECT_EQ(send("DELETE", "/Users/" + id).status, 204);
  for (const char* method : {"GET", "DELETE"}) {
    EXPECT_EQ(send(method, "/Users/" + id).status, 404);
  }
  EXPECT_EQ(patch("/Users/" + id, R"([{"op":"add","path":"title","value":"A"}])").status, 404);
  EXPECT_TRUE(found("/Users").empty());
  EXPECT_EQ(post("/Users", R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],
                               "userName":"ann"})")
                .status,
            409);
  const auto maker = organisation("acme");
  device_model(maker);
  const auto needed = send("DELETE", "/Organisations/" + maker.id);
  EXPECT_EQ(needed.status, 409) << needed.body;
}

TEST_P(ResourcesTest, AnothersIdsAreUnknown) {
  const std::string id = user("ann");
  const std::string theirs = group_over_scim("theirs");
  mandate_.tenant = "st-john";
  EXPECT_EQ(get("/Users/" + id).status, 404);
  EXPECT_EQ(send("DELETE", "/Users/" + id).status, 404);
  EXPECT_TRUE(found("/Users").empty());
  const auto member = post("/Groups", R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],
                                          "displayName":"g","members":[{"value":")" +
                                          id + "\"}]}");
  EXPECT_EQ(member.status, 400) << member.body;
  const auto manager = post("/Users", R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],
      "userName":"bob","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
      {"manager":{"value":")" + id + "\"}}}");
  EXPECT_EQ(manager.status, 400) << manager.body;
  EXPECT_EQ(patch("/Groups/" + theirs, R"([{"op":"add","path":"members","value":[]}])").status,
            404);
}

TEST_P(ResourcesTest, AnIdIsOfOneType) {
  const std::string id = user("ann");
  EXPECT_EQ(get("/Groups/" + id).status, 404);
  EXPECT_EQ(get("/Users/x'--").status, 404);
  EXPECT_EQ(get("/Users/%00").status, 404);
  EXPECT_EQ(get("/Nothings").status, 404);
  EXPECT_EQ(get("/Users/" + id + "/emails").status, 404);
  EXPECT_EQ(get("/Users/" + id).status, 200);
  const auto none = send("POST", "/Users/" + id, "{}");
  EXPECT_EQ(none.status, 405);
  EXPECT_EQ(none.headers.at("Allow"), "GET, PUT, PATCH, DELETE");
  EXPECT_EQ(send("DELETE", "/Users").status, 405);
}

TEST_P(ResourcesTest, RepliesHaveWhatIsAskedFor) {
  const std::string boss = user("boss", R"(,"displayName":"The Boss")");
  const std::string id =
      user("ann", R"(,"title":"Nurse","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
                 {"manager":{"value":")" +
                      boss + "\"}}");
  const std::string enterprise =
      "/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/manager/";
  const auto whole = get("/Users/" + id);
  EXPECT_EQ(whole.text(enterprise + "displayName"), "The Boss");
  EXPECT_EQ(whole.text(enterprise + "$ref"), "https://pdp.example/st-mary/scim/v2/Users/" + boss);
  const auto some = get("/Users/" + id + "?attributes=title");
  EXPECT_EQ(some.text("/title"), "Nurse");
  EXPECT_EQ(some.id(), id);
  EXPECT_TRUE(some.at("/userName").is_null());
  const auto others = get("/Users/" + id + "?excludedAttributes=title,meta");
  EXPECT_EQ(others.text("/userName"), "ann");
  EXPECT_TRUE(others.at("/title").is_null());
  EXPECT_TRUE(others.at("/meta").is_null());
  EXPECT_EQ(get("/Users/" + id + "?attributes=a&excludedAttributes=b").status, 400);
}

TEST_P(ResourcesTest, WhatIsSensitiveIsShownByName) {
  const auto made = post("/Patients", R"({"schemas":["urn:wardlock:scim:schemas:core:1.0:Patient"],
      "recordNumber":"M-1","isConfidential":true,"displayName":"Pat"})");
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string path = "/Patients/" + made.id();
  EXPECT_TRUE(made.at("/isConfidential").is_null());
  EXPECT_TRUE(get(path).at("/isConfidential").is_null());
  EXPECT_EQ(get(path + "?attributes=isConfidential").at("/isConfidential"), true);
  const auto after = put(path, R"({"schemas":["urn:wardlock:scim:schemas:core:1.0:Patient"],
      "recordNumber":"M-1","displayName":"Patricia"})");
  EXPECT_EQ(after.status, 200);
  EXPECT_EQ(get(path + "?attributes=isConfidential").at("/isConfidential"), true)
      << "who replaces it has not seen it";
  gate_.refused = {Deed::kReadSensitive};
  EXPECT_EQ(get(path).status, 200);
  EXPECT_EQ(get(path + "?attributes=isConfidential").status, 403);
  EXPECT_EQ(get("/Patients?attributes=isConfidential").status, 403);
  EXPECT_EQ(send("PUT", path + "?attributes=isConfidential", R"({"schemas":
      ["urn:wardlock:scim:schemas:core:1.0:Patient"],"recordNumber":"M-1"})")
                .status,
            403);
  EXPECT_EQ(get(path).text("/displayName"), "Patricia") << "nothing was changed";
  EXPECT_EQ(get("/Patients?filter=isConfidential%20eq%20true").scim_type(), "invalidFilter");
  gate_.refused = {Deed::kReadSensitive, Deed::kChange};
  for (const char* guess : {"true", "false"}) {
    const std::string value = std::string("\"isConfidential\":") + guess;
    EXPECT_EQ(
        patch(path, R"([{"op":"add","path":"isConfidential","value":)" + std::string(guess) + "}]")
            .status,
        403)
        << "who may not change it does not find out by trying";
    EXPECT_EQ(patch(path, R"([{"op":"add","value":{)" + value + "}}]").status, 403);
    EXPECT_EQ(put(path, R"({"schemas":["urn:wardlock:scim:schemas:core:1.0:Patient"],
        "recordNumber":"M-1","displayName":"Patricia",)" +
                            value + "}")
                  .status,
              403);
  }
}

TEST_P(ResourcesTest, TheGateIsAskedFirst) {
  const std::string id = user("ann");
  const std::string path = "/Users/" + id;
  const std::string body =
      R"({"schemas":[")" + std::string(kUserSchema) + R"("],"userName":"bob"})";
  gate_.refused = {Deed::kCreate};
  EXPECT_EQ(post("/Users", body).status, 403);
  EXPECT_EQ(post("/Users", "{}").status, 403) << "before anything is looked at";
  gate_.refused = {Deed::kRead};
  EXPECT_EQ(get(path).status, 403);
  EXPECT_EQ(get("/Users").status, 403);
  EXPECT_EQ(get("/?count=0").status, 403);
  EXPECT_EQ(get("/Users/0197f2a0-0000-7000-8000-000000000000").status, 403);
  EXPECT_EQ(put(path, body).status, 403);
  EXPECT_EQ(patch(path, R"([{"op":"remove","path":"emails[value eq \"x\"]"}])").status, 403);
  EXPECT_EQ(send("DELETE", path, {}, {{"If-Match", "W/\"9\""}}).status, 412);
  gate_.refused = {Deed::kChange};
  EXPECT_EQ(put(path, body).status, 403);
  EXPECT_EQ(patch(path, R"([{"op":"add","path":"title","value":"A"}])").status, 403);
  gate_.refused = {Deed::kSetState};
  EXPECT_EQ(patch(path, R"([{"op":"replace","path":"active","value":false}])").status, 403);
  EXPECT_EQ(patch(path, R"([{"op":"add","path":"title","value":"A"},
                            {"op":"replace","path":"active","value":false}])")
                .status,
            403);
  gate_.refused = {Deed::kRemove};
  EXPECT_EQ(send("DELETE", path).status, 403);
  gate_.refused = {};
  EXPECT_EQ(get(path).headers.at("ETag"), "W/\"1\"") << "nothing was changed";
}

TEST_P(ResourcesTest, PatchesAreRefusedWhole) {
  const std::string id = user("ann", R"(,"emails":[{"value":"a@example.org","type":"work"}])");
  const std::string path = "/Users/" + id;
  const auto refused = [&](std::string_view operations, std::string_view type) {
    const auto reply = patch(path, operations);
    EXPECT_EQ(reply.status, 400) << operations;
    EXPECT_EQ(reply.scim_type(), type) << operations << reply.body;
  };
  refused(R"([{"op":"replace","path":"shoeSize","value":1}])", "invalidPath");
  refused(R"([{"op":"replace","path":"id","value":"x"}])", "mutability");
  refused(R"([{"op":"replace","value":{"id":"x"}}])", "mutability");
  refused(R"([{"op":"replace","path":"groups","value":[]}])", "mutability");
  refused(R"([{"op":"remove","path":"userName"}])", "mutability");
  refused(R"([{"op":"remove"}])", "noTarget");
  refused(R"([{"op":"replace","path":"emails[type eq \"home\"].value","value":"x@y.example"}])",
          "noTarget");
  refused(R"([{"op":"replace","path":"emails[type","value":"x"}])", "invalidPath");
  refused(R"([{"op":"add","path":"password","value":"x"}])", "invalidPath");
  refused(R"([{"op":"add","path":"title","value":"A"},{"op":"add","path":"emails","value":
             [{"value":"none"}]}])",
          "invalidValue");
  refused(R"([{"op":"replace","path":"meta.version","value":"x"}])", "mutability");
  EXPECT_EQ(patch(path, "[]").scim_type(), "invalidSyntax");
  EXPECT_EQ(get(path).headers.at("ETag"), "W/\"1\"");
}

TEST_P(ResourcesTest, ProvidersSendTheirKindOfPatches) {
  const std::string id = user("ann", R"(,"emails":[{"value":"a@example.org","type":"work"}])");
  const std::string path = "/Users/" + id;
  const auto entra = patch(path, R"([
      {"op":"Replace","path":"emails[type eq \"work\"].value","value":"b@example.org"},
      {"op":"Add","path":"name.givenName","value":"Ann"},
      {"op":"Add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
       "value":"ICU"},
      {"op":"Replace","path":"active","value":"False"}])");
  ASSERT_EQ(entra.status, 200) << entra.body;
  EXPECT_EQ(entra.text("/emails/0/value"), "b@example.org");
  EXPECT_EQ(entra.at("/active"), false);
  const auto okta = patch(path, R"([{"op":"replace","value":{"id":")" + id +
                                    R"(","active":true,"displayName":"Ann",
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"division":"North"}}}])");
  ASSERT_EQ(okta.status, 200) << okta.body;
  EXPECT_EQ(okta.at("/active"), true);
  EXPECT_EQ(okta.text("/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/department"),
            "ICU");
  const std::string boss = user("boss");
  const auto manager = patch(path, R"([{"op":"Add","path":
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":")" +
                                       boss + "\"}]");
  ASSERT_EQ(manager.status, 200) << manager.body;
  EXPECT_EQ(
      manager.text("/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/manager/value"),
      boss);
}

TEST_P(ResourcesTest, AnExtensionIsPatchedAsAWhole) {
  const std::string id = user("ann");
  const std::string enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
  const auto operation = [&](std::string_view kind, std::string_view more) {
    return patch("/Users/" + id,
                 fmt::format(R"([{{"op":"{}","path":"{}"{}}}])", kind, enterprise, more));
  };
  EXPECT_EQ(operation("add", R"(,"value":{"division":"North","department":"ICU"})")
                .text("/" + enterprise + "/division"),
            "North");
  const auto replaced = operation("replace", R"(,"value":{"division":"South"})");
  EXPECT_EQ(replaced.text("/" + enterprise + "/division"), "South");
  EXPECT_EQ(replaced.text("/" + enterprise + "/department"), "ICU");
  EXPECT_EQ(operation("add", R"(,"value":5)").status, 400);
  EXPECT_TRUE(operation("remove", "").at("/" + enterprise).is_null());
}

TEST_P(ResourcesTest, MeIsWhoAsks) {
  mandate_.actor_id = "nobody";
  EXPECT_EQ(get("/Me").status, 404);
  const std::string id = user("ann");
  mandate_.actor_id = id;
  const auto me = get("/Me");
  EXPECT_EQ(me.id(), id);
  EXPECT_EQ(me.headers.at("Content-Location"), me.text("/meta/location"));
  EXPECT_EQ(patch("/Me", R"([{"op":"add","path":"title","value":"A"}])").text("/title"), "A");
  EXPECT_EQ(post("/Me", "{}").status, 501);
  gate_.refused = {Deed::kRead};
  EXPECT_EQ(get("/Me").status, 403);
}

TEST_P(ResourcesTest, OthersTypesOfContentAreAnswered) {
  user("ann");
  EXPECT_EQ(send("GET", "/Users", {}, {{"Accept", "application/json"}}).type, "application/json");
  EXPECT_EQ(send("GET", "/Users", {}, {{"Accept", "*/*"}}).type, "application/scim+json");
  EXPECT_EQ(send("POST", "/Users", R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],
      "userName":"bob"})",
                 {{"Content-Type", "application/json; charset=utf-8"}})
                .status,
            201);
}

TEST_P(ResourcesTest, EveryTypeIsEnteredReadAndFound) {
  const auto make = [&](const std::string& type, const std::string& endpoint,
                        const std::string& members) {
    const auto made = post(endpoint, R"({"schemas":["urn:wardlock:scim:schemas:core:1.0:)" + type +
                                         "\"]," + members + "}");
    EXPECT_EQ(made.status, 201) << endpoint << made.body;
    EXPECT_EQ(get(endpoint + "/" + made.id()).body, made.body);
    EXPECT_EQ(get(endpoint + "?filter=id%20eq%20%22" + made.id() + "%22").at("/totalResults"), 1);
    return made.id();
  };
  const std::string maker = make("Organisation", "/Organisations",
                                 R"("code":"acme","displayName":"A",
                                    "organisationType":"manufacturer")");
  const std::string ref = R"({"value":")" + maker + "\"}";
  make("Location", "/Locations",
       R"("code":"w1","displayName":"W","locationType":"ward","organisation":)" + ref);
  make("Role", "/Roles", R"("displayName":"Physician")");
  const std::string model =
      make("DeviceModel", "/DeviceModels",
           R"("displayName":"Pump","modelNumber":"P1","manufacturer":)" + ref);
  make("Device", "/Devices", R"("serialNumber":"1","model":{"value":")" + model + "\"}");
  const std::string module =
      make("Module", "/Modules", R"("displayName":"Firmware","manufacturer":)" + ref);
  make("ModuleVersion", "/ModuleVersions",
       R"("version":"1.0","module":{"value":")" + module + "\"}");
  make("Service", "/Services", R"("clientId":"up","displayName":"Updates","purpose":"Updates")");
  make("Agent", "/Agents", R"("clientId":"ag","displayName":"Helper","purpose":"Helps")");
  make("Patient", "/Patients", R"("recordNumber":"M-1")");
  EXPECT_EQ(get("/?count=0").at("/totalResults"), 10);
}

}  // namespace
}  // namespace wardlock::scim
