#include "api/admin/things.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "api/admin/admin_for_test.h"

namespace wardlock::admin {
namespace {

using directory::Kind;
using directory::Thing;

class ThingsTest : public AdminForTest {
 protected:
  std::string id_of(const Answer& answer) { return answer.at("id"); }
};
WARDLOCK_ON_EACH_DATABASE(ThingsTest);

TEST_P(ThingsTest, IsEnteredAndReadAgain) {
  const Answer made = post("people", R"({"attributes":{"userName":"Kim","title":"Nurse"},
                                         "state":"active","reason":"new"})");
  ASSERT_EQ(made.status, 201) << codec::to_json_text(made.body);
  EXPECT_EQ(made.at("attributes.userName"), "kim") << "its normal form";
  EXPECT_EQ(made.at("state"), "active");
  EXPECT_EQ(made.header("Location"), "https://host/st-mary/admin/v1/people/" + id_of(made));
  EXPECT_EQ(made.header("ETag"), "\"1\"");
  EXPECT_EQ(made.header("Wardlock-Revision"), fmt::format("{}", revision()));
  EXPECT_TRUE(last_event().contains("\"new\"")) << last_event();
  const Answer read = get("people/" + id_of(made));
  EXPECT_EQ(read.status, 200);
  EXPECT_EQ(read.body, made.body);
  EXPECT_EQ(get("things/" + id_of(made)).body, made.body);
}

TEST_P(ThingsTest, AllThatIsWrongIsSaidWithItsPlace) {
  const Answer answer = post("people", R"({"attributes":{"title":7,"emails":[{"value":"a@b.org"},
                                           {"value":"nobody"}],"npi":"1"}})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.header("Content-Type"), "application/problem+json");
  const std::string text = codec::to_json_text(answer.body);
  for (const std::string pointer : {"#/attributes/title", "#/attributes/emails/1/value",
                                    "#/attributes/npi", "#/attributes/userName"}) {
    EXPECT_TRUE(text.contains("\"" + pointer + "\"")) << pointer << " is not in " << text;
  }
  EXPECT_EQ(answer.count("errors"), 4U);
  EXPECT_EQ(revision(), 0U);
}

TEST_P(ThingsTest, WhatDoesNotFitIsRefused) {
  const Thing kim = person("kim");
  const std::string one = "people/" + kim.id;
  struct Case {
    std::string method, target, body;
    int status;
    std::string says;
  };
  const std::string device = "devices/" + kim.id;
  for (const Case& each : std::vector<Case>{
           {"POST", "people", "{", 400, "line 1"},
           {"POST", "people", "[]", 400, "JSON object"},
           {"POST", "people", R"({"attribute":{}})", 400, "did you mean `attributes`"},
           {"POST", "people", R"({"attributes":{"userName":"a"},"state":"left"})", 400, "left"},
           {"POST", "people", R"({"attributes":{"userName":"a"},"kind":"device"})", 400, "person"},
           {"POST", "people", R"({"attributes":{"userName":"a"},"state":7})", 400, "`state`"},
           {"POST", "people?x=1", R"({"attributes":{"userName":"a"}})", 400, "no parameter `x`"},
           {"POST", "people?dryRun=yes", R"({"attributes":{"userName":"a"}})", 400, "dryRun"},
           {"POST", "people", R"({"attributes":{"userName":"kim"}})", 409, "userName"},
           {"POST", "persons", "{}", 404, "nothing at"},
           {"GET", device, "", 404, "among the devices"},
           {"GET", "people/0190", "", 404, "0190"},
           {"GET", "people/", "", 404, "nothing at"},
           {"GET", "people//state", "", 404, ""},
           {"PUT", "people", "{}", 405, "GET, POST"},
           {"POST", "people/x/merge", R"({"into":"y"})", 404, "nothing at"},
           {"PATCH", one, R"({"attributes":{"nobody":1}})", 400, "`nobody` is no attribute"},
           {"PATCH", one, R"({"state":"left"})", 400, "no member `state`"},
           {"PUT", one, R"({"attributes":{"userName":"kim"},"state":"left"})", 400, "state"},
           {"PUT", one, R"({"attributes":{"userName":"kim"},"version":7})", 409, "version 1"},
           {"POST", "people/" + kim.id + "/state", R"({"state":"invited"})", 400, "invited"},
           {"POST", "people/" + kim.id + "/state", R"({})", 400, "`state` is missing"},
       }) {
    const Answer answer = ask(each.method, each.target, each.body);
    EXPECT_EQ(answer.status, each.status) << each.method << each.target << each.body;
    EXPECT_TRUE(answer.at("detail").contains(each.says)) << each.target << answer.at("detail");
    EXPECT_EQ(answer.header("Content-Type"), "application/problem+json");
  }
  EXPECT_EQ(find(kim.id).version, 1U);
  EXPECT_EQ(ask("PUT", "people", "{}").header("Allow"), "GET, POST");
  EXPECT_EQ(post("people", "{\"reason\":\"" + std::string(70'000, 'x') + "\"}").status, 413);
  EXPECT_EQ(post("people", std::string(50, '[') + std::string(50, ']')).status, 400);
  EXPECT_EQ(ask("PATCH", one, "{}", {{"Content-Type", "text/plain"}}).status, 415);
  EXPECT_EQ(ask("PUT", one, "{}", {{"Content-Type", "application/merge-patch+json"}}).status, 415);
}

TEST_P(ThingsTest, APatchChangesWhatItNames) {
  const Thing kim = person("kim", R"(,"title":"Nurse","emails":[{"value":"a@b.org"}],
                                     "name":{"givenName":"K","familyName":"Kim"})");
  const Answer answer = ask("PATCH", "people/" + kim.id,
                            R"({"attributes":{"title":null,"name":{"givenName":"Kay"}}})",
                            {{"Content-Type", "application/merge-patch+json; charset=utf-8"}});
  ASSERT_EQ(answer.status, 200) << codec::to_json_text(answer.body);
  EXPECT_EQ(answer.at("attributes.title"), "");
  EXPECT_EQ(answer.at("attributes.name.givenName"), "Kay");
  EXPECT_EQ(answer.at("attributes.name.familyName"), "Kim");
  EXPECT_EQ(answer.at("attributes.emails.0.value"), "a@b.org");
  EXPECT_EQ(answer.header("ETag"), "\"2\"");
  const std::uint64_t before = revision();
  EXPECT_EQ(ask("PATCH", "people/" + kim.id, R"({"attributes":{}})").header("ETag"), "\"2\"");
  EXPECT_EQ(revision(), before) << "nothing changed";
}

TEST_P(ThingsTest, WhatWasReadCanBeSentBackChanged) {
  const Thing kim = person("kim", R"(,"title":"Nurse")");
  codec::Json read = get("people/" + kim.id).body;
  read.as_object()["attributes"].as_object()["title"] = "Doctor";
  const Answer answer = ask("PUT", "people/" + kim.id, codec::to_json_text(read));
  ASSERT_EQ(answer.status, 200) << codec::to_json_text(answer.body);
  EXPECT_EQ(answer.at("attributes.title"), "Doctor");
  const Answer late = ask("PUT", "people/" + kim.id, codec::to_json_text(read));
  EXPECT_EQ(late.status, 409) << "it was read before that";
}

TEST_P(ThingsTest, StaysAsFirstGiven) {
  const Thing pump = device(device_model(organisation("ACME")), "SN-1");
  const Answer answer =
      ask("PATCH", "devices/" + pump.id, R"({"attributes":{"serialNumber":"2"}})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.at("errors.0.pointer"), "#/attributes/serialNumber");
}

TEST_P(ThingsTest, VersionsAreCompared) {
  const std::string kim = "people/" + person("kim").id;
  const std::string patch = R"({"attributes":{"title":"a"}})";
  for (const std::string_view stale : {"\"2\"", "W/\"1\"", "\"x\"", "1", "\"2\", \"3\""}) {
    const Answer answer = ask("PATCH", kim, patch, {{"If-Match", std::string(stale)}});
    EXPECT_EQ(answer.status, 412) << stale;
  }
  EXPECT_EQ(ask("DELETE", kim, "", {{"If-Match", "\"9\""}}).status, 412);
  EXPECT_EQ(post(kim + "/state", R"({"state":"suspended"})", {{"If-Match", "\"9\""}}).status, 412);
  EXPECT_EQ(ask("PATCH", kim, patch, {{"If-Match", "\"7\", \"1\""}}).status, 200);
  EXPECT_EQ(ask("PATCH", kim, R"({"attributes":{"title":"b"}})", {{"If-Match", "*"}}).status, 200);
  EXPECT_EQ(ask("GET", kim, "", {{"If-None-Match", "\"3\""}}).status, 304);
  EXPECT_EQ(ask("GET", kim, "", {{"If-None-Match", "\"2\""}}).status, 200);
}

TEST_P(ThingsTest, GoesOnWithItsLife) {
  const Thing kim = person("kim");
  const Answer answer =
      post("people/" + kim.id + "/state", R"({"state":"suspended","reason":"on leave"})");
  EXPECT_EQ(answer.at("state"), "suspended");
  EXPECT_TRUE(last_event().contains("on leave"));
  EXPECT_EQ(gate_.asked.back(), "setState person to suspended");
  EXPECT_EQ(ask("DELETE", "people/" + kim.id).status, 204);
  EXPECT_EQ(get("people/" + kim.id).status, 404);
  EXPECT_EQ(ask("DELETE", "people/" + kim.id).status, 404);
}

TEST_P(ThingsTest, PatientsAreMerged) {
  const Thing first = patient("P-1");
  const Thing second = patient("P-2");
  const std::string path = "patients/" + first.id + "/merge";
  EXPECT_EQ(post(path, R"({"into":")" + person("kim").id + "\"}").status, 400);
  EXPECT_EQ(post(path, "{}").status, 400);
  const Answer answer = post(path, R"({"into":")" + second.id + "\"}");
  EXPECT_EQ(answer.at("state"), "merged");
  EXPECT_EQ(answer.at("attributes.mergedInto"), second.id);
}

TEST_P(ThingsTest, WhatIsSensitiveIsShownWhereItIsAskedForAndNotLost) {
  const Thing p = create(Kind::kPatient, R"({"recordNumber":"P-1","isConfidential":true})");
  const std::string path = "patients/" + p.id;
  EXPECT_FALSE(codec::to_json_text(get(path).body).contains("isConfidential"));
  EXPECT_FALSE(codec::to_json_text(get("patients").body).contains("isConfidential"));
  EXPECT_EQ(get(path + "?sensitive=true").at("attributes.isConfidential"), "true");
  EXPECT_EQ(gate_.asked.back(), "readSensitive patient");
  ASSERT_EQ(ask("PUT", path, R"({"attributes":{"recordNumber":"P-1","displayName":"X"}})").status,
            200);
  EXPECT_EQ(get(path + "?sensitive=true").at("attributes.isConfidential"), "true");
  ASSERT_EQ(ask("PATCH", path, R"({"attributes":{"isConfidential":null}})").status, 200);
  EXPECT_EQ(get(path + "?sensitive=true").at("attributes.isConfidential"), "");
  gate_.denies = {"readSensitive"};
  EXPECT_EQ(get(path).status, 200);
  EXPECT_EQ(get(path + "?sensitive=true").status, 403);
  EXPECT_EQ(get("patients?sensitive=true").status, 403);
}

TEST_P(ThingsTest, AnotherTenantsIsNotThere) {
  const Thing kim = person("kim");
  mandate_.tenant = "st-luke";
  const std::string path = "people/" + kim.id;
  EXPECT_EQ(get(path).status, 404);
  EXPECT_EQ(ask("PATCH", path, R"({"attributes":{"title":"x"}})").status, 404);
  EXPECT_EQ(ask("PUT", path, R"({"attributes":{"userName":"kim"}})").status, 404);
  EXPECT_EQ(ask("DELETE", path).status, 404);
  EXPECT_EQ(post(path + "/state", R"({"state":"left"})").status, 404);
  EXPECT_EQ(get(path + "/relations").status, 404);
  EXPECT_EQ(get("things/" + kim.id).status, 404);
  EXPECT_EQ(get("people").count(), 0U);
  EXPECT_TRUE(gate_.asked.size() == 1 && gate_.asked[0] == "read all person")
      << "nothing of it is told to the gate";
  EXPECT_EQ(post("people", R"({"attributes":{"userName":"kim"}})").status, 201)
      << "each has names of its own";
}

TEST_P(ThingsTest, TheGateIsAskedBeforeAnythingIsDone) {
  const Thing kim = person("kim");
  const Thing p = patient("P-1");
  const Thing q = patient("P-2");
  const std::uint64_t before = revision();
  const std::string path = "people/" + kim.id;
  gate_.denies = {"read", "create", "change", "setState", "remove", "merge"};
  const std::string merge = "patients/" + p.id + "/merge";
  const std::string into = R"({"into":")" + q.id + "\"}";
  for (const auto& [method, target, body] :
       std::vector<std::array<std::string, 3>>{{"GET", path, ""},
                                               {"GET", "people", ""},
                                               {"GET", "things/" + kim.id, ""},
                                               {"GET", path + "/relations", ""},
                                               {"GET", path + "/credentials", ""},
                                               {"POST", "people", R"({"attributes":{}})"},
                                               {"PUT", path, R"({"attributes":{}})"},
                                               {"PATCH", path, R"({"attributes":{"title":7}})"},
                                               {"POST", path + "/state", R"({"state":"left"})"},
                                               {"DELETE", path, ""},
                                               {"POST", merge, into}}) {
    const Answer answer = ask(method, target, body);
    EXPECT_EQ(answer.status, 403) << method << " " << target;
    EXPECT_TRUE(answer.at("detail").starts_with("you may not")) << answer.at("detail");
  }
  EXPECT_EQ(revision(), before);
}

TEST_P(ThingsTest, ADryRunSaysWhatWouldBeAndChangesNothing) {
  const Answer tried = post("people?dryRun=true", R"({"attributes":{"userName":"kim"}})");
  EXPECT_EQ(tried.status, 200);
  EXPECT_EQ(tried.at("attributes.userName"), "kim");
  EXPECT_EQ(tried.header("Wardlock-Dry-Run"), "true");
  EXPECT_EQ(tried.header("Wardlock-Revision"), "");
  EXPECT_EQ(revision(), 0U);
  EXPECT_TRUE(events().empty());
  EXPECT_EQ(post("people?dryRun=true", R"({"attributes":{}})").status, 400);
  gate_.denies = {"create"};
  EXPECT_EQ(post("people?dryRun=true", R"({"attributes":{"userName":"kim"}})").status, 403);
}

class ViewForTest : public administration::PolicyView {
 public:
  Result<directory::SeenThing> of(std::string_view id) override {
    asked = id;
    return seen;
  }
  directory::SeenThing seen;
  std::string asked;
};

TEST_P(ThingsTest, TellsHowPoliciesSeeSomethingOrWhyNot) {
  ViewForTest view;
  const Thing kim = person("kim");
  const std::string path = "things/" + kim.id + "/entity";
  EXPECT_EQ(get(path).status, 503) << "there are no policies to ask";
  view_ = &view;
  view.seen.entity = R"({"uid":{"type":"User","id":"kim"},"attrs":{},"parents":[]})";
  EXPECT_EQ(get(path).at("entity.uid.id"), "kim");
  EXPECT_EQ(view.asked, kim.id);
  view.seen = {.entity = {}, .why = "it has no ward"};
  const Answer hidden = get(path);
  EXPECT_EQ(hidden.at("hidden"), "it has no ward");
  EXPECT_EQ(hidden.at("entity"), "");
  EXPECT_EQ(get("things/0190/entity").status, 404);
}

TEST_P(ThingsTest, AnEntityIsToldToWhoMayReadAllThatItNames) {
  ViewForTest view;
  view_ = &view;
  view.seen.why = "it has no ward";
  const std::string pump = "things/" + device(device_model(organisation("m")), "A").id + "/entity";
  const std::string patients = "things/" + patient("P-1").id + "/entity";
  EXPECT_EQ(get(pump).status, 200);
  for (const char* denied : {"read device", "read all patient", "read all location",
                             "read all person", "read all deviceModel"}) {
    gate_.denies = {denied};
    EXPECT_EQ(get(pump).status, 403) << denied;
  }
  gate_.denies = {"readSensitive patient"};
  EXPECT_EQ(get(patients).status, 403);
  EXPECT_EQ(get(pump).status, 200);
  gate_.denies = {};
  mandate_.tenant = "st-luke";
  EXPECT_EQ(get(pump).status, 404);
}

}  // namespace
}  // namespace wardlock::admin
