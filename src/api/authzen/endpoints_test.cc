#include "api/authzen/endpoints.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <string>
#include <vector>

#include "api/authzen/endpoints_fixture.h"
#include "api/authzen/openapi.h"

namespace wardlock::authzen {
namespace {

/// They could be chosen to collide in the object's hash table.
TEST_F(Endpoints, refuse_an_object_of_very_many_members) {
  const auto with_members = [](int count) {
    std::string members = R"("level":0)";
    for (int i = 1; i < count; ++i) members += ",\"k" + std::to_string(i) + "\":0";
    return question(kView, R"(,"context":{)" + members + "}");
  };
  EXPECT_EQ(send(post(with_members(1024))).status, 200);
  EXPECT_TRUE(refusal(with_members(1025)).contains("an object has too many members"));
}

TEST_F(Endpoints, allows_with_the_policy_that_allowed) {
  const HttpResponse response = send(post(kQuestion));
  EXPECT_EQ(response.body, R"({"decision":true,"context":{"decision_id":"id-1","cause":"permit",)"
                           R"("policies":["views"],"revision":1,"policy_set":")" +
                               with_schema->policy_set() + R"("}})");
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

TEST_F(Endpoints, says_how_an_obligation_is_to_be_fulfilled) {
  const auto terms_at = [&](int speed) {
    const object reply =
        ask(question(fmt::format(R"({{"name":"stop","properties":{{"speed":{}}}}})", speed),
                     R"(,"options":{"obligations":["log"]})"));
    EXPECT_TRUE(reply.at("decision").get_bool());
    const object& context = reply.at("context").get_object();
    const auto* terms = context.if_contains("obligation_terms");
    return terms == nullptr ? std::string() : boost::json::serialize(*terms);
  };
  EXPECT_EQ(terms_at(10), "");
  EXPECT_EQ(terms_at(150), R"({"log":{"fields":["level","place"],"within":150}})");
  EXPECT_EQ(terms_at(250), R"({"log":{"fields":["level","now","place"],"within":1}})");
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

TEST_F(Endpoints, leaves_out_action_properties_that_the_schema_does_not_have) {
  const object reply = ask(question(R"({"name":"stop","properties":{"speed":6,"mood":"calm"}})"));
  EXPECT_TRUE(reply.at("decision").get_bool());
  EXPECT_EQ(reply.at("context").at("notes"),
            (array{"context.action.mood is not in the schema and was left out"}));
  EXPECT_TRUE(refusal(question(R"({"name":"stop","properties":{"speed":"6"}})"))
                  .contains("context.action.speed"));
}

TEST_F(Endpoints, notes_a_few_of_many_things_left_out) {
  std::string context = R"(,"context":{"k0":0)";
  for (int i = 1; i < 1000; ++i) context += ",\"k" + std::to_string(i) + "\":0";
  const object reply = ask(question(kView, context + "}"));
  const array& notes = reply.at("context").at("notes").get_array();
  ASSERT_EQ(notes.size(), 33U);
  EXPECT_EQ(notes.at(32), "and 968 more");
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
                  {.snapshot = *with_schema,
                   .caller = kCaller,
                   .arena = test_arena,
                   .now = 1,
                   .new_id =
                       [](Arena& arena) {
                         return arena.copy(std::string_view("id-" + std::to_string(++count)));
                       },
                   .page_key = kPageKey});
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
      {question(kView, R"(,"options":{"authentication":2})"),
       "`options.authentication` must be an"},
      {question(kView, R"(,"options":{"authentication":{}})"), "authentication.level` must be"},
      {question(kView, R"(,"options":{"authentication":{"level":"2"}})"),
       "level` must be a number"},
      {question(kView, R"(,"options":{"authentication":{"level":2.0}})"),
       "level` must be a number"},
      {question(kView, R"(,"options":{"authentication":{"level":-1}})"), "from 0 to 3"},
      {question(kView, R"(,"options":{"authentication":{"level":4}})"), "from 0 to 3"},
      {question(kView, R"(,"options":{"authentication":{"level":1,"methods":"otp"}})"),
       "`options.authentication.methods` must be a list"},
      {question(kView, R"(,"options":{"authentication":{"level":1,"methods":[1]}})"),
       "`options.authentication.methods` must be a list"},
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
        "application/json-patch+json", "json", "text/plain; application/json",
        "application/json; charset=iso-8859-1", "application/json;charset=\"utf-16\""}) {
    HttpRequest request = post(kQuestion);
    request.headers[1].value = type;
    const HttpResponse response = send(request);
    EXPECT_EQ(response.status, 400) << type;
    EXPECT_EQ(response.body, R"("`Content-Type` must be application/json, in UTF-8")") << type;
  }
  HttpRequest none = post(kQuestion);
  none.headers.pop_back();
  EXPECT_EQ(send(none).status, 400);
}

TEST_F(Endpoints, takes_json_with_parameters_and_in_any_case) {
  for (const auto type :
       {"application/json; charset=utf-8", "Application/JSON", "application/json ;x=y",
        "application/json;charset=\"UTF-8\"; x=\";charset=latin1\""}) {
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
    return response.headers.size() == 0 ? "" : (response.headers.end() - 1)->value;
  };
  for (const HttpRequest& request :
       {post(kQuestion), post("{}"), post_batch(kQuestion), get("/openapi.json"), get("/nothing"),
        get("/access/v1/evaluation"), get("/.well-known/authzen-configuration")}) {
    EXPECT_EQ(echoed(request), "abc-1") << request.path;
  }
  EXPECT_EQ(send(post(kQuestion)).headers.size(), 0U);
}

TEST_F(Endpoints, refuses_a_request_id_that_it_will_not_echo) {
  const std::string longest(256, 'x'), longer(257, 'x');
  for (const std::string_view id : {std::string_view(longer), std::string_view("a\tb"),
                                    std::string_view("\xc3\xa9"), std::string_view("a\x7f")}) {
    HttpRequest request = post(kQuestion);
    request.headers.push_back({"X-Request-ID", id});
    const HttpResponse response = send(request);
    EXPECT_EQ(response.status, 400) << id;
    EXPECT_EQ(response.headers.size(), 0U) << id;
    EXPECT_TRUE(response.body.starts_with('"')) << response.body;
  }
  for (const std::string_view id :
       {std::string_view(longest), std::string_view(""), std::string_view("Root=1-67; a, \"b\"")}) {
    HttpRequest request = post(kQuestion);
    request.headers.push_back({"X-Request-ID", id});
    EXPECT_EQ(send(request).headers[0].value, id);
  }
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
  const HttpResponse response = send(post("{}", "/openapi.json"));
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_EQ(response.headers[0].value, "GET, HEAD");
}

TEST_F(Endpoints, has_nothing_elsewhere) {
  for (const auto path :
       {"/", "/access", "/access/v1/evaluation/", "/access/v1/Evaluation",
        "/access/v1/evaluations/", "/access/v1/search/user", "/access/v1/%65valuation",
        "//access/v1/evaluation", "/healthz/", "/openapi.json/",
        "/.well-known/authzen-configuration/", "/.well-known/authzen-configuration/st-mary",
        "/.well-known/openid-configuration", "*"}) {
    const HttpResponse response = send(get(path));
    EXPECT_EQ(response.status, 404) << path;
    EXPECT_EQ(response.content_type, "application/problem+json") << path;
  }
}

TEST_F(Endpoints, has_each_tenant_below_its_own_path) {
  const auto status = [](const HttpRequest& request) {
    return answer(request, {.snapshot = *with_schema,
                            .caller = kCaller,
                            .arena = test_arena,
                            .now = 1000,
                            .new_id = fixed_id,
                            .page_key = kPageKey,
                            .base_path = "/st-mary"})
        .status;
  };
  EXPECT_EQ(status(post(kQuestion, "/st-mary/access/v1/evaluation")), 200);
  EXPECT_EQ(status(post(kQuestion, "/st-mary/access/v1/evaluations")), 200);
  EXPECT_EQ(status(get("/st-mary/openapi.json")), 200);
  EXPECT_EQ(status(get("/.well-known/authzen-configuration/st-mary")), 200);
  for (const auto path :
       {"/access/v1/evaluation", "/st-maryaccess/v1/evaluation", "/st-mary//access/v1/evaluation",
        "/St-Mary/access/v1/evaluation", "/st-john/access/v1/evaluation", "/st-mary",
        "/.well-known/authzen-configuration", "/.well-known/authzen-configuration/st-john",
        "/st-mary/.well-known/authzen-configuration"}) {
    EXPECT_EQ(status(post(kQuestion, path)), 404) << path;
  }
}

TEST_F(Endpoints, leaves_the_context_out_when_asked_to) {
  const auto reply = [](std::string_view prefer) {
    HttpRequest request = post(kQuestion);
    request.headers.push_back({"Prefer", prefer});
    return send(request);
  };
  const HttpResponse minimal = reply("return=minimal");
  EXPECT_EQ(minimal.body, R"({"decision":true})");
  ASSERT_EQ(minimal.headers.size(), 1U);
  EXPECT_EQ(minimal.headers[0].name, "Preference-Applied");
  EXPECT_EQ(minimal.headers[0].value, "return=minimal");
  const HttpResponse full = reply("return=representation");
  EXPECT_TRUE(full.body.contains("decision_id"));
  EXPECT_EQ(full.headers[0].value, "return=representation");
  for (const auto prefer : {"", "wait=10", "return", "return=all", "respond-async"}) {
    const HttpResponse response = reply(prefer);
    EXPECT_TRUE(response.body.contains("decision_id")) << prefer;
    EXPECT_EQ(response.headers.size(), 0U) << prefer;
  }
}

TEST_F(Endpoints, tells_the_obligations_of_an_allow_whatever_is_preferred) {
  const std::string asked =
      question(R"({"name":"mask"})", R"(,"options":{"obligations":["mask-identity"]})");
  HttpRequest request = post(asked);
  request.headers.push_back({"Prefer", "return=minimal"});
  EXPECT_EQ(send(request).body,
            R"({"decision":true,"context":{"obligations":["mask-identity"],"withheld":true}})");
}

TEST_F(Endpoints, does_not_apply_a_preference_to_an_error) {
  HttpRequest request = post("{}");
  request.headers.push_back({"Prefer", "return=minimal"});
  EXPECT_EQ(send(request).headers.size(), 0U);
}

TEST_F(Endpoints, takes_an_attested_authentication_from_those_who_may_attest) {
  const std::string asked =
      question(kView, R"(,"options":{"authentication":{"level":2,"methods":["otp"]}})");
  EXPECT_TRUE(ask(asked).at("decision").get_bool());
  pdp::Caller caller = kCaller;
  caller.may_attest = false;
  const HttpResponse response = answer(post(asked), {.snapshot = *with_schema,
                                                     .caller = caller,
                                                     .arena = test_arena,
                                                     .now = 1000,
                                                     .new_id = fixed_id,
                                                     .page_key = kPageKey});
  EXPECT_EQ(response.status, 403);
  EXPECT_TRUE(response.body.starts_with('"') && response.body.contains("attest"));
}

TEST_F(Endpoints, answers_for_who_acts_too) {
  const auto reply = [&](std::string_view actor) {
    const std::string options = R"(,"options":{"actor":)" + std::string(actor) + "}";
    const HttpResponse response = send(post(question(kView, options)));
    EXPECT_EQ(response.status, 200) << response.body;
    return codec::parse_json(response.body).value();
  };
  const Json both = reply(R"({"type":"User","id":"ann"})");
  EXPECT_TRUE(both.at("decision").get_bool());
  EXPECT_EQ(codec::to_json_text(both.at("context").at("actor")), R"({"type":"User","id":"ann"})");
  const Json other = reply(R"({"type":"User","id":"bob"})");
  EXPECT_FALSE(other.at("decision").get_bool());
  EXPECT_EQ(codec::to_json_text(other.at("context").at("actor")),
            R"({"type":"User","id":"bob","denied":true})");
  const Json nobody = reply(R"({"type":"Agent","id":"scribe","properties":{}})");
  EXPECT_FALSE(nobody.at("decision").get_bool());
  EXPECT_EQ(nobody.at("context").at("cause").get_string(), "actor_unknown");
  for (const auto& [options, error] :
       {std::pair(R"({"actor":{"id":"a"}})", R"("`options.actor.type` is missing")"),
        std::pair(R"({"actor":{"type":"User","id":""}})", R"("`options.actor.id` is empty")"),
        std::pair(R"({"actor":"ann"})", R"("`options.actor` must be an object")"),
        std::pair(R"({"actor":null})", R"("`options.actor` must be an object")")}) {
    const HttpResponse response =
        send(post(question(kView, R"(,"options":)" + std::string(options))));
    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(response.body, error);
  }
}

TEST_F(Endpoints, answers_for_who_acts_by_the_token) {
  const pdp::VerifiedActor bob{.type = "User", .id = "bob", .is_known = true};
  const pdp::VerifiedPrincipal ann{
      .type = "User", .id = "ann", .authentication = {2, {}}, .actor = &bob};
  const auto ask = [&](const std::string& options) {
    return answer(post(question(kView, options)), {.snapshot = *with_schema,
                                                   .caller = kCaller,
                                                   .arena = test_arena,
                                                   .now = 1000,
                                                   .new_id = fixed_id,
                                                   .page_key = kPageKey,
                                                   .verified = &ann});
  };
  const HttpResponse hidden = ask("");
  EXPECT_TRUE(hidden.body.contains(R"("decision":false)")) << hidden.body;
  EXPECT_TRUE(hidden.body.contains(R"("id":"bob","denied":true)"));
  const HttpResponse another = ask(R"(,"options":{"actor":{"type":"User","id":"ann"}})");
  EXPECT_EQ(another.status, 400);
  EXPECT_TRUE(another.body.contains("said twice, and differently"));
}

TEST_F(Endpoints, answers_about_the_person_whose_token_came_alone) {
  constexpr std::array<std::string_view, 1> kOtp = {"otp"};
  const auto asked_with = [&](const pdp::VerifiedPrincipal& verified, std::string_view path,
                              const std::string& body) {
    return answer(post(body, path), {.snapshot = *with_schema,
                                     .caller = kCaller,
                                     .arena = test_arena,
                                     .now = 1000,
                                     .new_id = fixed_id,
                                     .page_key = kPageKey,
                                     .verified = &verified});
  };
  const pdp::VerifiedPrincipal ann{.type = "User", .id = "ann", .authentication = {2, kOtp}};
  const pdp::VerifiedPrincipal bob{.type = "User", .id = "bob", .authentication = {2, kOtp}};
  EXPECT_EQ(asked_with(ann, kEvaluation, question(kView)).status, 200);
  const HttpResponse others = asked_with(bob, kEvaluation, question(kView));
  EXPECT_EQ(others.status, 400);
  EXPECT_EQ(others.body, R"("the token that came with the question is not its principal's")");
  const HttpResponse twice =
      asked_with(ann, kEvaluation, question(kView, R"(,"options":{"authentication":{"level":3}})"));
  EXPECT_EQ(twice.status, 400);
  EXPECT_TRUE(twice.body.contains("said twice"));
  // Who is not meant does not spoil the others of a batch.
  const HttpResponse batch = asked_with(
      ann, kEvaluations,
      R"({"action":{"name":"view"},"resource":{"type":"Pump","id":"p1"},"evaluations":[)"
      R"({"subject":{"type":"User","id":"ann"}},{"subject":{"type":"User","id":"bob"}}]})");
  ASSERT_EQ(batch.status, 200) << batch.body;
  const Json replies = codec::parse_json(batch.body).value();
  EXPECT_TRUE(replies.at("evaluations").at(0).at("decision").get_bool());
  EXPECT_FALSE(replies.at("evaluations").at(1).at("decision").get_bool());
  EXPECT_TRUE(batch.body.contains("is not its principal's"));
  const std::string search =
      R"({"subject":{"type":"User"},"action":{"name":"view"},"resource":{"type":"Pump","id":"p1"}})";
  EXPECT_EQ(asked_with(ann, "/access/v1/search/subject", search).status, 400);
  const std::string of_bob =
      R"({"subject":{"type":"User","id":"bob"},"action":{"name":"view"},"resource":{"type":"Pump"}})";
  EXPECT_EQ(asked_with(ann, "/access/v1/search/resource", of_bob).status, 400);
}

TEST_F(Endpoints, does_not_say_why_to_those_who_may_not_know) {
  pdp::Caller caller = kCaller;
  caller.may_explain = false;
  const std::string asked =
      question(kView, R"(,"context":{"level":1,"mood":"calm"},"options":{"reasons":true})");
  const HttpResponse response = answer(post(asked), {.snapshot = *with_schema,
                                                     .caller = caller,
                                                     .arena = test_arena,
                                                     .now = 1000,
                                                     .new_id = fixed_id,
                                                     .page_key = kPageKey});
  EXPECT_EQ(response.status, 200);
  for (const auto absent : {"\"reasons\"", "\"errors\"", "\"notes\""}) {
    EXPECT_FALSE(response.body.contains(absent)) << response.body;
  }
}

TEST_F(Endpoints, forbids_what_is_beyond_the_callers_scope) {
  pdp::Caller caller = kCaller;
  caller.scope.actions = pdp::Names(std::vector<std::string>{"stop"});
  const HttpResponse response = answer(post(kQuestion), {.snapshot = *with_schema,
                                                         .caller = caller,
                                                         .arena = test_arena,
                                                         .now = 1000,
                                                         .new_id = fixed_id,
                                                         .page_key = kPageKey});
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_TRUE(response.body.starts_with('"')) << response.body;
}

TEST_F(Endpoints, describes_its_interface) {
  const HttpResponse response = send(get("/openapi.json"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.headers[0].name, "Cache-Control");
  const auto document = codec::parse_json(response.body);
  ASSERT_TRUE(document);
  EXPECT_EQ(document->at("openapi"), "3.1.0");
  EXPECT_EQ(response.body, kOpenApi);
  EXPECT_EQ(send(post("{}", "/openapi.json")).status, 405);
}

}  // namespace
}  // namespace wardlock::authzen
