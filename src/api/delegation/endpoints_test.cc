#include "api/delegation/endpoints.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "access/delegation/delegation_desk.h"
#include "access/delegation/tables.h"
#include "access/grant/glass_for_test.h"
#include "codec/json.h"
#include "directory/model/moment.h"

namespace wardlock::delegation_api {
namespace {

using access::GlassForTest;
using access::kGlassHour;
using access::name_of;
using access::tested_databases;
using access::Thing;
using administration::Deed;
using directory::to_time_text;

/// Lets all through but what `denied` names.
class GateForTest final : public administration::Gate {
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

  std::optional<Deed> denied;

 private:
  Result<void> answer(Deed deed) const {
    if (deed != denied) return {};
    return fail(ErrorCode::kPermissionDenied, "not you");
  }
};

/// Decisions that follow at once, or never.
class ViewForTest final : public administration::GlassView {
 public:
  Result<std::optional<std::string>> await(std::string_view /*grant*/,
                                           std::uint64_t revision) override {
    awaited = revision;
    if (is_behind) return fail(ErrorCode::kUnavailable, "not yet");
    return why;
  }

  std::uint64_t awaited = 0;
  bool is_behind = false;
  std::optional<std::string> why;
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

class DelegationApiTest : public GlassForTest {
 protected:
  DelegationApiTest() : GlassForTest({access::kDelegationTables}) {}

  Answer ask(std::string_view method, std::string_view target, const codec::Json& body = nullptr,
             std::string_view type = "application/json") {
    const std::size_t end = std::min(target.find('?'), target.size());
    const std::string path = "/delegations/v1/" + std::string(target.substr(0, end));
    const std::string text = body.is_null() ? "" : codec::to_json_text(body);
    net::HttpRequest request{.method = method,
                             .target = path,
                             .path = path,
                             .query = end < target.size() ? target.substr(end + 1) : "",
                             .body = text,
                             .remote_address = "192.0.2.7"};
    request.headers.push_back({"Content-Type", type});
    const directory::Mandate mandate = by(*asker_);
    const administration::Errand errand{.registry = *registry_,
                                        .gate = gate_,
                                        .mandate = mandate,
                                        .base_url = "https://localhost",
                                        .now = now_,
                                        .delegations = is_here_ ? &delegations_ : nullptr,
                                        .glass_view = &view_};
    net::HttpResponse response;
    answer(request, errand, response);
    Answer out{.status = response.status, .body = {}};
    if (!response.body.empty()) out.body = codec::parse_json(response.body).value();
    for (const auto& [name, value] : response.headers) out.headers.emplace(name, value);
    return out;
  }
  boost::json::object care() const {
    return {{"from", {{"patient", "MR-200"}}},
            {"to", {{"person", "reyes"}}},
            {"actions", {"view"}},
            {"endsAt", to_time_text(now_ + kGlassHour)}};
  }
  Answer make() { return ask("POST", "delegations", care()); }
  std::size_t count(std::string_view target) {
    const Answer listed = ask("GET", target);
    EXPECT_EQ(listed.status, 200) << listed.at("detail");
    return listed.status == 200 ? listed.body.at("items").as_array().size() : 0;
  }

  GateForTest gate_;
  ViewForTest view_;
  access::DelegationDesk delegations_{*store_, surroundings_};
  const Thing reyes_ = person("reyes");
  const Thing cole_ = person("cole");
  const Thing* asker_ = &swift_;
  bool is_here_ = true;
};
WARDLOCK_ON_EACH_DATABASE(DelegationApiTest);

TEST_P(DelegationApiTest, OneIsMadeShownAndEnded) {
  const Answer made = make();
  ASSERT_EQ(made.status, 201) << made.at("detail");
  EXPECT_EQ(made.at("state"), "open");
  EXPECT_EQ(made.body.at("from").at("patient").as_string(), lind_.id);
  EXPECT_EQ(made.body.at("for").at("patient").as_string(), lind_.id);
  EXPECT_EQ(made.body.at("to").at("person").as_string(), reyes_.id);
  EXPECT_EQ(made.at("madeBy"), swift_.id);
  EXPECT_EQ(made.headers.at("Wardlock-Revision"), std::to_string(view_.awaited))
      << "decisions see it";
  const std::string path = "delegations/" + made.at("id");
  asker_ = &reyes_;
  gate_.denied = Deed::kReadDelegations;
  EXPECT_EQ(count("delegations/mine"), 1U);
  EXPECT_EQ(ask("GET", path).status, 200) << "without being asked who may";
  gate_.denied = Deed::kRevokeDelegation;
  const Answer ended = ask("POST", path + "/revoke", {{"words", "not needed"}});
  ASSERT_EQ(ended.status, 200) << ended.at("detail");
  EXPECT_EQ(ended.at("state"), "revoked");
  EXPECT_EQ(ended.at("endedBy"), reyes_.id);
  EXPECT_EQ(ended.headers.at("Wardlock-Revision"), std::to_string(view_.awaited));
  EXPECT_EQ(ask("POST", path + "/revoke").status, 409);
  view_.is_behind = true;
  EXPECT_EQ(ask("POST", path + "/revoke").status, 503)
      << "that it is over is not said before it is decided so";
}

TEST_P(DelegationApiTest, WhoMayNot) {
  gate_.denied = Deed::kDelegate;
  EXPECT_EQ(make().status, 403);
  boost::json::object nobodys = care();
  nobodys["from"] = {{"patient", "MR-999"}};
  EXPECT_EQ(ask("POST", "delegations", nobodys).status, 403) << "and is not told who there is";
  gate_.denied = std::nullopt;
  EXPECT_EQ(ask("POST", "delegations", nobodys).status, 404);
  const std::string path = "delegations/" + make().at("id");
  asker_ = &cole_;
  gate_.denied = Deed::kReadDelegations;
  EXPECT_EQ(ask("GET", path).status, 404) << "as if there were none";
  EXPECT_EQ(ask("POST", path + "/revoke").status, 404);
  EXPECT_EQ(ask("GET", "delegations?patient=MR-200").status, 403);
  EXPECT_EQ(ask("GET", "delegations?patient=nobody").status, 403) << "and is not told who there is";
  EXPECT_EQ(count("delegations/mine"), 0U);
  gate_.denied = Deed::kRevokeDelegation;
  EXPECT_EQ(ask("POST", path + "/revoke").status, 403);
  EXPECT_EQ(count("delegations?patient=MR-200"), 1U);
  EXPECT_EQ(count("delegations?person=reyes"), 1U);
  EXPECT_EQ(count("delegations?person=cole"), 0U);
  gate_.denied = std::nullopt;
  EXPECT_EQ(ask("POST", path + "/revoke").status, 200) << "somebody in charge";
}

TEST_P(DelegationApiTest, WhatIsNotAskedAsItShouldBe) {
  using boost::json::object;
  const std::vector<std::pair<object, int>> changes = {
      {{{"to", nullptr}}, 400},
      {{{"to", "reyes"}}, 400},
      {{{"to", {{"person", ""}}}}, 400},
      {{{"to", {{"patient", "MR-200"}}}}, 400},
      {{{"to", {{"person", "reyes"}, {"patient", "MR-200"}}}}, 400},
      {{{"to", {{"person", "nobody"}}}}, 404},
      {{{"from", {{"patient", "MR-999"}}}}, 404},
      {{{"from", {{"device", "x"}}}}, 400},
      {{{"for", {{"person", "cole"}}}}, 400},
      {{{"for", {{"patient", "MR-999"}}}}, 404},
      {{{"actions", boost::json::array()}}, 400},
      {{{"actions", "view"}}, 400},
      {{{"actions", {7}}}, 400},
      {{{"endsAt", "tomorrow"}}, 400},
      {{{"endsAt", ""}}, 400},
      {{{"endsAt", "2020-01-01T00:00:00Z"}}, 400},
      {{{"endsAt", "9999-01-01T00:00:00Z"}}, 400},
      {{{"beginsAt", 7}}, 400},
      {{{"onward", "yes"}}, 400},
      {{{"words", "a\nb"}}, 400},
      {{{"words", std::string(1'000'000, 'x')}}, 400},
      {{{"passesOn", "nothing"}}, 404},
      {{{"delegator", "lind"}}, 400},
  };
  for (const auto& [change, status] : changes) {
    object body = care();
    for (const auto& member : change) body[member.key()] = member.value();
    EXPECT_EQ(ask("POST", "delegations", body).status, status)
        << codec::to_json_text(change).substr(0, 80);
  }
  object body = care();
  body.erase("endsAt");
  EXPECT_EQ(ask("POST", "delegations", body).status, 400);
  EXPECT_EQ(ask("POST", "delegations", care(), "text/plain").status, 400);
  EXPECT_EQ(count("delegations?patient=MR-200"), 0U) << "nothing was made";
  EXPECT_EQ(ask("GET", "delegations").status, 400) << "of whom?";
  EXPECT_EQ(ask("GET", "delegations/nothing").status, 404);
  EXPECT_EQ(ask("POST", "delegations/nothing/revoke").status, 404);
  EXPECT_EQ(ask("DELETE", "delegations/nothing").status, 405);
  EXPECT_EQ(ask("GET", "nothing").status, 404);
  is_here_ = false;
  EXPECT_EQ(make().status, 404);
}

TEST_P(DelegationApiTest, OneThatWouldAllowNothingIsNotKeptOpen) {
  view_.why = "the policies' schema declares no type `Wardlock::Delegation`";
  const Answer made = make();
  EXPECT_EQ(made.status, 409);
  EXPECT_TRUE(made.at("detail").contains("Wardlock::Delegation"));
  view_.why = std::nullopt;
  const Answer listed = ask("GET", "delegations?patient=MR-200");
  ASSERT_EQ(listed.status, 200);
  EXPECT_EQ(listed.body.at("items").at(0).at("state").as_string(), "unseen");
}

TEST_P(DelegationApiTest, WhereDecisionsDoNotFollowItSaysSo) {
  view_.is_behind = true;
  const Answer made = make();
  EXPECT_EQ(made.status, 503);
  EXPECT_TRUE(made.headers.contains("Retry-After"));
}

TEST_P(DelegationApiTest, ItsDescriptionNamesEachOperation) {
  const Answer described = ask("GET", "openapi.json");
  ASSERT_EQ(described.status, 200);
  const auto& paths = described.body.at("paths").as_object();
  for (const auto& [path, method] :
       std::vector<std::pair<std::string, std::string>>{{"delegations", "get"},
                                                        {"delegations", "post"},
                                                        {"delegations/mine", "get"},
                                                        {"delegations/{id}", "get"},
                                                        {"delegations/{id}/revoke", "post"},
                                                        {"openapi.json", "get"}}) {
    ASSERT_TRUE(paths.contains("/delegations/v1/" + path)) << path;
    EXPECT_TRUE(paths.at("/delegations/v1/" + path).as_object().contains(method)) << path;
  }
}

}  // namespace
}  // namespace wardlock::delegation_api
