#include "api/authzen/endpoints.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "codec/json.h"

namespace wardlock::authzen {
namespace {

using boost::json::object;
using codec::Json;
using net::HttpHeader;
using net::HttpRequest;
using net::HttpResponse;

constexpr std::string_view kSchema = R"(
  entity Role;
  entity User in [Role] = { name?: String };
  entity Pump = { inService: Bool, @source("request") rate?: Long };
  action view, stop, service, "mask" appliesTo {
    principal: User, resource: Pump,
    context: {
      now: datetime, place?: String, level?: Long,
      override?: { id: String, reason: String, expiresAt: datetime },
      action?: { speed?: Long }, pep?: { id: String },
    },
  };
)";

constexpr std::string_view kPolicies = R"(
  @id("views") @reason("staff may look")
  permit (principal in Role::"Staff", action == Action::"view", resource);
  @id("fast") permit (principal, action == Action::"stop", resource)
  when { context.action.speed > 5 };
  @id("serviced") permit (principal, action == Action::"service", resource)
  when { resource.inService && resource has rate && resource.rate > 10 };
  @id("broken") forbid (principal, action == Action::"view", resource)
  when { context has level && context.level + 9223372036854775807 > 0 };
  @id("masks") permit (principal, action == Action::"mask", resource);
  @id("unmasked") @obligation("mask-identity")
  forbid (principal, action == Action::"mask", resource);
  @id("emergency") @override("break-glass")
  permit (principal, action == Action::"service", resource)
  when { context has override };
)";

constexpr std::string_view kEntities = R"([
  {"uid": {"type": "Role", "id": "Staff"}, "attrs": {}, "parents": []},
  {"uid": {"type": "User", "id": "ann"}, "attrs": {"name": "Ann"},
   "parents": [{"type": "Role", "id": "Staff"}]},
  {"uid": {"type": "User", "id": "bob"}, "attrs": {}, "parents": []},
  {"uid": {"type": "Pump", "id": "p1"}, "attrs": {"inService": true}, "parents": []}
])";

std::shared_ptr<const pdp::Snapshot> build(bool has_schema) {
  pdp::Sources sources{.policies = {{"policies.cedar", std::string(kPolicies)}},
                       .links = {},
                       .schemas = {},
                       .entities = pdp::Source{"entities.json", std::string(kEntities)}};
  if (has_schema) sources.schemas.push_back({"s.cedarschema", std::string(kSchema)});
  auto snapshot = pdp::build_snapshot(sources, pdp::Mode::kStrict);
  if (!snapshot) {
    ADD_FAILURE() << snapshot.error().message;
    std::abort();
  }
  return *snapshot;
}

const pdp::Caller kCaller = pdp::Caller::unrestricted("anonymous");

std::string fixed_id() { return "id-1"; }

/// The endpoints over one hospital, asked without sockets.
class Endpoints : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    with_schema = build(true);
    without_schema = build(false);
  }
  static void TearDownTestSuite() {
    with_schema.reset();
    without_schema.reset();
  }

  static HttpResponse send(const HttpRequest& request) {
    return answer(request,
                  {.snapshot = *with_schema, .caller = kCaller, .now = 1000, .new_id = fixed_id});
  }

  static HttpRequest post(std::string_view body) {
    return {.method = "POST",
            .target = "/access/v1/evaluation",
            .path = "/access/v1/evaluation",
            .headers = {{"Host", "localhost:8180"}, {"Content-Type", "application/json"}},
            .body = body};
  }

  static HttpRequest get(std::string_view path) {
    return {.method = "GET", .target = path, .path = path, .headers = {{"Host", "127.0.0.1"}}};
  }

  /// The reply to a question that is answered.
  static object ask(std::string_view body, const pdp::Snapshot& snapshot = *with_schema) {
    const HttpResponse response = answer(
        post(body), {.snapshot = snapshot, .caller = kCaller, .now = 1000, .new_id = fixed_id});
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(response.content_type, "application/json");
    const auto json = codec::parse_json(response.body);
    if (!json || !json->is_object()) return {};
    return json->get_object();
  }

  /// The message for a question that is refused with 400.
  static std::string refusal(std::string_view body) {
    const HttpResponse response = send(post(body));
    EXPECT_EQ(response.status, 400) << body;
    EXPECT_EQ(response.content_type, "application/json") << body;
    const auto json = codec::parse_json(response.body);
    if (!json || !json->is_string()) {
      ADD_FAILURE() << "no JSON string: " << response.body;
      return "";
    }
    return std::string(json->get_string());
  }

  static std::shared_ptr<const pdp::Snapshot> with_schema;
  static std::shared_ptr<const pdp::Snapshot> without_schema;
};

std::shared_ptr<const pdp::Snapshot> Endpoints::with_schema;
std::shared_ptr<const pdp::Snapshot> Endpoints::without_schema;

/// A question of Ann's about pump 1, with members added or replaced.
std::string question(std::string_view action, std::string_view more = "",
                     std::string_view resource_properties = "{}") {
  return std::string(R"({"subject":{"type":"User","id":"ann"},"action":)")
      .append(action)
      .append(R"(,"resource":{"type":"Pump","id":"p1","properties":)")
      .append(resource_properties)
      .append("}")
      .append(more)
      .append("}");
}

constexpr std::string_view kView = R"({"name":"view"})";

/// One that is allowed; lives as long as the requests that borrow it.
const std::string kQuestion = question(kView);

TEST_F(Endpoints, allows_with_the_policy_that_allowed) {
  const HttpResponse response = send(post(kQuestion));
  EXPECT_EQ(response.body, R"({"decision":true,"context":{"decision_id":"id-1","cause":"permit",)"
                           R"("policies":["views"],"revision":1,"policy_set":")" +
                               with_schema->policy_set + R"("}})");
}

TEST_F(Endpoints, denies_with_nothing_to_say) {
  const object reply = ask(R"({"subject":{"type":"User","id":"bob"},"action":{"name":"view"},)"
                           R"("resource":{"type":"Pump","id":"p1"}})");
  EXPECT_FALSE(reply.at("decision").get_bool());
  const object& context = reply.at("context").get_object();
  EXPECT_EQ(context.at("cause"), "no_permit");
  for (const auto absent : {"policies", "reasons", "obligations", "override", "override_possible",
                            "notes", "errors", "step_up", "withheld"}) {
    EXPECT_FALSE(context.contains(absent)) << absent;
  }
}

TEST_F(Endpoints, gives_reasons_when_asked_to) {
  const auto context_of = [](std::string_view options) {
    return ask(question(kView, options)).at("context").get_object();
  };
  EXPECT_EQ(context_of(R"(,"options":{"reasons":true})").at("reasons"),
            (boost::json::array{"staff may look"}));
  EXPECT_FALSE(context_of(R"(,"options":{"reasons":false})").contains("reasons"));
  EXPECT_FALSE(context_of(R"(,"options":{})").contains("reasons"));
}

TEST_F(Endpoints, says_which_policy_failed_when_asked_to) {
  const object reply = ask(question(kView, R"(,"context":{"level":1},"options":{"reasons":true})"));
  EXPECT_FALSE(reply.at("decision").get_bool());
  const object& context = reply.at("context").get_object();
  EXPECT_EQ(context.at("cause"), "forbid_error");
  EXPECT_EQ(context.at("policies"), (boost::json::array{"broken"}));
  ASSERT_EQ(context.at("errors").get_array().size(), 1U);
  EXPECT_TRUE(context.at("errors").get_array()[0].get_string().starts_with("broken: "));
}

TEST_F(Endpoints, binds_an_allow_to_obligations_the_caller_supports) {
  constexpr std::string_view kMask = R"({"name":"mask"})";
  EXPECT_FALSE(ask(question(kMask)).at("decision").get_bool());
  EXPECT_FALSE(
      ask(question(kMask, R"(,"options":{"obligations":["other"]})")).at("decision").get_bool());
  const object reply =
      ask(question(kMask, R"(,"options":{"obligations":["other","mask-identity"]})"));
  EXPECT_TRUE(reply.at("decision").get_bool());
  EXPECT_EQ(reply.at("context").get_object().at("obligations"),
            (boost::json::array{"mask-identity"}));
}

TEST_F(Endpoints, says_that_breaking_the_glass_would_be_possible) {
  const object reply = ask(question(R"({"name":"service"})", R"(,"options":{"grant":"none"})"));
  EXPECT_FALSE(reply.at("decision").get_bool());
  EXPECT_TRUE(reply.at("context").get_object().at("override_possible").get_bool());
}

TEST_F(Endpoints, passes_action_properties_and_context_on) {
  const auto decision = [](std::string_view action) {
    return ask(question(action)).at("decision").get_bool();
  };
  EXPECT_TRUE(decision(R"({"name":"stop","properties":{"speed":6}})"));
  EXPECT_FALSE(decision(R"({"name":"stop","properties":{"speed":5}})"));
}

TEST_F(Endpoints, takes_from_a_description_what_the_application_owns) {
  const auto reply = [](std::string_view properties) {
    return ask(question(R"({"name":"service"})", "", properties));
  };
  EXPECT_TRUE(reply(R"({"rate":11})").at("decision").get_bool());
  EXPECT_FALSE(reply(R"({"rate":10})").at("decision").get_bool());
  EXPECT_FALSE(reply(R"({"rate":null})").at("decision").get_bool());
  const object contradicted = reply(R"({"rate":11,"inService":false})");
  EXPECT_TRUE(contradicted.at("decision").get_bool()) << "the directory knows better";
  EXPECT_EQ(contradicted.at("context").get_object().at("notes").get_array().size(), 1U);
}

TEST_F(Endpoints, ignores_members_that_authzen_does_not_name) {
  EXPECT_TRUE(ask(question(kView, R"(,"extension":{"a":[1.5,null]},"context":null,"options":null)"))
                  .at("decision")
                  .get_bool());
}

TEST_F(Endpoints, answers_without_a_schema) {
  EXPECT_TRUE(ask(question(kView, R"(,"context":{"anything":["x",{"y":1}]})"), *without_schema)
                  .at("decision")
                  .get_bool());
}

TEST_F(Endpoints, gives_each_decision_an_id_and_the_same_answer) {
  static int count = 0;
  const auto reply = [] {
    return answer(post(kQuestion),
                  {.snapshot = *with_schema, .caller = kCaller, .now = 1, .new_id = [] {
                     return "id-" + std::to_string(++count);
                   }});
  };
  std::string first = reply().body;
  std::string second = reply().body;
  EXPECT_NE(first, second);
  EXPECT_EQ(first.replace(first.find("id-1"), 4, "id-2"), second);
}

TEST_F(Endpoints, says_what_is_wrong_with_a_question) {
  std::string many;
  for (int i = 0; i < 256; ++i) many += R"(,"a")";
  struct Case {
    std::string body;
    std::string_view message;  ///< a part of it
  };
  const auto with_subject = [](std::string_view subject) {
    return std::string(R"({"subject":)")
        .append(subject)
        .append(R"(,"action":{"name":"view"},"resource":{"type":"Pump","id":"p1"}})");
  };
  const std::vector<Case> cases{
      {"", "not valid JSON"},
      {"{", "not valid JSON"},
      {"{} x", "not valid JSON"},
      {R"({"subject":{},"subject":{}})", "`subject`"},
      {R"({"subject":{"type":"User","type":"User","id":"a"}})", "`type`"},
      {question(kView, R"(,"context":{"place":"a","place":"b"})"), "`place`"},
      {question(kView, R"(,"x":{"y":1,"y":1})"), "`y`"},
      {"[]", "must be a JSON object"},
      {"null", "must be a JSON object"},
      {"\"subject\"", "must be a JSON object"},
      {"{}", "`subject` is missing"},
      {with_subject("null"), "`subject` is missing"},
      {with_subject("[]"), "`subject` must be an object"},
      {with_subject("\"User::ann\""), "`subject` must be an object"},
      {with_subject("{}"), "`subject.type` is missing"},
      {with_subject(R"({"id":"ann"})"), "`subject.type` is missing"},
      {with_subject(R"({"type":null,"id":"ann"})"), "`subject.type` is missing"},
      {with_subject(R"({"type":1,"id":"ann"})"), "`subject.type` must be a string"},
      {with_subject(R"({"type":"","id":"ann"})"), "`subject.type` is empty"},
      {with_subject(R"({"type":"User"})"), "`subject.id` is missing"},
      {with_subject(R"({"type":"User","id":7})"), "`subject.id` must be a string"},
      {with_subject(R"({"type":"User","id":["ann"]})"), "`subject.id` must be a string"},
      {with_subject(R"({"type":"User","id":""})"), "`subject.id` is empty"},
      {with_subject(R"({"type":"User","id":"a\u0000"})"), "`subject.id` holds a control"},
      {with_subject(R"({"type":"User","id":"a\n"})"), "`subject.id` holds a control"},
      {with_subject(R"({"type":"User","id":"a\u0085"})"), "`subject.id` holds a control"},
      {with_subject(R"({"type":"User","id":"a\u202eb"})"), "`subject.id` holds a control"},
      {with_subject(R"({"type":"Us\u0000er","id":"a"})"), "`subject.type` holds a control"},
      {with_subject("{\"type\":\"User\",\"id\":\"a\xff\"}"), "not valid JSON"},
      {with_subject("{\"type\":\"User\",\"id\":\"a\x01\"}"), "not valid JSON"},
      {with_subject(R"({"type":"User","id":"\ud800"})"), "not valid JSON"},
      {with_subject(R"({"type":"User","id":"ann","properties":[]})"),
       "`subject.properties` must be an object"},
      {with_subject(R"({"type":"not a name","id":"ann"})"), "`not a name`"},
      {with_subject(R"({"type":"Action","id":"view"})"), "action"},
      {with_subject(R"({"type":"Role","id":"Staff"})"), "Role"},
      {with_subject(R"({"type":"Unknown","id":"x"})"), "Unknown"},
      {R"({"subject":{"type":"User","id":"ann"},"resource":{"type":"Pump","id":"p1"}})",
       "`action` is missing"},
      {question("\"view\""), "`action` must be an object"},
      {question("{}"), "`action.name` is missing"},
      {question(R"({"name":true})"), "`action.name` must be a string"},
      {question(R"({"name":""})"), "`action.name` is empty"},
      {question(R"({"name":"view","properties":"fast"})"), "`action.properties` must be an object"},
      {question(R"({"name":"vi\u0007ew"})"), "`action.name` holds a control"},
      {question(R"({"name":"fly"})"), "fly"},
      {R"({"subject":{"type":"User","id":"ann"},"action":{"name":"view"}})",
       "`resource` is missing"},
      {question(kView, "", "3"), "`resource.properties` must be an object"},
      {question(kView, R"(,"context":[])"), "`context` must be an object"},
      {question(kView, R"(,"context":{"place":1})"), "place"},
      {question(kView, R"(,"context":{"level":1.5})"), "level"},
      {question(kView, R"(,"context":{"level":1e400})"), ""},
      {question(kView, R"(,"context":{"action":{}})"), "context.action"},
      {question(kView, R"(,"context":{"authentication":{}})"), "context.authentication"},
      {question(kView, R"(,"context":{"now":"2030-01-01T00:00:00Z"})"), "context.now"},
      {question(kView, R"(,"context":{"override":{"id":"g"}})"), "context.override"},
      {question(kView, R"(,"context":{"override":null})"), "context.override"},
      {question(kView, R"(,"context":{"pep":{"id":"me"}})"), "context.pep"},
      {question(kView, R"(,"options":true)"), "`options` must be an object"},
      {question(kView, R"(,"options":{"reasons":1})"), "`options.reasons`"},
      {question(kView, R"(,"options":{"obligations":"x"})"), "`options.obligations`"},
      {question(kView, R"(,"options":{"obligations":[1]})"), "`options.obligations`"},
      {question(kView, R"(,"options":{"obligations":["a")" + many + "]}"), "more than 256"},
      {question(kView, R"(,"options":{"grant":1})"), "`options.grant`"},
      {std::string(100'000, '['), "not valid JSON"},
      {question(kView, R"(,"x":)" + std::string(2000, '[') + std::string(2000, ']')),
       "not valid JSON"},
  };
  for (const Case& wrong : cases) {
    const std::string message = refusal(wrong.body);
    EXPECT_TRUE(message.contains(wrong.message))
        << "for " << wrong.body.substr(0, 200) << "\nsaid: " << message;
  }
}

TEST_F(Endpoints, refuses_other_content_types) {
  for (const auto type :
       {"", "text/plain", "application/x-www-form-urlencoded", "application/jsonp",
        "application/json-patch+json", "json", "text/plain; application/json"}) {
    HttpRequest request = post(kQuestion);
    request.headers[1].value = type;
    const HttpResponse response = send(request);
    EXPECT_EQ(response.status, 400) << type;
    EXPECT_EQ(response.body, R"("`Content-Type` must be application/json")") << type;
  }
  HttpRequest none = post(kQuestion);
  none.headers.pop_back();
  EXPECT_EQ(send(none).status, 400);
}

TEST_F(Endpoints, takes_json_with_parameters_and_in_any_case) {
  for (const auto type :
       {"application/json; charset=utf-8", "Application/JSON", "application/json ;x=y"}) {
    HttpRequest request = post(kQuestion);
    request.headers[1].value = type;
    EXPECT_EQ(send(request).status, 200) << type;
  }
}

TEST_F(Endpoints, refuses_a_question_that_is_too_large) {
  const HttpResponse response =
      send(post(question(kView, R"(,"x":")" + std::string(300'000, 'x') + "\"")));
  EXPECT_EQ(response.status, 413);
  EXPECT_EQ(response.body, R"("the body is larger than 262144 bytes")");
}

TEST_F(Endpoints, echoes_the_request_id) {
  const auto echoed = [](HttpRequest request) {
    request.headers.push_back({"x-request-id", "abc-1"});
    const HttpResponse response = send(request);
    return response.headers.empty() ? "" : response.headers.back().value;
  };
  EXPECT_EQ(echoed(post(kQuestion)), "abc-1");
  EXPECT_EQ(echoed(post("{}")), "abc-1");
  EXPECT_EQ(echoed(get("/healthz")), "abc-1");
  EXPECT_EQ(echoed(get("/nothing")), "abc-1");
  EXPECT_EQ(echoed(get("/access/v1/evaluation")), "abc-1");
  EXPECT_TRUE(send(post(kQuestion)).headers.empty());
}

TEST_F(Endpoints, names_the_method_it_answers) {
  for (const auto method : {"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "post"}) {
    HttpRequest request = post(kQuestion);
    request.method = method;
    const HttpResponse response = send(request);
    EXPECT_EQ(response.status, 405) << method;
    EXPECT_EQ(response.body, R"("ask with POST")");
    ASSERT_EQ(response.headers.size(), 1U);
    EXPECT_EQ(response.headers[0].name, "Allow");
    EXPECT_EQ(response.headers[0].value, "POST");
  }
  HttpRequest health = get("/healthz");
  health.method = "POST";
  const HttpResponse response = send(health);
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_EQ(response.headers.at(0).value, "GET, HEAD");
}

TEST_F(Endpoints, reports_health) {
  EXPECT_EQ(send(get("/healthz")).body, R"({"status":"ok"})");
  HttpRequest head = get("/healthz");
  head.method = "HEAD";
  EXPECT_EQ(send(head).status, 200);
}

TEST_F(Endpoints, has_nothing_elsewhere) {
  for (const auto path :
       {"/", "/access", "/access/v1/evaluation/", "/access/v1/Evaluation", "/access/v1/evaluations",
        "/access/v1/%65valuation", "//access/v1/evaluation", "/healthz/", "*"}) {
    const HttpResponse response = send(get(path));
    EXPECT_EQ(response.status, 404) << path;
    EXPECT_EQ(response.content_type, "application/problem+json") << path;
  }
}

TEST_F(Endpoints, does_not_answer_a_name_that_was_rebound) {
  for (const auto host : {"evil.example", "localhost.evil.example:8180", "127.0.0.2", ""}) {
    HttpRequest request = post(kQuestion);
    request.headers[0].value = host;
    const HttpResponse response = send(request);
    EXPECT_EQ(response.status, 421) << host;
    EXPECT_TRUE(response.body.starts_with('"')) << response.body;
    HttpRequest health = get("/healthz");
    health.headers[0].value = host;
    EXPECT_EQ(send(health).status, 421) << host;
  }
}

TEST_F(Endpoints, does_not_answer_pages_of_other_sites) {
  for (const auto origin : {"http://evil.example", "null", "http://localhost:3000"}) {
    HttpRequest request = post(kQuestion);
    request.headers.push_back({"Origin", origin});
    const HttpResponse response = send(request);
    EXPECT_EQ(response.status, 403) << origin;
    EXPECT_FALSE(response.body.contains("decision\"")) << response.body;
  }
  HttpRequest own = post(kQuestion);
  own.headers.push_back({"Origin", "http://localhost:8180"});
  EXPECT_EQ(send(own).status, 200);
}

}  // namespace
}  // namespace wardlock::authzen
