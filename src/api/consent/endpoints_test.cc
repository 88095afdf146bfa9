#include "api/consent/endpoints.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/consent/consent_desk.h"
#include "access/consent/tables.h"
#include "access/delegation/tables.h"
#include "access/grant/glass_for_test.h"
#include "codec/json.h"

namespace wardlock::consent_api {
namespace {

using access::GlassForTest;
using access::name_of;
using access::tested_databases;
using access::Thing;
using administration::Deed;

/// Lets all through but what `denied` names.
class ConsentGateForTest final : public administration::Gate {
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

  std::vector<Deed> denied;

 private:
  Result<void> answer(Deed deed) const {
    if (std::ranges::find(denied, deed) == denied.end()) return {};
    return fail(ErrorCode::kPermissionDenied, "not you");
  }
};

/// Decisions that follow at once, or never.
class ConsentViewForTest final : public administration::GlassView {
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

  std::string at(const std::string& pointer) const {
    boost::system::error_code none;
    const codec::Json* const value = body.find_pointer(pointer, none);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
  }
  std::size_t entries() const {
    const codec::Json* const all = body.as_object().if_contains("entry");
    return all == nullptr ? 0 : all->as_array().size();
  }
};

class ConsentApiTest : public GlassForTest {
 protected:
  ConsentApiTest() : GlassForTest({access::kDelegationTables, access::kConsentTables}) {}

  static std::string consent(std::string_view more = "",
                             std::string_view provision = R"({"type": "deny"})",
                             std::string_view patient = "MR-200",
                             std::string_view status = "active") {
    return fmt::format(
        R"({{"resourceType": "Consent", "status": "{}", {}
        "scope": {{"coding": [{{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}}]}},
        "category": [{{"text": "x"}}], "patient": {{"reference": "Patient/{}"}},
        "policy": [{{"uri": "urn:x"}}], "provision": {}}})",
        status, more, patient, provision);
  }

  Answer ask(std::string_view method, std::string_view target, const std::string& body = "",
             std::string_view if_match = "", std::string_view type = "application/fhir+json") {
    const std::size_t end = std::min(target.find('?'), target.size());
    const std::string path = "/fhir/" + std::string(target.substr(0, end));
    net::HttpRequest request{.method = method,
                             .target = path,
                             .path = path,
                             .query = end < target.size() ? target.substr(end + 1) : "",
                             .body = body,
                             .remote_address = "192.0.2.7"};
    request.headers.push_back({"Content-Type", type});
    if (!if_match.empty()) request.headers.push_back({"If-Match", if_match});
    const directory::Mandate mandate = by(clerk_);
    const administration::Errand errand{.registry = *registry_,
                                        .gate = gate_,
                                        .mandate = mandate,
                                        .base_url = "https://localhost",
                                        .now = now_,
                                        .consents = is_here_ ? &consents_ : nullptr,
                                        .glass_view = &view_};
    net::HttpResponse response;
    answer(request, errand, response);
    Answer out{.status = response.status, .body = {}};
    if (!response.body.empty()) out.body = codec::parse_json(response.body).value();
    for (const auto& [name, value] : response.headers) out.headers.emplace(name, value);
    EXPECT_EQ(response.content_type, "application/fhir+json");
    const bool is_refused = out.at("/resourceType") == "OperationOutcome";
    EXPECT_EQ(is_refused, out.status >= 400);
    return out;
  }
  std::string enter() {
    const Answer entered = ask("POST", "Consent", consent());
    EXPECT_EQ(entered.status, 201) << codec::to_json_text(entered.body);
    return entered.at("/id");
  }
  std::string one(const std::string& id) const { return "Consent/" + id; }
  static std::string with_id(const std::string& id) { return fmt::format(R"("id": "{}",)", id); }

  ConsentGateForTest gate_;
  ConsentViewForTest view_;
  access::ConsentDesk consents_{*store_, surroundings_};
  bool is_here_ = true;
  const Thing clerk_ = person("clerk");
};
WARDLOCK_ON_EACH_DATABASE(ConsentApiTest);

TEST_P(ConsentApiTest, OneIsEnteredShownChangedAndWithdrawn) {
  const Answer entered = ask("POST", "Consent", consent());
  ASSERT_EQ(entered.status, 201) << codec::to_json_text(entered.body);
  const std::string id = entered.at("/id");
  EXPECT_EQ(entered.at("/meta/versionId"), "1");
  EXPECT_EQ(entered.at("/patient/reference"), "Patient/" + lind_.id);
  EXPECT_EQ(entered.headers.at("ETag"), "W/\"1\"");
  EXPECT_EQ(entered.headers.at("Location"), "https://localhost/fhir/Consent/" + id);
  EXPECT_EQ(entered.headers.at("Wardlock-Revision"), std::to_string(view_.awaited));
  EXPECT_EQ(ask("GET", one(id)).body, entered.body);

  const std::string other = consent(with_id(id), R"({"type": "permit"})");
  EXPECT_EQ(ask("PUT", one(id), other, "W/\"2\"").status, 412);
  EXPECT_EQ(ask("PUT", one(id), other, "nonsense").status, 400);
  EXPECT_EQ(ask("PUT", one(id), consent(), "").status, 400) << "another id than the path's";
  const Answer changed = ask("PUT", one(id), other, "W/\"1\"");
  EXPECT_EQ(changed.status, 200);
  EXPECT_EQ(changed.at("/meta/versionId"), "2");

  EXPECT_EQ(ask("DELETE", one(id), "", "W/\"1\"").status, 412);
  const Answer ended = ask("DELETE", one(id));
  EXPECT_EQ(ended.at("/status"), "inactive");
  const Answer history = ask("GET", one(id) + "/_history");
  EXPECT_EQ(history.at("/type"), "history");
  EXPECT_EQ(history.entries(), 3);
  EXPECT_EQ(history.at("/entry/2/resource/provision/type"), "deny");
}

TEST_P(ConsentApiTest, TheyAreFoundByPatientAndStatus) {
  const std::string id = enter();
  ask("DELETE", one(enter()));
  EXPECT_EQ(ask("GET", "Consent?patient=MR-200").entries(), 2);
  EXPECT_EQ(ask("GET", "Consent?patient=Patient/" + lind_.id + "&status=active")
                .at("/entry/0/resource/id"),
            id);
  EXPECT_EQ(ask("GET", "Consent?patient=MR-200&status=draft").entries(), 0);
  EXPECT_EQ(ask("GET", "Consent").status, 400);
  EXPECT_EQ(ask("GET", "Consent?patient=MR-200&status=good").status, 400);
  EXPECT_EQ(ask("GET", "Consent?patient=MR-200&actor=x").status, 400) << "what is not looked at";
  EXPECT_EQ(ask("GET", "Consent?patient=MR-999").status, 404);
}

TEST_P(ConsentApiTest, FaultsNameTheElement) {
  const Answer refused =
      ask("POST", "Consent", consent("", R"({"type": "deny", "dataPeriod": {}})"));
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.at("/issue/0/expression/0"), "Consent.provision.dataPeriod");
  EXPECT_EQ(refused.at("/issue/0/code"), "invalid");
  EXPECT_EQ(ask("POST", "Consent", consent("", R"({"type": "deny"})", "MR-999"))
                .at("/issue/0/diagnostics")
                .empty(),
            false);
  EXPECT_EQ(ask("POST", "Consent", std::string(1'000'000, 'x')).status, 400);
  EXPECT_EQ(ask("POST", "Consent", "{").status, 400);
  EXPECT_EQ(ask("POST", "Consent", consent(), "", "text/plain").status, 400);
  EXPECT_EQ(ask("GET", "Consent?patient=MR-200").entries(), 0) << "nothing was kept";
}

TEST_P(ConsentApiTest, WhoMayNotIsToldNothing) {
  const std::string id = enter();
  gate_.denied = {Deed::kReadConsents};
  EXPECT_EQ(ask("GET", one(id)).status, 404);
  EXPECT_EQ(ask("GET", one(id) + "/_history").status, 404);
  EXPECT_EQ(ask("GET", "Consent?patient=MR-200").status, 403);
  EXPECT_EQ(ask("GET", "Consent?patient=MR-999").status, 403) << "as if there were such a patient";
  EXPECT_EQ(ask("DELETE", one(id)).status, 404);
  gate_.denied = {Deed::kEnterConsent};
  EXPECT_EQ(ask("POST", "Consent", consent()).status, 403);
  EXPECT_EQ(ask("POST", "Consent", "{").status, 403) << "before the body is read";
  EXPECT_EQ(ask("PUT", one(id), consent(with_id(id))).status, 403);
  EXPECT_EQ(ask("DELETE", one(id)).status, 403);
  EXPECT_EQ(ask("GET", one(id)).at("/meta/versionId"), "1");
}

TEST_P(ConsentApiTest, TheAnswerWaitsForDecisions) {
  view_.is_behind = true;
  EXPECT_EQ(ask("POST", "Consent", consent()).status, 503);
  view_.is_behind = false;
  view_.why = "policies do not see the patient";
  const Answer refused = ask("POST", "Consent", consent());
  EXPECT_EQ(refused.status, 409);
  EXPECT_TRUE(refused.at("/issue/0/diagnostics").contains("do not see the patient"));
  EXPECT_EQ(ask("GET", "Consent?patient=MR-200&status=inactive").entries(), 1);
  EXPECT_EQ(ask("POST", "Consent", consent("", R"({"type": "deny"})", "MR-200", "draft")).status,
            201)
      << "a draft need not be seen";
  EXPECT_EQ(
      ask("POST", "Consent", consent("", R"({"type": "deny", "period": {"end": "1999"}})")).status,
      201)
      << "nor what is over";
}

TEST_P(ConsentApiTest, ThereIsNothingElse) {
  EXPECT_EQ(ask("GET", "metadata").at("/resourceType"), "CapabilityStatement");
  EXPECT_EQ(ask("GET", "Patient").status, 404);
  EXPECT_EQ(ask("GET", "Consent/none").status, 404);
  EXPECT_EQ(ask("PUT", "Consent/none", consent(with_id("none"))).status, 404);
  const Answer patched = ask("PATCH", "Consent/none");
  EXPECT_EQ(patched.status, 405);
  EXPECT_TRUE(patched.headers.at("Allow").contains("PUT"));
  is_here_ = false;
  EXPECT_EQ(ask("GET", "Consent?patient=MR-200").status, 404);
}

}  // namespace
}  // namespace wardlock::consent_api
