#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "api/authzen/endpoints.h"
#include "codec/json.h"

/// For the tests of this room.
namespace wardlock::authzen {

using boost::json::array;
using boost::json::object;
using codec::Json;
using net::HttpHeader;
using net::HttpRequest;
using net::HttpResponse;

inline constexpr std::string_view kEvaluation = "/access/v1/evaluation";
inline constexpr std::string_view kEvaluations = "/access/v1/evaluations";

inline constexpr std::string_view kSchema = R"(
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

inline constexpr std::string_view kPolicies = R"(
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
  @id("logged") @obligation("log") @terms("fields: place, level; within: 2m30s")
  forbid (principal, action == Action::"stop", resource) when { context.action.speed > 100 };
  @id("logged-soon") @obligation("log") @terms("fields: now, level; within: 1500ms")
  forbid (principal, action == Action::"stop", resource) when { context.action.speed > 200 };
  @id("emergency") @override("break-glass")
  permit (principal, action == Action::"service", resource)
  when { context has override };
)";

inline constexpr std::string_view kEntities = R"([
  {"uid": {"type": "Role", "id": "Staff"}, "attrs": {}, "parents": []},
  {"uid": {"type": "User", "id": "ann"}, "attrs": {"name": "Ann"},
   "parents": [{"type": "Role", "id": "Staff"}]},
  {"uid": {"type": "User", "id": "bob"}, "attrs": {}, "parents": []},
  {"uid": {"type": "Pump", "id": "p1"}, "attrs": {"inService": true}, "parents": []},
  {"uid": {"type": "Pump", "id": "p2"}, "attrs": {"inService": false}, "parents": []}
])";

inline std::shared_ptr<const pdp::Snapshot> build(bool has_schema) {
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

inline const pdp::Caller kCaller = pdp::Caller::unrestricted("anonymous");

inline const crypto::SealingKey kPageKey;

inline std::string_view fixed_id(Arena&) { return "id-1"; }

inline Arena test_arena;  ///< for all answers of a test

inline HttpResponse answer(const HttpRequest& request, const Surroundings& surroundings) {
  HttpResponse response;
  answer(request, surroundings, response);
  return response;
}

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
    return answer(request, {.snapshot = *with_schema,
                            .caller = kCaller,
                            .arena = test_arena,
                            .now = 1000,
                            .new_id = fixed_id,
                            .page_key = kPageKey});
  }

  static HttpRequest post(std::string_view body, std::string_view path = kEvaluation) {
    return {.method = "POST",
            .target = path,
            .path = path,
            .headers = {{"Host", "localhost:8180"}, {"Content-Type", "application/json"}},
            .body = body};
  }

  static HttpRequest post_batch(std::string_view body) { return post(body, kEvaluations); }

  static HttpRequest get(std::string_view path) {
    return {.method = "GET", .target = path, .path = path, .headers = {{"Host", "127.0.0.1"}}};
  }

  /// The reply to a request that is answered.
  static object reply_to(const HttpRequest& request, const pdp::Snapshot& snapshot = *with_schema) {
    const HttpResponse response = answer(request, {.snapshot = snapshot,
                                                   .caller = kCaller,
                                                   .arena = test_arena,
                                                   .now = 1000,
                                                   .new_id = fixed_id,
                                                   .page_key = kPageKey});
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(response.content_type, "application/json");
    const auto json = codec::parse_json(response.body);
    if (!json || !json->is_object()) return {};
    return json->get_object();
  }

  static object ask(std::string_view body, const pdp::Snapshot& snapshot = *with_schema) {
    return reply_to(post(body), snapshot);
  }

  /// The message for a request that is refused with 400.
  static std::string refusal_of(const HttpRequest& request) {
    const HttpResponse response = send(request);
    EXPECT_EQ(response.status, 400) << request.body;
    EXPECT_EQ(response.content_type, "application/json") << request.body;
    const auto json = codec::parse_json(response.body);
    if (!json || !json->is_string()) {
      ADD_FAILURE() << "no JSON string: " << response.body;
      return "";
    }
    return std::string(json->get_string());
  }

  static std::string refusal(std::string_view body) { return refusal_of(post(body)); }

  static inline std::shared_ptr<const pdp::Snapshot> with_schema;
  static inline std::shared_ptr<const pdp::Snapshot> without_schema;
};

/// A question of Ann's about pump 1, with members added or replaced.
inline std::string question(std::string_view action, std::string_view more = "",
                            std::string_view resource_properties = "{}") {
  return std::string(R"({"subject":{"type":"User","id":"ann"},"action":)")
      .append(action)
      .append(R"(,"resource":{"type":"Pump","id":"p1","properties":)")
      .append(resource_properties)
      .append("}")
      .append(more)
      .append("}");
}

inline constexpr std::string_view kView = R"({"name":"view"})";

/// One that is allowed; lives as long as the requests that borrow it.
inline const std::string kQuestion = question(kView);

}  // namespace wardlock::authzen
