#include "api/admin/policy_canaries.h"

#include <gtest/gtest.h>

#include "api/admin/policies_for_test.h"
#include "bundle/verify.h"

namespace wardlock::admin {
namespace {

class PolicyCanariesTest : public PoliciesOverHttp {
 protected:
  PolicyCanariesTest() { activated("first"); }

  std::string approved(std::string_view word = "new") {
    std::string id = submitted(word);
    EXPECT_EQ(sign(bo_, id).status, 200);
    as(ann_);
    return id;
  }
  Answer begin(const std::string& id, std::string_view body = R"({"locations":["Ward::\"3\""]})") {
    return post(path(id, "canary"), body);
  }
};
WARDLOCK_ON_EACH_DATABASE(PolicyCanariesTest);

TEST_P(PolicyCanariesTest, DecideForTheirPartUntilTheyAreStopped) {
  const std::string id = approved();
  const Answer begun =
      begin(id, R"({"locations":["Ward::\"4\"","Ward::\"3\""],"peps":["gate"],"actions":["stop"],)"
                R"("mostDifferences":100,"mostPermille":5,"reason":"ward 3 first"})");
  EXPECT_EQ(begun.status, 201) << codec::to_json_text(begun.body);
  EXPECT_EQ(begun.at("number"), "1");
  EXPECT_EQ(begun.at("serial"), "2");
  EXPECT_EQ(begun.at("draft"), id);
  EXPECT_EQ(begun.at("beside"), in_force());
  EXPECT_EQ(begun.at("locations.0"), R"(Ward::"3")");
  EXPECT_EQ(begun.at("locations.1"), R"(Ward::"4")");
  EXPECT_EQ(begun.at("peps.0"), "gate");
  EXPECT_EQ(begun.at("actions.0"), "stop");
  EXPECT_EQ(begun.at("cause"), "approved");
  EXPECT_EQ(begun.at("mostDifferences"), "100");
  EXPECT_EQ(begun.at("mostPermille"), "5");
  EXPECT_EQ(begun.at("reason"), "ward 3 first");
  EXPECT_EQ(begun.at("end"), "running");
  EXPECT_EQ(get("policies").at("items.0.canary.number"), "1");
  EXPECT_EQ(get("policies/canaries/1").at("total.compared"), "0");
  EXPECT_EQ(get("policies/drafts/" + id).at("state"), "in_review") << "it may yet come for all";
  const Answer stopped = post("policies/canaries/1/stop", R"({"reason":"nurses complain"})");
  EXPECT_EQ(stopped.status, 200);
  EXPECT_EQ(stopped.at("end"), "stopped");
  EXPECT_EQ(stopped.at("endedBy"), ann_.id);
  EXPECT_EQ(post("policies/canaries/1/stop", "{}").status, 409);
  EXPECT_EQ(get("policies").at("items.0.canary"), "");
  const Answer all = post(path(id, "activate"), "{}");
  EXPECT_EQ(all.status, 201);
  EXPECT_EQ(all.at("serial"), "3");
}

TEST_P(PolicyCanariesTest, AreSignedForTheirPart) {
  const std::string id = approved();
  const Answer begun = begin(id);
  const net::HttpRequest request{.method = "GET", .path = "/admin/v1/policies/canaries/1/bundle"};
  net::HttpResponse file;
  answer(request,
         {.registry = *registry_,
          .gate = gate_,
          .mandate = mandate_,
          .base_url = "https://host/st-mary",
          .now = now_,
          .policies = policies_},
         file);
  EXPECT_EQ(file.status, 200);
  EXPECT_EQ(file.content_type, "application/octet-stream");
  const bundle::Trust trust{.keys = {bundle::fixed_key('k').public_key()}};
  const auto now = *bundle::parse_time(begun.at("madeAt").substr(0, 19) + "Z");
  const auto verified = bundle::verify_bundle(file.body, trust, {.now = now, .is_canary = true});
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->statement().part->locations, std::vector<std::string>{R"(Ward::"3")"});
  EXPECT_FALSE(bundle::verify_bundle(file.body, trust, {.now = now}));
}

TEST_P(PolicyCanariesTest, StayInTheHistory) {
  const std::string id = approved();
  EXPECT_EQ(begin(id).status, 201);
  EXPECT_EQ(begin(id).status, 201) << "in the place of the first";
  const Answer all = get("policies/canaries");
  EXPECT_EQ(all.at("items.0.number"), "2");
  EXPECT_EQ(all.at("items.1.end"), "replaced");
  EXPECT_EQ(get("policies/canaries?count=1").at("next"), "2");
  EXPECT_EQ(get("policies/canaries?count=1&before=2").at("items.0.number"), "1");
  EXPECT_EQ(post("policies/history/1/roll-back", "{}").status, 201)
      << "to what is in force: for all again";
  EXPECT_EQ(get("policies/canaries/2").at("end"), "superseded");
}

TEST_P(PolicyCanariesTest, RefuseWhatIsNotApproved) {
  EXPECT_EQ(begin("none").status, 404);
  EXPECT_EQ(begin(this->begun("open")).status, 409);
  const std::string id = submitted("unsigned");
  EXPECT_EQ(begin(id).status, 409);
  EXPECT_EQ(begin(id, R"({"locations":["Ward::\"3\""],"singleHanded":true})").status, 409);
  EXPECT_EQ(get("policies/canaries").at("items.0"), "");
}

TEST_P(PolicyCanariesTest, RefuseWhatIsNoPart) {
  const std::string id = approved();
  for (const char* body :
       {"{}", R"({"actions":["stop"]})", R"({"locations":["ward 3"]})", R"({"locations":"Ward"})",
        R"({"locations":[7]})", R"({"peps":[""]})", R"({"share":10})",
        R"({"peps":["a"],"endsAt":"2001-01-01T00:00:00Z"})",
        R"({"peps":["a"],"endsAt":"2999-01-01T00:00:00Z"})", R"({"peps":["a"],"endsAt":"soon"})",
        R"({"peps":["a"],"mostPermille":1001})", R"({"peps":["a"],"mostDifferences":-1})",
        R"({"peps":["a"],"singleHanded":"yes"})", R"({"peps":["a"],"reason":7})"}) {
    EXPECT_EQ(begin(id, body).status, 400) << body;
  }
  EXPECT_EQ(post(path(id, "canary?dryRun=true"), R"({"peps":["a"]})").status, 400);
  EXPECT_EQ(get("policies/canaries").at("items.0"), "") << "nothing was begun";
  for (const char* wrong : {"0", "2", "-1", "x", "18446744073709551616"}) {
    const std::string at = "policies/canaries/" + std::string(wrong);
    EXPECT_EQ(get(at).status, 404) << wrong;
    EXPECT_EQ(get(at + "/bundle").status, 404) << wrong;
    EXPECT_EQ(post(at + "/stop", "{}").status, 404) << wrong;
  }
  EXPECT_EQ(get("policies/canaries?count=0").status, 400);
}

TEST_P(PolicyCanariesTest, AreOfTheirTenantAlone) {
  EXPECT_EQ(begin(approved()).status, 201);
  mandate_.tenant = "st-john";
  EXPECT_EQ(get("policies/canaries/1").status, 404);
  EXPECT_EQ(get("policies/canaries/1/bundle").status, 404);
  EXPECT_EQ(get("policies/canaries").at("items.0"), "");
  EXPECT_NE(post("policies/canaries/1/stop", "{}").status, 200);
  mandate_.tenant = "st-mary";
  EXPECT_EQ(get("policies/canaries/1").at("end"), "running");
}

}  // namespace
}  // namespace wardlock::admin
