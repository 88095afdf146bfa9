#include "api/authzen/searches.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "api/authzen/endpoints_fixture.h"
#include "codec/base64url.h"

namespace wardlock::authzen {
namespace {

constexpr std::string_view kSubjects = "/access/v1/search/subject";
constexpr std::string_view kResources = "/access/v1/search/resource";
constexpr std::string_view kActions = "/access/v1/search/action";

constexpr std::string_view kAnn = R"({"type":"User","id":"ann"})";
constexpr std::string_view kPumps = R"({"type":"Pump"})";

std::string asked(std::string_view subject, std::string_view action, std::string_view resource,
                  std::string_view more = "") {
  std::string text = fmt::format(R"({{"subject":{},"resource":{}{})", subject, resource, more);
  if (!action.empty()) text += fmt::format(R"(,"action":{})", action);
  return text + "}";
}

class Searches : public Endpoints {
 protected:
  /// The names or ids in the reply's results.
  static std::vector<std::string> names(const object& reply) {
    std::vector<std::string> names;
    for (const Json& result : reply.at("results").as_array()) {
      const object& one = result.as_object();
      EXPECT_EQ(one.size(), one.contains("name") ? 1U : 2U);
      names.emplace_back(one.at(one.contains("name") ? "name" : "id").get_string());
    }
    return names;
  }
  static std::vector<std::string> find(std::string_view path, std::string_view body) {
    return names(reply_to(post(body, path)));
  }
  static std::string refusal(std::string_view path, std::string_view body) {
    return refusal_of(post(body, path));
  }
  static HttpResponse send_as(const pdp::Caller& caller, std::string_view body,
                              std::string_view path, const crypto::SealingKey& key = kPageKey,
                              std::string_view base_path = "") {
    const std::string whole = std::string(base_path) + std::string(path);
    return answer(post(body, whole), {.snapshot = *with_schema,
                                      .caller = caller,
                                      .arena = test_arena,
                                      .now = 1000,
                                      .new_id = fixed_id,
                                      .page_key = key,
                                      .base_path = base_path});
  }
  static std::string token_of(const object& reply) {
    return std::string(reply.at("page").as_object().at("next_token").get_string());
  }
};

using Names = std::vector<std::string>;

TEST_F(Searches, find_subjects_resources_and_actions) {
  EXPECT_EQ(find(kSubjects, asked(R"({"type":"User"})", kView, R"({"type":"Pump","id":"p1"})")),
            Names{"ann"});
  EXPECT_EQ(find(kResources, asked(kAnn, kView, kPumps)), (Names{"p1", "p2"}));
  EXPECT_EQ(find(kActions, asked(kAnn, "", R"({"type":"Pump","id":"p1"})")), Names{"view"});
}

TEST_F(Searches, reply_with_results_alone_where_nothing_was_said_of_pages) {
  const object reply = reply_to(post(asked(kAnn, kView, kPumps), kResources));
  EXPECT_EQ(codec::to_json_text(reply),
            R"({"results":[{"type":"Pump","id":"p1"},{"type":"Pump","id":"p2"}]})");
}

TEST_F(Searches, ignore_what_fills_the_gap) {
  for (const std::string_view id : {R"("p2")", "7", "null", R"("a\u200b")", "[]"}) {
    const std::string resource = fmt::format(R"({{"type":"Pump","id":{}}})", id);
    EXPECT_EQ(find(kResources, asked(kAnn, kView, resource)), (Names{"p1", "p2"})) << id;
  }
  for (const std::string_view action : {R"({"name":"stop"})", "7", "{}"}) {
    EXPECT_EQ(find(kActions, asked(kAnn, action, R"({"type":"Pump","id":"p1"})")), Names{"view"});
  }
}

TEST_F(Searches, hold_properties_and_options_for_each) {
  EXPECT_EQ(find(kResources, asked(kAnn, R"({"name":"service"})", kPumps)), Names{});
  EXPECT_EQ(find(kResources, asked(kAnn, R"({"name":"service"})",
                                   R"({"type":"Pump","properties":{"rate":11}})")),
            Names{"p1"});
  const std::string masked = asked(kAnn, R"({"name":"mask"})", kPumps);
  EXPECT_EQ(find(kResources, masked), Names{});
  const std::string supported =
      asked(kAnn, R"({"name":"mask"})", kPumps, R"(,"options":{"obligations":["mask-identity"]})");
  EXPECT_EQ(find(kResources, supported), (Names{"p1", "p2"}));
  EXPECT_EQ(find(kResources, asked(kAnn, R"({"name":"stop","properties":{"speed":6}})", kPumps)),
            (Names{"p1", "p2"}));
}

TEST_F(Searches, find_nothing_of_what_is_not_known) {
  EXPECT_EQ(
      find(kSubjects, asked(R"({"type":"spaceship"})", kView, R"({"type":"Pump","id":"p1"})")),
      Names{});
  EXPECT_EQ(find(kResources, asked(kAnn, kView, R"({"type":"spaceship"})")), Names{});
  EXPECT_EQ(find(kResources, asked(kAnn, R"({"name":"fly"})", kPumps)), Names{});
  EXPECT_EQ(
      find(kActions, asked(R"({"type":"User","id":"nobody"})", "", R"({"type":"Pump","id":"p1"})")),
      Names{});
  EXPECT_EQ(
      find(kActions, asked(R"({"type":"spaceship","id":"x"})", "", R"({"type":"Pump","id":"p1"})")),
      Names{});
}

TEST_F(Searches, refuse_what_is_missing) {
  const std::string_view pump = R"({"type":"Pump","id":"p1"})";
  EXPECT_EQ(refusal(kSubjects, asked(R"({"type":"User"})", "", pump)), "`action` is missing");
  EXPECT_EQ(refusal(kSubjects, asked("{}", kView, pump)), "`subject.type` is missing");
  EXPECT_EQ(refusal(kSubjects, asked(R"({"type":"User"})", kView, kPumps)),
            "`resource.id` is missing");
  EXPECT_EQ(refusal(kResources, asked("null", kView, kPumps)), "`subject` is missing");
  EXPECT_EQ(refusal(kResources, asked(R"({"type":"User"})", kView, kPumps)),
            "`subject.id` is missing");
  EXPECT_EQ(refusal(kResources, asked(kAnn, kView, "{}")), "`resource.type` is missing");
  EXPECT_EQ(refusal(kActions, asked(kAnn, "", "null")), "`resource` is missing");
  EXPECT_EQ(refusal(kActions, asked(kAnn, "", kPumps)), "`resource.id` is missing");
}

TEST_F(Searches, refuse_what_is_of_the_wrong_type) {
  const auto paged = [](std::string_view page) {
    return refusal(kResources, asked(kAnn, kView, kPumps, fmt::format(R"(,"page":{})", page)));
  };
  EXPECT_EQ(paged("7"), "`page` must be an object");
  EXPECT_EQ(paged("[]"), "`page` must be an object");
  EXPECT_EQ(paged(R"({"token":7})"), "`page.token` must be a string");
  for (const std::string_view limit : {"-1", "1.5", R"("1")", "true", "[]"}) {
    EXPECT_EQ(paged(fmt::format(R"({{"limit":{}}})", limit)),
              "`page.limit` must be a whole number, 0 or more");
  }
  EXPECT_NE(refusal(kResources, asked(kAnn, kView, kPumps, R"(,"context":{"level":"x"})")), "");
  EXPECT_NE(
      refusal(kActions, asked(kAnn, "", R"({"type":"Pump","id":"p1"})", R"(,"context":{"now":1})")),
      "");
}

TEST_F(Searches, need_post_and_json) {
  HttpRequest request = get(kResources);
  EXPECT_EQ(send(request).status, 405);
  request = post(asked(kAnn, kView, kPumps), kResources);
  request.headers[1].value = "text/plain";
  EXPECT_EQ(send(request).status, 400);
  EXPECT_EQ(refusal(kSubjects, "[]"), "the body must be a JSON object");
}

TEST_F(Searches, go_on_page_by_page) {
  const std::string first = asked(kAnn, kView, kPumps, R"(,"page":{"limit":1})");
  const object one = reply_to(post(first, kResources));
  EXPECT_EQ(names(one), Names{"p1"});
  EXPECT_EQ(one.at("page").as_object().at("count"), Json(1));
  const std::string token = token_of(one);
  ASSERT_NE(token, "");
  // Members in another order make the same search; the limit may change.
  const object two = reply_to(
      post(fmt::format(R"({{"page":{{"token":"{}"}},"action":{},"resource":{},"subject":{}}})",
                       token, kView, kPumps, R"({"id":"ann","type":"User"})"),
           kResources));
  EXPECT_EQ(names(two), Names{"p2"});
  EXPECT_EQ(token_of(two), "");
}

TEST_F(Searches, say_that_there_is_nothing_more) {
  const object all =
      reply_to(post(asked(kAnn, kView, kPumps, R"(,"page":{"limit":2})"), kResources));
  EXPECT_EQ(names(all).size(), 2U);
  EXPECT_EQ(token_of(all), "");
  const object none =
      reply_to(post(asked(kAnn, kView, kPumps, R"(,"page":{"limit":0})"), kResources));
  EXPECT_TRUE(names(none).empty());
  EXPECT_NE(token_of(none), "");
  const object large = reply_to(
      post(asked(kAnn, kView, kPumps, R"(,"page":{"limit":18446744073709551615,"token":""})"),
           kResources));
  EXPECT_EQ(names(large).size(), 2U);
}

TEST_F(Searches, take_no_token_of_another_search) {
  const std::string body = asked(kAnn, kView, kPumps, R"(,"page":{"limit":1})");
  const std::string token = token_of(reply_to(post(body, kResources)));
  const std::string page = fmt::format(R"(,"page":{{"token":"{}"}})", token);
  const std::string own = asked(kAnn, kView, kPumps, page);
  EXPECT_EQ(find(kResources, own), Names{"p2"});
  EXPECT_NE(refusal(kResources, asked(R"({"type":"User","id":"bob"})", kView, kPumps, page)), "");
  EXPECT_NE(refusal(kResources, asked(kAnn, R"({"name":"stop"})", kPumps, page)), "");
  EXPECT_NE(refusal(kResources, asked(kAnn, kView, kPumps, page + R"(,"context":{"level":1})")),
            "");
  EXPECT_NE(
      refusal(kResources, asked(kAnn, kView, kPumps, page + R"(,"options":{"obligations":["x"]})")),
      "");
  EXPECT_NE(refusal(kSubjects, asked(kAnn, kView, R"({"type":"Pump","id":"p1"})", page)), "");
  EXPECT_EQ(send_as(pdp::Caller::unrestricted("other"), own, kResources).status, 400);
  EXPECT_EQ(send_as(kCaller, own, kResources, kPageKey, "/st-mary").status, 400);
  const crypto::SealingKey key;
  EXPECT_EQ(send_as(kCaller, own, kResources, key).status, 400);
  EXPECT_EQ(send_as(kCaller, own, kResources).status, 200);
}

TEST_F(Searches, take_no_token_that_was_made_up_or_changed) {
  const std::string body = asked(kAnn, kView, kPumps, R"(,"page":{"limit":1})");
  const std::string token = token_of(reply_to(post(body, kResources)));
  EXPECT_FALSE(codec::from_base64url(token)->contains("p1")) << "who keeps it can read it";
  const auto refused = [](std::string_view made) {
    return send(post(asked(kAnn, kView, kPumps, fmt::format(R"(,"page":{{"token":"{}"}})", made)),
                     kResources))
               .status == 400;
  };
  EXPECT_TRUE(refused("x"));
  EXPECT_TRUE(refused("p1"));
  EXPECT_TRUE(refused(token + "AAAA"));
  EXPECT_TRUE(refused(token.substr(4)));
  for (std::size_t at = 0; at < token.size(); ++at) {
    std::string changed = token;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    EXPECT_TRUE(refused(changed)) << at;
  }
}

TEST_F(Searches, need_the_right_and_stay_in_scope) {
  pdp::Caller caller = kCaller;
  const std::string body = asked(kAnn, kView, kPumps);
  EXPECT_EQ(send_as(caller, body, kResources).status, 200);
  caller.scope.types = pdp::Names({"User"});
  EXPECT_EQ(send_as(caller, body, kResources).status, 403);
  caller = kCaller;
  caller.may_search = false;
  EXPECT_EQ(send_as(caller, body, kResources).status, 403);
  EXPECT_EQ(send_as(caller, asked(kAnn, "", R"({"type":"Pump","id":"p1"})"), kActions).status, 403);
}

/// Charges for decisions.
class Charging : public pdp::Observer {
 public:
  explicit Charging(std::size_t left) : left_(left) {}
  Result<void> admit(std::size_t count) override {
    if (left_ < count) return fail(ErrorCode::kResourceExhausted, "enough");
    left_ -= count;
    return {};
  }
  bool is_recording() const override { return false; }
  Result<void> decided(const pdp::AccessRequest&, const pdp::AccessDecision&,
                       std::string_view) override {
    ADD_FAILURE() << "a search is no decision";
    return {};
  }
  void refused(const pdp::AccessRequest&, ErrorCode) override { ++refused_; }
  Result<void> searched(const pdp::AccessRequest&, std::size_t decisions,
                        std::size_t found) override {
    decisions_ += decisions;
    found_ += found;
    return {};
  }

  std::size_t left_, decisions_ = 0, found_ = 0, refused_ = 0;
};

TEST_F(Searches, cost_what_they_decide) {
  const auto pay = [](Charging& purse) {
    return answer(post(asked(kAnn, kView, kPumps), kResources), {.snapshot = *with_schema,
                                                                 .caller = kCaller,
                                                                 .arena = test_arena,
                                                                 .now = 1000,
                                                                 .new_id = fixed_id,
                                                                 .page_key = kPageKey,
                                                                 .observer = &purse});
  };
  Charging enough(10), little(2), nothing(1);
  EXPECT_EQ(pay(enough).status, 200);
  EXPECT_EQ(enough.left_, 7U);
  EXPECT_EQ(enough.decisions_, 2U);
  EXPECT_EQ(enough.found_, 2U);
  // Its page ends with the quota.
  const HttpResponse part = pay(little);
  EXPECT_EQ(part.status, 200);
  EXPECT_TRUE(part.body.contains(R"("count":1)")) << part.body;
  EXPECT_FALSE(part.body.contains(R"("next_token":"")"));
  EXPECT_EQ(pay(nothing).status, 429);
  EXPECT_EQ(nothing.refused_, 0U) << "a quota is no refusal";
}

TEST_F(Searches, that_are_refused_are_told_of) {
  pdp::Caller caller = kCaller;
  const auto refusals = [&](const std::string& body, std::string_view path) {
    Charging purse(10);
    const HttpResponse response = answer(post(body, path), {.snapshot = *with_schema,
                                                            .caller = caller,
                                                            .arena = test_arena,
                                                            .now = 1000,
                                                            .new_id = fixed_id,
                                                            .page_key = kPageKey,
                                                            .observer = &purse});
    return std::pair(response.status, purse.refused_);
  };
  EXPECT_EQ(refusals(asked(kAnn, kView, "{}"), kResources), std::pair(400, std::size_t{1}));
  EXPECT_EQ(refusals(asked(kAnn, kView, kPumps), kResources), std::pair(200, std::size_t{0}));
  caller.may_search = false;
  EXPECT_EQ(refusals(asked(kAnn, kView, kPumps), kResources), std::pair(403, std::size_t{1}));
}

/// A request that is long to read is read less often.
TEST_F(Searches, end_pages_early_where_a_request_is_large) {
  std::string values;
  for (int i = 0; i < 20'000; ++i) values += "0,";
  const std::string large = fmt::format(R"(,"context":{{"k":[{}0],"level":0}})", values);
  Charging purse(1'000'000);
  pdp::Sources sources{.policies = {{"p.cedar", "permit (principal, action, resource);"}}};
  std::string entities;
  for (int i = 0; i < 100; ++i) {
    entities += fmt::format(R"({}{{"uid":{{"type":"Pump","id":"p{}"}},"attrs":{{}},"parents":[]}})",
                            i == 0 ? "" : ",", i);
  }
  sources.entities = pdp::Source{"e.json", "[" + entities + "]"};
  const auto snapshot = pdp::build_snapshot(sources, pdp::Mode::kStrict);
  ASSERT_TRUE(snapshot);
  const HttpResponse response =
      answer(post(asked(kAnn, kView, kPumps, large), kResources), {.snapshot = **snapshot,
                                                                   .caller = kCaller,
                                                                   .arena = test_arena,
                                                                   .now = 1,
                                                                   .new_id = fixed_id,
                                                                   .page_key = kPageKey,
                                                                   .observer = &purse});
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(purse.decisions_, 6U);
  EXPECT_FALSE(response.body.contains(R"("next_token":"")"));
}

}  // namespace
}  // namespace wardlock::authzen
