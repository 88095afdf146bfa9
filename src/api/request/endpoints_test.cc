#include "api/request/endpoints.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "access/grant/glass_for_test.h"
#include "access/request/role_request_desk.h"
#include "access/request/tables.h"
#include "codec/json.h"

namespace wardlock::request_api {
namespace {

using access::GlassForTest;
using access::name_of;
using access::tested_databases;
using access::Thing;
using administration::Deed;
using directory::Relation;

/// Lets all through but what `denied` names.
class RequestGateForTest final : public administration::Gate {
 public:
  Result<void> check(Deed deed, directory::Kind /*kind*/) override { return answer(deed); }
  Result<void> check(Deed deed, const Thing& /*thing*/) override { return answer(deed); }
  Result<void> check(Deed deed, directory::Relation /*relation*/, const Thing& /*subject*/,
                     const Thing& /*object*/) override {
    return answer(deed);
  }
  Result<void> check(administration::ClientDeed /*deed*/,
                     const administration::ClientStanding& /*client*/) override {
    return fail(ErrorCode::kPermissionDenied, "nobody asks for clients here");
  }
  Result<void> check(administration::PolicyDeed /*deed*/,
                     const administration::PolicyStanding& /*policies*/) override {
    return fail(ErrorCode::kPermissionDenied, "nor for policies");
  }

  Result<void> check_answer(const Thing& /*person*/, const Thing& /*role*/, bool by_owner,
                            bool gives) override {
    gave = gives;
    if (by_owner || !is_strict) return answer(Deed::kAnswerRequest);
    return fail(ErrorCode::kPermissionDenied, "owners alone");
  }

  Result<void> check_approval(const Thing& /*person*/, const Thing& /*target*/,
                              const administration::ApprovalStanding& approval) override {
    asked_class = approval.action_class;
    if (approval.by_owner || !is_strict) return answer(Deed::kAnswerApproval);
    return fail(ErrorCode::kPermissionDenied, "owners alone");
  }

  std::string asked_class;  ///< of the last approval
  std::optional<Deed> denied;
  bool is_strict = false;  ///< only owners answer
  bool gave = false;       ///< the last question was for giving, too

 private:
  Result<void> answer(Deed deed) const {
    if (deed != denied) return {};
    return fail(ErrorCode::kPermissionDenied, "not you");
  }
};

struct Answer {
  int status = 0;
  codec::Json body;
  std::map<std::string, std::string> headers = {};

  std::string at(std::string_view name) const {
    const codec::Json* const value =
        body.is_object() ? body.get_object().if_contains(name) : nullptr;
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
  }
};

/// Counts for whom it waits.
class RequestViewForTest final : public administration::GlassView {
 public:
  Result<std::optional<std::string>> await(std::string_view /*grant*/,
                                           std::uint64_t revision) override {
    awaited = revision;
    if (is_behind) return fail(ErrorCode::kUnavailable, "not yet");
    return std::optional<std::string>(why_not);
  }
  Result<directory::SeenAction> action(std::string_view name) override {
    if (name == "updateFirmware") return directory::SeenAction{"firmware", true};
    if (name == "view") return directory::SeenAction{"care", false};
    return fail(ErrorCode::kInvalidArgument, "the policies have no such action");
  }

  std::optional<std::string> why_not = "it is no break-glass grant";
  std::uint64_t awaited = 0;
  bool is_behind = false;
};

class RoleRequestApiTest : public GlassForTest {
 protected:
  RoleRequestApiTest() : GlassForTest({access::kRoleRequestTables, access::kActionRequests}) {
    relate({.relation = Relation::kOwner, .subject = physician_.id, .object = chief_.id});
    relate({.relation = Relation::kOwner, .subject = pump_.id, .object = chief_.id});
  }

  Answer ask(std::string_view method, std::string_view target, const codec::Json& body = nullptr) {
    const std::size_t end = std::min(target.find('?'), target.size());
    const std::string path = "/requests/v1/" + std::string(target.substr(0, end));
    const std::string text = body.is_null() ? "" : codec::to_json_text(body);
    net::HttpRequest request{.method = method,
                             .target = path,
                             .path = path,
                             .query = end < target.size() ? target.substr(end + 1) : "",
                             .body = text,
                             .remote_address = "192.0.2.7"};
    request.headers.push_back({"Content-Type", "application/json"});
    const directory::Mandate mandate = by(*asker_);
    const administration::AskerSignIn sign_in{
        .level = 2, .methods = {"pwd", "otp"}, .at_ms = signed_in_ms_, .session = "s-1"};
    const administration::Errand errand{.registry = *registry_,
                                        .gate = gate_,
                                        .mandate = mandate,
                                        .base_url = "https://localhost",
                                        .now = now_,
                                        .sign_in = has_signed_in_ ? &sign_in : nullptr,
                                        .role_requests = is_here_ ? &requests_ : nullptr,
                                        .glass_view = &view_};
    net::HttpResponse response;
    answer(request, errand, response);
    Answer out{.status = response.status, .body = {}};
    if (!response.body.empty()) out.body = codec::parse_json(response.body).value();
    for (const auto& [name, value] : response.headers) out.headers.emplace(name, value);
    return out;
  }
  static boost::json::object wish() {
    return {{"role", "Physician"}, {"reason", "covering"}, {"minutes", 30}, {"ticket", "T-481"}};
  }
  static boost::json::object action_wish() {
    return {{"action", "updateFirmware"}, {"device", "SN-7"}, {"reason", "recall"}};
  }
  /// The path of a request of swift's.
  std::string asked() {
    asker_ = &swift_;
    const Answer made = ask("POST", "requests", wish());
    EXPECT_EQ(made.status, 201) << made.at("detail");
    return "requests/" + made.at("id");
  }
  Answer answered(std::string_view path, std::string_view verb, const Thing& who,
                  const codec::Json& body = nullptr) {
    asker_ = &who;
    return ask("POST", std::string(path) + "/" + std::string(verb), body);
  }
  std::size_t count(std::string_view target, const Thing& who) {
    asker_ = &who;
    const Answer listed = ask("GET", target);
    EXPECT_EQ(listed.status, 200) << listed.at("detail");
    return listed.status == 200 ? listed.body.at("items").as_array().size() : 0;
  }

  access::RoleRequestSurroundings requests_surroundings_{*store_, *registry_, surroundings_};
  access::RoleRequestDesk requests_{requests_surroundings_};
  RequestGateForTest gate_;
  RequestViewForTest view_;
  const Thing physician_ = role("Physician");
  const Thing pump_ = device(device_model(organisation("acme"), "P4"), "SN-7");
  const Thing chief_ = person("chief");
  const Thing cole_ = person("cole");
  const Thing* asker_ = &swift_;
  std::int64_t signed_in_ms_ = now_;
  bool has_signed_in_ = true;
  bool is_here_ = true;
};
WARDLOCK_ON_EACH_DATABASE(RoleRequestApiTest);

TEST_P(RoleRequestApiTest, AskedShownAndApproved) {
  const Answer made = ask("POST", "requests", wish());
  ASSERT_EQ(made.status, 201) << made.at("detail");
  EXPECT_EQ(made.at("state"), "open");
  EXPECT_EQ(made.at("roleName"), "Physician");
  EXPECT_EQ(made.at("personName"), "swift");
  EXPECT_EQ(made.at("ticket"), "T-481");
  EXPECT_EQ(made.body.at("minutes").as_int64(), 30);
  EXPECT_EQ(view_.awaited, 0U) << "nothing changes for decisions";
  const std::string path = "requests/" + made.at("id");
  gate_.is_strict = true;
  const Answer given = answered(path, "approve", chief_, boost::json::object{{"words", "fine"}});
  ASSERT_EQ(given.status, 200) << given.at("detail");
  EXPECT_TRUE(gate_.gave) << "as an assignment of the role is asked";
  EXPECT_EQ(given.at("state"), "granted");
  EXPECT_EQ(given.at("words"), "fine");
  EXPECT_EQ(given.body.at("signature").at("name").as_string(), "chief");
  EXPECT_EQ(given.body.at("signature").at("meaning").as_string(), "approved");
  EXPECT_EQ(given.headers.at("Wardlock-Revision"), std::to_string(view_.awaited))
      << "decisions see it";
  EXPECT_EQ(count("requests/standing", cole_), 1U);
  view_.awaited = 0;
  const Answer over = answered(path, "end", swift_);
  ASSERT_EQ(over.status, 200) << over.at("detail");
  EXPECT_EQ(over.at("state"), "ended");
  EXPECT_EQ(over.at("closedBy"), swift_.id);
  EXPECT_EQ(over.headers.at("Wardlock-Revision"), std::to_string(view_.awaited));
  EXPECT_EQ(count("requests/standing", cole_), 0U);
  EXPECT_EQ(answered(path, "end", swift_).status, 409);
  view_.is_behind = true;
  EXPECT_EQ(answered(path, "end", swift_).status, 503)
      << "that it is over is not said before it is decided so";
}

TEST_P(RoleRequestApiTest, WhoMayNot) {
  gate_.denied = Deed::kRequestRole;
  EXPECT_EQ(ask("POST", "requests", wish()).status, 403);
  boost::json::object unknown = wish();
  unknown["role"] = "Wizard";
  EXPECT_EQ(ask("POST", "requests", unknown).status, 403) << "and is not told which there are";
  gate_.denied = std::nullopt;
  EXPECT_EQ(ask("POST", "requests", unknown).status, 404);
  const std::string path = asked();
  gate_.is_strict = true;
  EXPECT_EQ(answered(path, "approve", cole_).status, 403);
  EXPECT_EQ(answered(path, "refuse", cole_, boost::json::object{{"words", "no"}}).status, 403);
  EXPECT_EQ(answered(path, "withdraw", cole_).status, 403);
  EXPECT_EQ(answered(path, "end", cole_).status, 403);
  gate_.is_strict = false;
  EXPECT_EQ(answered(path, "approve", swift_).status, 403) << "their own";
  gate_.denied = Deed::kReadRequests;
  asker_ = &cole_;
  EXPECT_EQ(ask("GET", path).status, 404) << "as if there were none";
  EXPECT_EQ(ask("GET", "requests/standing").status, 403);
  asker_ = &swift_;
  EXPECT_EQ(ask("GET", path).status, 200);
  asker_ = &chief_;
  EXPECT_EQ(ask("GET", path).status, 200) << "who answers for the role";
}

TEST_P(RoleRequestApiTest, WhatWaitsForWhom) {
  asked();
  gate_.denied = Deed::kAnswerRequest;
  EXPECT_EQ(count("requests/to-answer", chief_), 1U);
  EXPECT_EQ(count("requests/to-answer", cole_), 0U);
  gate_.denied = std::nullopt;
  EXPECT_EQ(count("requests/to-answer", cole_), 1U) << "somebody in charge";
  EXPECT_EQ(count("requests/to-answer", swift_), 0U) << "not their own";
  EXPECT_EQ(count("requests/mine", swift_), 1U);
  EXPECT_EQ(count("requests/mine", cole_), 0U);
}

TEST_P(RoleRequestApiTest, AnAnswerIsSignedByAPerson) {
  const std::string path = asked();
  has_signed_in_ = false;
  EXPECT_EQ(answered(path, "approve", chief_).status, 403) << "a program does not";
  has_signed_in_ = true;
  signed_in_ms_ = now_ - 6 * access::kRequestMinute;
  const Answer stale = answered(path, "approve", chief_);
  EXPECT_EQ(stale.status, 401);
  EXPECT_TRUE(stale.headers.contains("WWW-Authenticate"));
  signed_in_ms_ = now_;
  EXPECT_EQ(answered(path, "refuse", chief_).status, 400) << "why?";
  const Answer refused =
      answered(path, "refuse", chief_, boost::json::object{{"words", "ask your ward"}});
  ASSERT_EQ(refused.status, 200) << refused.at("detail");
  EXPECT_FALSE(gate_.gave);
  EXPECT_EQ(refused.at("state"), "refused");
  EXPECT_EQ(answered(path, "approve", chief_).status, 409);
  EXPECT_EQ(answered(path, "withdraw", swift_).status, 409);
}

TEST_P(RoleRequestApiTest, WhatIsNotAskedAsItShouldBe) {
  using boost::json::object;
  const std::vector<std::pair<object, int>> changes = {
      {{{"role", ""}}, 400},
      {{{"role", 7}}, 400},
      {{{"role", "Wizard"}}, 404},
      {{{"reason", ""}}, 400},
      {{{"reason", nullptr}}, 400},
      {{{"reason", std::string(4097, 'x')}}, 400},
      {{{"reason", std::string(1'000'000, 'x')}}, 400},
      {{{"reason", "a\nb"}}, 400},
      {{{"minutes", 0}}, 400},
      {{{"minutes", -5}}, 400},
      {{{"minutes", 481}}, 400},
      {{{"minutes", 1e6}}, 400},
      {{{"minutes", std::int64_t{1} << 62}}, 400},
      {{{"minutes", "60"}}, 400},
      {{{"location", "nowhere"}}, 404},
      {{{"location", "a"}, {"organisation", "b"}}, 400},
      {{{"person", "cole"}}, 400},
  };
  for (const auto& [change, status] : changes) {
    object body = wish();
    for (const auto& member : change) body[member.key()] = member.value();
    EXPECT_EQ(ask("POST", "requests", body).status, status)
        << codec::to_json_text(change).substr(0, 80);
  }
  EXPECT_EQ(ask("POST", "requests").status, 400);
  EXPECT_EQ(count("requests/mine", swift_), 0U) << "nothing was asked";
  EXPECT_EQ(ask("GET", "requests/nothing").status, 404);
  EXPECT_EQ(ask("POST", "requests/nothing/approve").status, 404);
  EXPECT_EQ(ask("DELETE", "requests/nothing").status, 405);
  asked();
  EXPECT_EQ(ask("POST", "requests", wish()).status, 409) << "twice";
  is_here_ = false;
  EXPECT_EQ(ask("POST", "requests", wish()).status, 404);
}

TEST_P(RoleRequestApiTest, WhereDecisionsDoNotFollowItSaysSo) {
  const std::string path = asked();
  view_.is_behind = true;
  const Answer given = answered(path, "approve", chief_);
  EXPECT_EQ(given.status, 503);
  EXPECT_TRUE(given.headers.contains("Retry-After"));
}

TEST_P(RoleRequestApiTest, AnActionIsAskedForApprovedAndEnded) {
  view_.why_not = std::nullopt;
  const Answer made = ask("POST", "requests", action_wish());
  ASSERT_EQ(made.status, 201) << made.at("detail");
  EXPECT_EQ(made.at("action"), "updateFirmware");
  EXPECT_EQ(made.at("target"), pump_.id);
  EXPECT_EQ(made.at("targetKind"), "device");
  EXPECT_EQ(made.at("targetName"), "SN-7");
  EXPECT_EQ(made.at("role"), "");
  EXPECT_EQ(made.body.at("minutes").as_int64(), 60);
  EXPECT_EQ(view_.awaited, 0U) << "nothing changes for decisions";
  const std::string path = "requests/" + made.at("id");
  gate_.is_strict = true;
  EXPECT_EQ(answered(path, "approve", cole_).status, 403);
  EXPECT_EQ(answered(path, "approve", swift_).status, 403) << "their own";
  asker_ = &chief_;
  EXPECT_EQ(ask("GET", path).status, 200) << "who answers for the device";
  const Answer given = answered(path, "approve", chief_);
  ASSERT_EQ(given.status, 200) << given.at("detail");
  EXPECT_EQ(gate_.asked_class, "firmware");
  EXPECT_EQ(given.at("state"), "granted");
  EXPECT_EQ(given.headers.at("Wardlock-Revision"), std::to_string(view_.awaited))
      << "decisions see it";
  EXPECT_EQ(count("requests/standing", cole_), 1U);
  view_.awaited = 0;
  const Answer over = answered(path, "end", swift_);
  ASSERT_EQ(over.status, 200) << over.at("detail");
  EXPECT_EQ(over.at("state"), "ended");
  EXPECT_EQ(over.headers.at("Wardlock-Revision"), std::to_string(view_.awaited));
}

TEST_P(RoleRequestApiTest, AnApprovalThatPoliciesHaveNoUseOfIsNone) {
  const Answer made = ask("POST", "requests", action_wish());
  ASSERT_EQ(made.status, 201) << made.at("detail");
  const std::string path = "requests/" + made.at("id");
  view_.why_not = "policies do not see what it is for";
  const Answer given = answered(path, "approve", chief_);
  EXPECT_EQ(given.status, 409);
  EXPECT_TRUE(given.at("detail").contains("policies do not see what it is for"));
  asker_ = &swift_;
  EXPECT_EQ(ask("GET", path).at("state"), "lapsed");
}

TEST_P(RoleRequestApiTest, AnActionIsNotAskedForAsItShouldBe) {
  using boost::json::object;
  gate_.denied = Deed::kRequestApproval;
  EXPECT_EQ(ask("POST", "requests", action_wish()).status, 403);
  gate_.denied = std::nullopt;
  const std::vector<std::pair<object, int>> changes = {
      {{{"action", ""}}, 400},      {{{"action", 7}}, 400},         {{{"action", "fly"}}, 400},
      {{{"action", "view"}}, 409},  {{{"device", "SN-99"}}, 404},   {{{"device", ""}}, 400},
      {{{"patient", "MR-1"}}, 400}, {{{"role", "Physician"}}, 400}, {{{"minutes", 61}}, 400},
      {{{"reason", ""}}, 400},      {{{"ticket", "a b\nc"}}, 400},  {{{"person", "cole"}}, 400},
  };
  for (const auto& [change, status] : changes) {
    object body = action_wish();
    for (const auto& member : change) body[member.key()] = member.value();
    EXPECT_EQ(ask("POST", "requests", body).status, status) << codec::to_json_text(change);
  }
  boost::json::object role = wish();
  role["device"] = "SN-7";
  EXPECT_EQ(ask("POST", "requests", role).status, 400) << "a role is not for a device";
  EXPECT_EQ(count("requests/mine", swift_), 0U) << "nothing was asked";
  ask("POST", "requests", action_wish());
  EXPECT_EQ(ask("POST", "requests", action_wish()).status, 409) << "twice";
  gate_.denied = Deed::kAnswerApproval;
  EXPECT_EQ(count("requests/to-answer", cole_), 0U);
  EXPECT_EQ(count("requests/to-answer", chief_), 1U);
  gate_.denied = Deed::kAnswerRequest;
  EXPECT_EQ(count("requests/to-answer", cole_), 1U) << "somebody in charge of actions";
}

TEST_P(RoleRequestApiTest, ItsDescriptionNamesEachOperation) {
  const Answer described = ask("GET", "openapi.json");
  ASSERT_EQ(described.status, 200);
  const auto& paths = described.body.at("paths").as_object();
  for (const auto& [path, method] :
       std::vector<std::pair<std::string, std::string>>{{"requests", "post"},
                                                        {"requests/mine", "get"},
                                                        {"requests/to-answer", "get"},
                                                        {"requests/standing", "get"},
                                                        {"requests/{id}", "get"},
                                                        {"requests/{id}/approve", "post"},
                                                        {"requests/{id}/refuse", "post"},
                                                        {"requests/{id}/withdraw", "post"},
                                                        {"requests/{id}/end", "post"},
                                                        {"openapi.json", "get"}}) {
    ASSERT_TRUE(paths.contains("/requests/v1/" + path)) << path;
    EXPECT_TRUE(paths.at("/requests/v1/" + path).as_object().contains(method)) << path;
  }
}

}  // namespace
}  // namespace wardlock::request_api
