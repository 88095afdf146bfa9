// Questions of which a canary decides a part.
#include "api/authzen/endpoints_fixture.h"

namespace wardlock::authzen {
namespace {

constexpr std::string_view kClosed = R"(
  @id("closed") forbid (principal, action, resource);
)";

class CanaryQuestions : public Endpoints {
 protected:
  CanaryQuestions() {
    pdp::Sources sources{.policies = {{"policies.cedar", std::string(kClosed)}},
                         .schemas = {{"s.cedarschema", std::string(kSchema)}},
                         .entities = pdp::Source{"entities.json", std::string(kEntities)}};
    auto tried = pdp::build_snapshot(sources, pdp::Mode::kStrict);
    EXPECT_TRUE(tried) << tried.error().message;
    tried_ = *tried;
    canary_ = *pdp::Canary::make(with_schema, tried_, {.locations = {R"(Pump::"p1")"}});
  }
  object reply(const HttpRequest& request) {
    const HttpResponse response = answer(request, {.snapshot = *with_schema,
                                                   .caller = kCaller,
                                                   .arena = test_arena,
                                                   .now = 1000,
                                                   .new_id = fixed_id,
                                                   .page_key = kPageKey,
                                                   .canary = canary_.get()});
    EXPECT_EQ(response.status, 200) << response.body;
    const auto json = codec::parse_json(response.body);
    if (!json || !json->is_object()) return {};
    return json->get_object();
  }
  static std::string about(std::string_view pump, std::string_view more = "") {
    return R"({"subject":{"type":"User","id":"ann"},"action":{"name":"view"},)"
           R"("resource":{"type":"Pump","id":")" +
           std::string(pump) + "\"}" + std::string(more) + "}";
  }

  std::shared_ptr<const pdp::Snapshot> tried_;
  std::shared_ptr<const pdp::Canary> canary_;
};

TEST_F(CanaryQuestions, AreAnsweredByWhatDecidesThem) {
  const object part = reply(post(about("p1")));
  EXPECT_FALSE(part.at("decision").as_bool());
  EXPECT_EQ(part.at("context").at("policies").at(0).as_string(), "closed");
  EXPECT_EQ(part.at("context").at("policy_set").as_string(), tried_->policy_set());
  const object other = reply(post(about("p2")));
  EXPECT_TRUE(other.at("decision").as_bool());
  EXPECT_EQ(other.at("context").at("policy_set").as_string(), with_schema->policy_set());
}

TEST_F(CanaryQuestions, AreExplainedByWhatDecidesThem) {
  constexpr std::string_view kExplain = R"(,"options":{"explain":true})";
  const auto explained = [&](std::string_view pump) {
    const object context = reply(post(about(pump, kExplain))).at("context").as_object();
    return codec::to_json_text(context.at("explanation"));
  };
  EXPECT_TRUE(explained("p1").contains("closed"));
  EXPECT_FALSE(explained("p2").contains("closed"));
}

TEST_F(CanaryQuestions, OfABatchAreEachDecidedOnTheirOwn) {
  const object batch = reply(post_batch(
      R"({"subject":{"type":"User","id":"ann"},"action":{"name":"view"},"evaluations":[
          {"resource":{"type":"Pump","id":"p1"}},{"resource":{"type":"Pump","id":"p2"}},
          {"resource":{"type":"Pump","id":"p1"}}]})"));
  const array& answers = batch.at("evaluations").as_array();
  ASSERT_EQ(answers.size(), 3U);
  EXPECT_FALSE(answers[0].at("decision").as_bool());
  EXPECT_TRUE(answers[1].at("decision").as_bool());
  EXPECT_FALSE(answers[2].at("decision").as_bool());
}

TEST_F(CanaryQuestions, OfASearchAreEachDecidedOnTheirOwn) {
  const object found = reply(post(
      R"({"subject":{"type":"User","id":"ann"},"action":{"name":"view"},"resource":{"type":"Pump"}})",
      "/access/v1/search/resource"));
  ASSERT_EQ(found.at("results").as_array().size(), 1U);
  EXPECT_EQ(found.at("results").at(0).at("id").as_string(), "p2");
}

}  // namespace
}  // namespace wardlock::authzen
