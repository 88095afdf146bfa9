#include "api/break_glass/endpoints.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>

#include "access/grant/glass_for_test.h"
#include "access/review/tables.h"
#include "codec/json.h"
#include "directory/model/moment.h"

namespace wardlock::glass_api {
namespace {

using access::GlassForTest;
using access::kGlassMinute;
using access::name_of;
using access::tested_databases;
using access::Thing;
using administration::Deed;

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

class BreakGlassApiTest : public GlassForTest {
 protected:
  BreakGlassApiTest() : GlassForTest({access::kGlassReviewTables}) {}

  Answer ask(std::string_view method, std::string_view target, std::string_view body = {},
             std::string_view type = "application/json") {
    const std::size_t end = std::min(target.find('?'), target.size());
    const std::string path = "/break-glass/v1/" + std::string(target.substr(0, end));
    net::HttpRequest request{.method = method,
                             .target = path,
                             .path = path,
                             .query = end < target.size() ? target.substr(end + 1) : "",
                             .body = body,
                             .remote_address = "192.0.2.7"};
    request.headers.push_back({"Content-Type", type});
    const directory::Mandate mandate = by(*asker_);
    const administration::Errand errand{.registry = *registry_,
                                        .gate = gate_,
                                        .mandate = mandate,
                                        .base_url = "https://localhost",
                                        .now = now_,
                                        .sign_in = is_signed_in_ ? &sign_in_ : nullptr,
                                        .glass = is_here_ ? desk_.get() : nullptr,
                                        .reviews = &reviews_,
                                        .glass_view = &view_};
    net::HttpResponse response;
    answer(request, errand, response);
    Answer out{.status = response.status, .body = {}};
    if (!response.body.empty()) out.body = codec::parse_json(response.body).value();
    for (const auto& [name, value] : response.headers) out.headers.emplace(name, value);
    return out;
  }
  Answer open_for(const std::string& patient = "MR-200") {
    return ask("POST", "grants",
               R"({"patient":")" + patient + R"(","reason":"emergency","words":"unconscious"})");
  }

  const Thing* asker_ = &swift_;
  bool is_signed_in_ = true;
  bool is_here_ = true;
  administration::AskerSignIn sign_in_{
      .level = 2, .methods = {"otp", "pwd"}, .at_ms = now_ - kGlassMinute, .session = "s-1"};
  GateForTest gate_;
  ViewForTest view_;
  access::ReviewSurroundings review_surroundings_{.store = *store_, .directory = surroundings_};
  access::ReviewDesk reviews_{review_surroundings_};
};
WARDLOCK_ON_EACH_DATABASE(BreakGlassApiTest);

TEST_P(BreakGlassApiTest, AGrantIsAnsweredWhenDecisionsSeeIt) {
  const Answer opened = open_for();
  EXPECT_EQ(opened.status, 201);
  EXPECT_EQ(opened.at("patient"), lind_.id);
  EXPECT_EQ(opened.at("person"), swift_.id);
  EXPECT_EQ(opened.at("state"), "open");
  EXPECT_EQ(opened.at("expiresAt"), directory::to_time_text(now_ + 240 * kGlassMinute));
  EXPECT_EQ(std::to_string(view_.awaited), opened.headers.at("Wardlock-Revision"));
  EXPECT_EQ(opened.headers.at("Cache-Control"), "no-store");
  view_.is_behind = true;
  EXPECT_EQ(open_for().status, 503);
}

TEST_P(BreakGlassApiTest, OneThatOpensNothingIsNotKeptOpen) {
  view_.why = "the policies' schema declares no type `Wardlock::Grant`";
  const Answer none = open_for();
  EXPECT_EQ(none.status, 409);
  EXPECT_TRUE(none.at("detail").contains("Wardlock::Grant"));
  const auto grants = must(desk_->of_person("st-mary", swift_.id, {}, 10));
  ASSERT_EQ(grants.size(), 1U);
  EXPECT_EQ(grants.front().end, access::GlassEnd::kUnseen);
}

TEST_P(BreakGlassApiTest, AProgramAloneOpensNone) {
  is_signed_in_ = false;
  EXPECT_EQ(open_for().status, 403);
  EXPECT_TRUE(must(desk_->unended("st-mary", {}, 10)).empty());
}

TEST_P(BreakGlassApiTest, WhoMayNotAndWhoHasNotShownEnough) {
  gate_.denied = Deed::kBreakGlass;
  EXPECT_EQ(open_for().status, 403);
  gate_.denied.reset();
  sign_in_.level = 1;
  const Answer weak = open_for();
  EXPECT_EQ(weak.status, 401);
  EXPECT_TRUE(weak.headers.at("WWW-Authenticate").contains("insufficient_user_authentication"));
  sign_in_.level = 2;
  sign_in_.at_ms = now_ - 13 * access::kGlassHour;
  EXPECT_EQ(open_for().status, 401);
  EXPECT_TRUE(must(desk_->unended("st-mary", {}, 10)).empty());
}

TEST_P(BreakGlassApiTest, WhatIsMalformedIsRefused) {
  for (const std::string_view body :
       {"", "[]", "{", R"({"patient":"MR-200"})",
        R"({"patient":"MR-200","device":"x","reason":"emergency","words":"w"})",
        R"({"reason":"emergency","words":"w"})",
        R"({"patient":"MR-200","reason":"emergency","words":"w","minutes":1.5})",
        R"({"patient":"MR-200","reason":"emergency","words":"w","minutes":99999999999999})",
        R"({"patient":"MR-200","reason":"emergency","words":"w","person":"x"})",
        R"({"patient":7,"reason":"emergency","words":"w"})"}) {
    EXPECT_EQ(ask("POST", "grants", body).status, 400) << body;
  }
  EXPECT_EQ(ask("POST", "grants", R"({"words":")" + std::string(1 << 20, 'x') + "\"}").status, 400);
  EXPECT_EQ(ask("POST", "grants", R"({"patient":"MR-200"})", "text/plain").status, 400);
  EXPECT_EQ(open_for("MR-999").status, 404);
  EXPECT_EQ(open_for(swift_.id).status, 404) << "no patient";
  EXPECT_EQ(ask("PUT", "grants").status, 405);
  EXPECT_EQ(ask("PUT", "grants").headers.at("Allow"), "POST, GET");
  EXPECT_EQ(ask("GET", "grants/").status, 404);
  EXPECT_EQ(ask("GET", "nothing").status, 404);
  is_here_ = false;
  EXPECT_EQ(open_for().status, 404);
}

TEST_P(BreakGlassApiTest, GrantsOfOthersAreForWhoMayRevokeOrReviewThem) {
  const std::string id = open_for().at("id");
  const Thing other = person("other");
  asker_ = &other;
  EXPECT_EQ(ask("POST", "grants/" + id + "/end", "{}").status, 404);
  EXPECT_EQ(ask("POST", "grants/" + id + "/renew", R"({"reason":"emergency","words":"w"})").status,
            404);
  EXPECT_EQ(ask("GET", "grants/" + id).status, 200);
  gate_.denied = Deed::kReviewGrant;
  EXPECT_EQ(ask("GET", "grants/" + id).status, 200) << "who may revoke";
  gate_.denied = Deed::kRevokeGrant;
  EXPECT_EQ(ask("GET", "grants").status, 403);
  EXPECT_EQ(ask("POST", "grants/" + id + "/revoke", R"({"words":"w"})").status, 403);
  gate_.denied.reset();
  EXPECT_EQ(ask("POST", "grants/" + id + "/revoke", "{}").status, 400) << "without a word";
  EXPECT_EQ(ask("POST", "grants/" + id + "/revoke", R"({"words":"not hers"})").at("state"),
            "revoked");
  asker_ = &swift_;
  EXPECT_EQ(ask("GET", "grants/mine").body.at("items").as_array().size(), 1U);
  EXPECT_EQ(ask("POST", "grants/" + id + "/renew", R"({"reason":"emergency","words":"w"})").status,
            409);
  view_.is_behind = true;
  EXPECT_EQ(ask("POST", "grants/" + id + "/end", "{}").status, 503)
      << "that it is over is not said before it is decided so";
  EXPECT_EQ(ask("POST", "grants/" + id + "/revoke", R"({"words":"w"})").status, 503);
}

TEST_P(BreakGlassApiTest, WhatIsDescribedIsThereAndNothingElse) {
  const Answer described = ask("GET", "openapi.json");
  EXPECT_EQ(described.status, 200);
  for (const auto& [path, operations] : described.body.at("paths").as_object()) {
    std::string below = std::string(path).substr(kPrefix.size());
    if (const std::size_t id = below.find("{id}"); id != std::string::npos) {
      below.replace(id, 4, "0190e8a0-0000-7000-8000-000000000000");
    }
    for (const std::string method : {"GET", "POST", "PUT", "DELETE"}) {
      std::string name = method;
      for (char& c : name) c = static_cast<char>(c - 'A' + 'a');
      const Answer answered = ask(method, below, method == "GET" ? "" : "{}");
      EXPECT_EQ(answered.status == 405, !operations.as_object().contains(name))
          << method << " " << below;
      if (answered.status == 404) {
        EXPECT_NE(answered.at("detail"), "there is nothing here") << below;
      }
    }
  }
}

TEST_P(BreakGlassApiTest, AReviewIsSignedByWhoMayAndIsFresh) {
  const std::string id = open_for().at("id");
  ask("POST", "grants/" + id + "/end", "{}");
  must(reviews_.tend(own(), [] { return true; }));
  const std::string path = "reviews/" + id;
  EXPECT_EQ(ask("POST", path, R"({"outcome":"appropriate"})").status, 403) << "their own";
  const Thing other = person("other");
  asker_ = &other;
  EXPECT_EQ(ask("GET", path).status, 200);
  EXPECT_EQ(ask("GET", "reviews").body.at("items").as_array().size(), 1U);
  EXPECT_EQ(ask("POST", path, R"({"outcome":"fine"})").status, 400);
  EXPECT_EQ(ask("POST", path, R"({"outcome":"misuse"})").status, 400) << "without a word";
  gate_.denied = Deed::kReviewGrant;
  EXPECT_EQ(ask("GET", path).status, 403);
  EXPECT_EQ(ask("GET", "reviews").status, 403);
  EXPECT_EQ(ask("GET", "reviews/statistics").status, 403);
  EXPECT_EQ(ask("POST", path, R"({"outcome":"appropriate"})").status, 403);
  gate_.denied.reset();
  sign_in_.at_ms = now_ - 6 * kGlassMinute;
  EXPECT_EQ(ask("POST", path, R"({"outcome":"appropriate"})").status, 401);
  sign_in_.at_ms = now_;
  is_signed_in_ = false;
  EXPECT_EQ(ask("POST", path, R"({"outcome":"appropriate"})").status, 403);
  is_signed_in_ = true;
  const Answer signed_one = ask("POST", path, R"({"outcome":"appropriate"})");
  EXPECT_EQ(signed_one.status, 200);
  EXPECT_EQ(signed_one.at("state"), "signed");
  EXPECT_EQ(ask("GET", "reviews/statistics?days=0").status, 400);
  EXPECT_EQ(ask("GET", "reviews/statistics?days=7").body.at("counts").as_array().size(), 1U);
}

}  // namespace
}  // namespace wardlock::glass_api
