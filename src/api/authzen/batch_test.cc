#include "api/authzen/batch.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "api/authzen/endpoints_fixture.h"

namespace wardlock::authzen {
namespace {

class Batch : public Endpoints {
 protected:
  static HttpRequest preferring(HttpRequest request, std::string_view preference) {
    request.headers.push_back({"Prefer", preference});
    return request;
  }

  /// The decisions of a batch that is answered, e.g. `+-`; `!` for one denied with an error.
  static std::string decisions(std::string_view body) {
    std::string signs;
    const object reply = reply_to(post_batch(body));
    for (const Json& item : reply.at("evaluations").get_array()) {
      const object& decision = item.get_object();
      const object* context =
          decision.contains("context") ? &decision.at("context").get_object() : nullptr;
      const bool has_error = context != nullptr && context->contains("error");
      EXPECT_FALSE(has_error && decision.at("decision").get_bool());
      signs += has_error ? '!' : decision.at("decision").get_bool() ? '+' : '-';
    }
    return signs;
  }

  /// The message for the only question of a batch.
  static std::string error_of(std::string_view item, std::string_view defaults = "") {
    const std::string body =
        std::string("{").append(defaults).append(R"("evaluations":[)").append(item).append("]}");
    const object reply = reply_to(post_batch(body));
    const object& answer = reply.at("evaluations").get_array().at(0).get_object();
    EXPECT_FALSE(answer.at("decision").get_bool()) << body;
    EXPECT_EQ(answer.size(), 2U);
    const object& context = answer.at("context").get_object();
    EXPECT_EQ(context.size(), 1U);
    const object& error = context.at("error").get_object();
    EXPECT_EQ(error.at("status"), 400);
    return std::string(error.at("message").get_string());
  }
};

constexpr std::string_view kAnn = R"({"type":"User","id":"ann"})";
constexpr std::string_view kBob = R"({"type":"User","id":"bob"})";

/// Who of `subjects` may view pump 1, with members before the questions.
std::string viewing(std::initializer_list<std::string_view> subjects, std::string_view more = "") {
  std::string body(R"({"action":{"name":"view"},"resource":{"type":"Pump","id":"p1"},)");
  body.append(more).append(R"("evaluations":[)");
  for (const std::string_view subject : subjects) {
    body.append(R"({"subject":)").append(subject).append("},");
  }
  body.back() = ']';
  return body + "}";
}

TEST_F(Batch, answers_in_the_order_of_the_questions) {
  const HttpResponse response = send(post_batch(viewing({kAnn, kBob, kAnn})));
  EXPECT_EQ(response.body,
            R"({"evaluations":[{"decision":true},{"decision":false},{"decision":true}]})");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.headers.size(), 0U);
}

TEST_F(Batch, needs_no_defaults) {
  EXPECT_EQ(decisions(R"({"evaluations":[)" + kQuestion + "," + kQuestion + "]}"), "++");
}

TEST_F(Batch, is_a_single_question_without_a_list) {
  const HttpResponse single = send(post(kQuestion));
  for (const auto more : {"", R"(,"evaluations":[])", R"(,"evaluations":null)"}) {
    const std::string body = question(kView, more);
    EXPECT_EQ(send(post_batch(body)).body, single.body) << more;
  }
  EXPECT_TRUE(refusal_of(post_batch("{}")).contains("`subject` is missing"));
  EXPECT_TRUE(refusal_of(post_batch(R"({"evaluations":[]})")).contains("`subject` is missing"));
  EXPECT_EQ(send(preferring(post_batch(kQuestion), "return=minimal")).body, R"({"decision":true})");
}

TEST_F(Batch, leaves_a_list_alone_where_one_question_is_asked) {
  EXPECT_TRUE(ask(question(kView, R"(,"evaluations":[{}])")).at("decision").get_bool());
}

TEST_F(Batch, takes_each_default_that_a_question_lacks) {
  EXPECT_EQ(decisions(R"({"subject":{"type":"User","id":"ann"},"action":{"name":"stop"},
                          "resource":{"type":"Pump","id":"p1"},"evaluations":[
                          {},
                          {"action":{"name":"stop","properties":{"speed":6}}},
                          {"action":{"name":"view"}},
                          {"action":{"name":"view"},"subject":{"type":"User","id":"bob"}},
                          {"action":null,"subject":null,"resource":null,"context":null}]})"),
            "-++--");
}

TEST_F(Batch, replaces_a_default_whole) {
  // The default's speed would allow it, the question's own action has none.
  EXPECT_EQ(decisions(R"({"subject":{"type":"User","id":"ann"},
                          "action":{"name":"stop","properties":{"speed":6}},
                          "resource":{"type":"Pump","id":"p1"},
                          "evaluations":[{},{"action":{"name":"stop"}}]})"),
            "+-");
  // Nor do identifiers come from two places.
  constexpr std::string_view kDefaults =
      R"("subject":{"type":"User","id":"ann"},"action":{"name":"view"},)"
      R"("resource":{"type":"Pump","id":"p1"},)";
  EXPECT_EQ(error_of(R"({"resource":{"id":"p2"}})", kDefaults), "`resource.type` is missing");
  EXPECT_EQ(error_of(R"({"resource":{"type":"Pump"}})", kDefaults), "`resource.id` is missing");
  EXPECT_EQ(error_of(R"({"subject":{}})", kDefaults), "`subject.type` is missing");
  EXPECT_EQ(error_of(R"({"action":{"properties":{}}})", kDefaults), "`action.name` is missing");
}

TEST_F(Batch, replaces_the_context_whole) {
  // `level` makes a forbid err.
  EXPECT_EQ(decisions(R"({"subject":{"type":"User","id":"ann"},"action":{"name":"view"},
                          "resource":{"type":"Pump","id":"p1"},"context":{"level":1},
                          "evaluations":[{},{"context":{}},{"context":{"place":"ward"}}]})"),
            "-++");
}

TEST_F(Batch, takes_only_the_four_keys_as_defaults) {
  EXPECT_EQ(decisions(R"({"subject":{"type":"User","id":"ann"},"action":{"name":"mask"},
                          "resource":{"type":"Pump","id":"p1"},"evaluations":[
                          {},{"options":{"obligations":["mask-identity"]}}]})"),
            "--")
      << "options are those of the whole request";
}

TEST_F(Batch, denies_a_bad_question_and_answers_the_others) {
  const std::string body =
      viewing({kAnn, R"({"type":"User"})", R"("ann")", R"({"type":"Role","id":"Staff"})", kAnn});
  EXPECT_EQ(decisions(body), "+!!!+");
  EXPECT_EQ(send(post_batch(viewing({R"({"type":"User"})"}))).body,
            R"({"evaluations":[{"decision":false,"context":{"error":{"status":400,)"
            R"("message":"`subject.id` is missing"}}}]})");
}

TEST_F(Batch, says_what_is_wrong_with_a_question) {
  for (const auto& [item, message] : std::vector<std::pair<std::string_view, std::string_view>>{
           {"{}", "`subject` is missing"},
           {"null", "each of `evaluations` must be an object"},
           {"[]", "each of `evaluations` must be an object"},
           {"1", "each of `evaluations` must be an object"},
           {R"("x")", "each of `evaluations` must be an object"},
           {R"({"subject":"ann"})", "`subject` must be an object"},
           {R"({"subject":{"type":"User","id":"ann"}})", "`action` is missing"},
           {R"({"subject":{"type":"User","id":"ann"},"action":{"name":7}})",
            "`action.name` must be a string"},
           {R"({"subject":{"type":"User","id":"ann"},"action":{"name":"view"}})",
            "`resource` is missing"},
           {R"({"subject":{"type":"User","id":"ann"},"action":{"name":"fly"},
               "resource":{"type":"Pump","id":"p1"}})",
            "fly"},
           {R"({"subject":{"type":"User","id":"ann"},"action":{"name":"view"},
               "resource":{"type":"Pump","id":"p1"},"context":{"now":1}})",
            "context.now"}}) {
    EXPECT_TRUE(error_of(item).contains(message)) << item << ": " << error_of(item);
  }
}

TEST_F(Batch, denies_what_is_beyond_the_callers_scope_with_403) {
  pdp::Caller caller = kCaller;
  caller.scope.actions = pdp::Names(std::vector<std::string>{"view"});
  const HttpResponse response = answer(
      post_batch(R"({"subject":{"type":"User","id":"ann"},"resource":{"type":"Pump","id":"p1"},
                     "evaluations":[{"action":{"name":"view"}},{"action":{"name":"stop"}}]})"),
      {.snapshot = *with_schema,
       .caller = caller,
       .arena = test_arena,
       .now = 1000,
       .new_id = fixed_id,
       .page_key = kPageKey});
  EXPECT_EQ(response.status, 200);
  EXPECT_TRUE(response.body.starts_with(
      R"({"evaluations":[{"decision":true},{"decision":false,"context":{"error":{"status":403,)"))
      << response.body;
}

TEST_F(Batch, refuses_what_is_wrong_as_a_whole) {
  for (const auto& [body, message] : std::vector<std::pair<std::string_view, std::string_view>>{
           {"", "not valid JSON"},
           {"[]", "must be a JSON object"},
           {R"({"evaluations":{}})", "`evaluations` must be a list"},
           {R"({"evaluations":"all"})", "`evaluations` must be a list"},
           {R"({"evaluations":true})", "`evaluations` must be a list"},
           {R"({"evaluations":[{}],"evaluations":[{}]})", "`evaluations`"},
           {R"({"evaluations":[{"subject":1,"subject":2}]})", "`subject`"},
           {R"({"evaluations":[{}],"options":[]})", "`options` must be an object"},
           {R"({"evaluations":[{}],"options":{"reasons":"yes"}})", "`options.reasons`"},
           {R"({"evaluations":[{}],"options":{"evaluations_semantic":"all"}})", "`execute_all`"},
           {R"({"evaluations":[{}],"options":{"evaluations_semantic":"EXECUTE_ALL"}})",
            "`options.evaluations_semantic`"},
           {R"({"evaluations":[{}],"options":{"evaluations_semantic":""}})",
            "`options.evaluations_semantic`"},
           {R"({"evaluations":[{}],"options":{"evaluations_semantic":["execute_all"]}})",
            "`options.evaluations_semantic`"}}) {
    EXPECT_TRUE(refusal_of(post_batch(body)).contains(message)) << body;
  }
}

TEST_F(Batch, has_a_greatest_size) {
  const auto sized = [](std::size_t count, std::size_t most) {
    std::string body(R"({"evaluations":[)");
    for (std::size_t i = 0; i < count; ++i) body += "{},";
    body.back() = ']';
    body += "}";
    return answer(post_batch(body), {.snapshot = *with_schema,
                                     .caller = kCaller,
                                     .arena = test_arena,
                                     .now = 1000,
                                     .new_id = fixed_id,
                                     .page_key = kPageKey,
                                     .max_evaluations = most});
  };
  EXPECT_EQ(sized(100, 100).status, 200);
  EXPECT_EQ(sized(2, 2).status, 200);
  const HttpResponse refused = sized(101, 100);
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.body,
            R"("`evaluations` holds 101 questions; at most 100 may be asked at once")");
  EXPECT_EQ(sized(3, 2).status, 400);
}

TEST_F(Batch, does_not_let_defaults_multiply_a_body) {
  const auto sized = [](std::size_t questions, std::size_t values, const char* value) {
    std::string body(R"({"context":{"x":[0)");
    for (std::size_t i = 0; i < values; ++i) body.append(",").append(value);
    body += R"(]},"evaluations":[)";
    for (std::size_t i = 0; i < questions; ++i) body += "{},";
    body.back() = ']';
    return body + "}";
  };
  EXPECT_EQ(send(post_batch(sized(100, 1000, "0"))).status, 200);
  EXPECT_EQ(send(post_batch(sized(1, 100'000, "0"))).status, 200);
  EXPECT_TRUE(refusal_of(post_batch(sized(100, 2000, "0"))).contains("the defaults are too large"));
  EXPECT_TRUE(refusal_of(post_batch(sized(10, 20'000, "0"))).contains("for 10 questions"));
  EXPECT_TRUE(refusal_of(post_batch(sized(100, 500, "\"0123456789abcdef0123456789abcdef\"")))
                  .contains("the defaults are too large"));
}

TEST_F(Batch, executes_all_by_default) {
  for (const auto options : {"", R"("options":{},)", R"("options":{"evaluations_semantic":null},)",
                             R"("options":{"evaluations_semantic":"execute_all"},)"}) {
    EXPECT_EQ(decisions(viewing({kBob, kAnn, "{}", kAnn, kBob}, options)), "-+!+-") << options;
  }
}

TEST_F(Batch, ends_with_the_first_deny) {
  constexpr std::string_view kOptions =
      R"("options":{"evaluations_semantic":"deny_on_first_deny"},)";
  EXPECT_EQ(decisions(viewing({kAnn, kAnn, kBob, kAnn, kBob}, kOptions)), "++-");
  EXPECT_EQ(decisions(viewing({kBob, kAnn}, kOptions)), "-");
  EXPECT_EQ(decisions(viewing({kAnn, "{}", kAnn}, kOptions)), "+!") << "an error is a denial";
  EXPECT_EQ(decisions(viewing({kAnn, kAnn}, kOptions)), "++");
}

TEST_F(Batch, ends_with_the_first_permit) {
  constexpr std::string_view kOptions =
      R"("options":{"evaluations_semantic":"permit_on_first_permit"},)";
  EXPECT_EQ(decisions(viewing({kBob, "{}", kAnn, kBob, kAnn}, kOptions)), "-!+");
  EXPECT_EQ(decisions(viewing({kAnn, kAnn}, kOptions)), "+");
  EXPECT_EQ(decisions(viewing({kBob, kBob}, kOptions)), "--");
}

TEST_F(Batch, tells_the_context_of_each_when_asked_to) {
  const HttpResponse response =
      send(preferring(post_batch(viewing({kAnn, kBob, "{}"})), "return=representation"));
  ASSERT_EQ(response.headers.size(), 1U);
  EXPECT_EQ(response.headers[0].name, "Preference-Applied");
  EXPECT_EQ(response.headers[0].value, "return=representation");
  const auto json = codec::parse_json(response.body);
  ASSERT_TRUE(json);
  const array& items = json->at("evaluations").get_array();
  ASSERT_EQ(items.size(), 3U);
  EXPECT_EQ(items[0].at("context").at("cause"), "permit");
  EXPECT_EQ(items[1].at("context").at("cause"), "no_permit");
  EXPECT_TRUE(items[2].at("context").as_object().contains("error"));
  EXPECT_EQ(send(preferring(post_batch(viewing({kAnn})), "return=minimal")).body,
            R"({"evaluations":[{"decision":true}]})");
}

TEST_F(Batch, binds_each_allow_to_its_obligations) {
  EXPECT_EQ(send(post_batch(R"({"subject":{"type":"User","id":"ann"},
                                "resource":{"type":"Pump","id":"p1"},
                                "options":{"obligations":["mask-identity"]},"evaluations":[
                                {"action":{"name":"mask"}},{"action":{"name":"view"}}]})"))
                .body,
            R"({"evaluations":[{"decision":true,"context":{"obligations":["mask-identity"],)"
            R"("withheld":true}},{"decision":true}]})");
}

/// A hospital where the glass may be broken, and one grant is open.
class Override : public Batch {
 protected:
  static std::shared_ptr<const pdp::Snapshot> hospital() {
    static const auto snapshot = *pdp::build_snapshot({.policies = {{"p.cedar", R"(
           @id("staff") permit (principal == User::"ann", action, resource == Chart::"mine");
           @id("glass") @override("break-glass") permit (principal, action, resource)
           when { context has override };)"}},
                                                       .links = {},
                                                       .schemas = {},
                                                       .entities = pdp::Source{"e.json", R"([
           {"uid": {"type": "Wardlock::Grant", "id": "g1"}, "parents": [], "attrs": {
             "principal": {"__entity": {"type": "User", "id": "ann"}},
             "target": {"__entity": {"type": "Chart", "id": "other"}},
             "actions": [{"__entity": {"type": "Action", "id": "view"}}],
             "opensAt": {"__extn": {"fn": "datetime", "arg": "2030-01-01T00:00:00Z"}},
             "expiresAt": {"__extn": {"fn": "datetime", "arg": "2030-01-01T04:00:00.250Z"}},
             "reason": "cardiac arrest"}}])"}},
                                                      pdp::Mode::kStrict);
    return snapshot;
  }

  static object ask_in_emergency(std::string_view semantic, std::string_view prefer = "") {
    const std::string body =
        std::string(R"({"subject":{"type":"User","id":"ann"},"action":{"name":"view"},)")
            .append(R"("options":{"grant":"g1","evaluations_semantic":")")
            .append(semantic)
            .append(R"("},"evaluations":[{"resource":{"type":"Chart","id":"other"}},)")
            .append(R"({"resource":{"type":"Chart","id":"mine"}},)")
            .append(R"({"resource":{"type":"Chart","id":"third"}}]})");
    constexpr std::int64_t kIn2030 = 1'893'456'000'000;
    const HttpResponse response =
        answer(preferring(post_batch(body), prefer), {.snapshot = *hospital(),
                                                      .caller = kCaller,
                                                      .arena = test_arena,
                                                      .now = kIn2030,
                                                      .new_id = fixed_id,
                                                      .page_key = kPageKey});
    EXPECT_EQ(response.status, 200) << response.body;
    return codec::parse_json(response.body)->as_object();
  }
};

TEST_F(Override, does_not_end_the_search_for_a_permit) {
  const object reply = ask_in_emergency("permit_on_first_permit", "return=representation");
  const array& items = reply.at("evaluations").get_array();
  ASSERT_EQ(items.size(), 2U) << "the second is a permit of everyday";
  EXPECT_EQ(items[0].at("context").at("cause"), "override");
  EXPECT_EQ(items[1].at("context").at("cause"), "permit");
}

TEST_F(Override, is_an_allow_in_every_other_way) {
  const object reply = ask_in_emergency("deny_on_first_deny");
  EXPECT_EQ(Json(reply),
            *codec::parse_json(
                R"({"evaluations":[{"decision":true},{"decision":true},{"decision":false}]})"));
}

TEST_F(Override, says_on_which_grant_it_stands_and_when_that_ends) {
  const object reply = ask_in_emergency("execute_all", "return=representation");
  const object& context = reply.at("evaluations").get_array().at(0).at("context").as_object();
  EXPECT_EQ(context.at("override"), "g1");
  EXPECT_EQ(context.at("expires_at"), "2030-01-01T04:00:00.250Z");
}

/// What goes on record of refused questions: `code principal action resource`.
class Witnessing : public pdp::Observer {
 public:
  Result<void> admit(std::size_t) override { return {}; }
  bool is_recording() const override { return true; }
  Result<void> decided(const pdp::AccessRequest&, const pdp::AccessDecision&,
                       std::string_view) override {
    ++decided_;
    return {};
  }
  void refused(const pdp::AccessRequest& request, ErrorCode why) override {
    refused_.push_back(fmt::format("{} {} {} {}", to_string(why), request.principal.id,
                                   request.action, request.resource.id));
  }
  Result<void> searched(const pdp::AccessRequest&, std::size_t, std::size_t) override { return {}; }

  std::size_t decided_ = 0;
  std::vector<std::string> refused_;
};

class Refused : public Batch {
 protected:
  /// Asks as a caller that may not ask about roles.
  static Witnessing ask_of(const HttpRequest& request) {
    pdp::Caller caller = kCaller;
    caller.scope.types = pdp::Names({"User", "Pump"});
    Witnessing witness;
    answer(request, {.snapshot = *with_schema,
                     .caller = caller,
                     .arena = test_arena,
                     .now = 1000,
                     .new_id = fixed_id,
                     .page_key = kPageKey,
                     .observer = &witness});
    return witness;
  }
  using Lines = std::vector<std::string>;
};

constexpr std::string_view kRole = R"({"type":"Role","id":"Staff"})";

TEST_F(Refused, is_each_question_of_a_batch_by_itself) {
  const Witnessing witness = ask_of(post_batch(
      viewing({kAnn, kRole, R"({"type":"User"})", kBob, R"({"type":"no name","id":"x"})"})));
  EXPECT_EQ(witness.decided_, 2U);
  EXPECT_EQ(witness.refused_, (Lines{"permission_denied Staff view p1", "invalid_argument   ",
                                     "invalid_argument x view p1"}));
}

TEST_F(Refused, has_no_words_of_the_question_before_it) {
  const std::string body =
      R"({"evaluations":[)" + kQuestion + R"(,7,{"subject":{"type":"User","id":"eve"}}]})";
  const Witnessing witness = ask_of(post_batch(body));
  EXPECT_EQ(witness.decided_, 1U);
  EXPECT_EQ(witness.refused_, (Lines{"invalid_argument   ", "invalid_argument eve  "}));
}

TEST_F(Refused, is_a_single_question_too) {
  EXPECT_EQ(ask_of(post(question(R"({"name":"fly"})"))).refused_,
            Lines{"invalid_argument ann fly p1"});
  EXPECT_EQ(ask_of(post(question("7"))).refused_, Lines{"invalid_argument ann  "});
  EXPECT_EQ(ask_of(post(R"({"subject":)" + std::string(kRole) +
                        R"(,"action":{"name":"view"},"resource":{"type":"Pump","id":"p1"}})"))
                .refused_,
            Lines{"permission_denied Staff view p1"});
}

TEST_F(Refused, is_nothing_that_asks_no_question) {
  for (const std::string_view body : {"", "7", "{", R"({"options":7})", R"({"evaluations":7})"}) {
    EXPECT_EQ(ask_of(post_batch(body)).refused_, Lines{}) << body;
  }
}

}  // namespace
}  // namespace wardlock::authzen
