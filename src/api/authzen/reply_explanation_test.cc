#include "api/authzen/reply_explanation.h"

#include "api/authzen/endpoints_fixture.h"

namespace wardlock::authzen {
namespace {

constexpr std::string_view kExplain = R"(,"options":{"explain":true})";

class Explanations : public Endpoints {
 protected:
  static HttpResponse send_as(const pdp::Caller& caller, const HttpRequest& request,
                              pdp::Observer* observer = nullptr) {
    return answer(request, {.snapshot = *with_schema,
                            .caller = caller,
                            .arena = test_arena,
                            .now = 1000,
                            .new_id = fixed_id,
                            .page_key = kPageKey,
                            .observer = observer});
  }

  /// A batch with one question so many times.
  static std::string batch(std::size_t count) {
    std::string body = R"({"options":{"explain":true},"evaluations":[)";
    for (std::size_t i = 0; i < count; ++i) body.append(i == 0 ? "" : ",").append(kQuestion);
    return body + "]}";
  }
  static HttpRequest full(HttpRequest request) {
    request.headers.push_back({"Prefer", "return=representation"});
    return request;
  }
};

TEST_F(Explanations, come_when_asked_for) {
  const object reply = ask(question(kView, kExplain));
  const object& told = reply.at("context").at("explanation").as_object();
  EXPECT_EQ(told.at("sentence"), "Allowed: staff may look");
  const object& first = told.at("policies").at(0).as_object();
  EXPECT_EQ(first.at("id"), "views");
  EXPECT_EQ(first.at("standing"), "determining");
  EXPECT_EQ(first.at("outcome"), "satisfied");
  EXPECT_FALSE(first.contains("place")) << "where the file lies is the server's own";
}

TEST_F(Explanations, do_not_come_unasked) {
  for (const auto options : {"", R"(,"options":{"explain":false})",
                             R"(,"options":{"explain":null})", R"(,"options":{"reasons":true})"}) {
    EXPECT_FALSE(ask(question(kView, options)).at("context").as_object().contains("explanation"));
  }
}

TEST_F(Explanations, are_left_out_for_those_who_may_not_have_them) {
  pdp::Caller caller = kCaller;
  caller.may_explain = false;
  const std::string asked = question(kView, kExplain);
  const HttpResponse response = send_as(caller, post(asked));
  EXPECT_EQ(response.status, 200);
  EXPECT_FALSE(response.body.contains("explanation")) << response.body;
}

TEST_F(Explanations, withhold_what_is_out_of_scope) {
  pdp::Caller caller = kCaller;
  caller.scope.attributes = pdp::Names(std::vector<std::string>{});
  const std::string asked = question(R"({"name":"service"})", kExplain);
  const HttpResponse response = send_as(caller, post(asked));
  EXPECT_TRUE(response.body.contains(R"("of":"resource.inService","withheld":true)"))
      << response.body;
}

TEST_F(Explanations, must_be_asked_for_by_a_boolean) {
  EXPECT_TRUE(refusal(question(kView, R"(,"options":{"explain":"yes"})"))
                  .contains("`options.explain` must be true or false"));
}

TEST_F(Explanations, go_with_the_context_only) {
  const std::string body = question(kView, kExplain);
  HttpRequest request = post(body);
  request.headers.push_back({"Prefer", "return=minimal"});
  EXPECT_EQ(send(request).body, R"({"decision":true})");
  const std::string several = batch(2);
  EXPECT_FALSE(send(post_batch(several)).body.contains("explanation"));
}

TEST_F(Explanations, of_a_batch_are_bounded_together) {
  const std::string body = batch(100);
  const HttpResponse response = send(full(post_batch(body)));
  ASSERT_EQ(response.status, 200) << response.body;
  const auto json = codec::parse_json(response.body);
  const auto& answers = json->at("evaluations").as_array();
  ASSERT_EQ(answers.size(), 100U);
  EXPECT_TRUE(answers[0].at("context").at("explanation").as_object().contains("sentence"));
  EXPECT_EQ(answers[99].at("context").at("explanation"), (object{{"truncated", true}}));
  EXPECT_LT(response.body.size(), std::size_t{512} << 10);
}

/// Charges for questions.
class Purse : public pdp::Observer {
 public:
  explicit Purse(std::size_t left) : left_(left) {}
  Result<void> admit(std::size_t count) override {
    if (left_ < count) return fail(ErrorCode::kResourceExhausted, "enough");
    left_ -= count;
    return {};
  }
  bool is_recording() const override { return false; }
  Result<void> decided(const pdp::AccessRequest&, const pdp::AccessDecision&,
                       std::string_view) override {
    return {};
  }
  void refused(const pdp::AccessRequest&, ErrorCode) override {}
  Result<void> searched(const pdp::AccessRequest&, std::size_t, std::size_t) override { return {}; }

  std::size_t left_;
};

TEST_F(Explanations, are_charged_for) {
  const std::string asked = question(kView, kExplain), several = batch(100);
  Purse purse(1000), little(1);
  EXPECT_EQ(send_as(kCaller, post(asked), &purse).status, 200);
  EXPECT_EQ(purse.left_, 998U);
  EXPECT_EQ(send_as(kCaller, full(post_batch(several)), &purse).status, 200);
  EXPECT_EQ(purse.left_, 998U - 100U - ExplanationBudget{}.explanations);
  EXPECT_EQ(send_as(kCaller, post(asked), &little).status, 429);
}

}  // namespace
}  // namespace wardlock::authzen
