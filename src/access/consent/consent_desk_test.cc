#include "access/consent/consent_desk.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "access/consent/kept_open_consents.h"
#include "access/consent/tables.h"
#include "access/delegation/tables.h"
#include "access/grant/glass_for_test.h"
#include "codec/json.h"
#include "directory/model/moment.h"
#include "directory/registry/read_from.h"

namespace wardlock::access {
namespace {

using directory::OpenGrant;

/// A hospital in which patients consent, on each kind of database; the clock stands still.
class ConsentDeskTest : public GlassForTest {
 protected:
  ConsentDeskTest() : GlassForTest({kDelegationTables, kConsentTables}) {}

  static WrittenConsent written(std::string_view patient = "MR-200",
                                std::string_view provision = R"({"type": "deny"})",
                                std::string_view status = "active") {
    const std::string text = fmt::format(
        R"({{"resourceType": "Consent", "status": "{}",
        "scope": {{"coding": [{{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}}]}},
        "category": [{{"text": "x"}}], "patient": {{"reference": "Patient/{}"}},
        "policy": [{{"uri": "urn:x"}}], "provision": {}}})",
        status, patient, provision);
    return must(read_consent(codec::parse_json(text).value()));
  }
  static std::string denying(std::string_view actor) {
    return fmt::format(R"({{"type": "deny", "actor": [{{"role": {{"coding": [{{
      "system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "IRCP"}}]}},
      "reference": {{"reference": "{}"}}}}]}})",
                       actor);
  }
  KeptConsent enter(const WrittenConsent& consent = written()) {
    return must(desk_->enter(by(clerk_), consent)).consent;
  }
  std::optional<OpenGrant> seen(const std::string& id) {
    return must(directory::read_from<std::optional<OpenGrant>>(
        *store_, [&](storage::Work& work) { return open_.read(work, mandate_.tenant, id); }));
  }
  std::vector<std::string> of(const Thing& patient, std::string_view status = "") {
    std::vector<std::string> ids;
    for (const auto& each : must(desk_->of(mandate_.tenant, patient.id, status, "", 100))) {
      ids.push_back(each.id);
    }
    return ids;
  }

  std::unique_ptr<ConsentDesk> desk_ = std::make_unique<ConsentDesk>(*store_, surroundings_);
  KeptOpenConsents open_;
  const Thing clerk_ = person("clerk");
};
WARDLOCK_ON_EACH_DATABASE(ConsentDeskTest);

using Ids = std::vector<std::string>;

TEST_P(ConsentDeskTest, OneIsKeptToldAndSeen) {
  const ChangedConsent entered =
      must(desk_->enter(by(clerk_), written("MR-200", denying("Practitioner/swift"))));
  const KeptConsent kept = must(desk_->find(mandate_.tenant, entered.consent.id));
  EXPECT_EQ(kept.version, 1);
  EXPECT_EQ(kept.patient, lind_.id);
  EXPECT_EQ(kept.made_by, clerk_.id);
  EXPECT_TRUE(kept.document.contains("Patient/" + lind_.id));
  EXPECT_TRUE(kept.document.contains("Practitioner/" + swift_.id));
  EXPECT_EQ(feed().back().kind, directory::kOpenConsentEntry);
  EXPECT_EQ(feed().back().revision, entered.revision);
  const std::string event = last_event();
  for (const std::string& part :
       {std::string("user_change"), std::string("put_consent"), kept.id, lind_.id, clerk_.id}) {
    EXPECT_TRUE(event.contains(part)) << part << " in " << event;
  }
  const auto open = seen(kept.id);
  ASSERT_TRUE(open && open->consent);
  EXPECT_EQ(open->target, lind_.id);
  EXPECT_EQ(open->expires_ms, directory::kEndOfTime);
  EXPECT_EQ(open->consent->front().actors, Ids{swift_.id});
  EXPECT_EQ(of(lind_), Ids{kept.id});
}

TEST_P(ConsentDeskTest, NamesThatAreNobodysAreRefused) {
  for (const auto& [consent, element] :
       {std::pair(written("MR-999"), "`Consent.patient`"),
        std::pair(written("MR-200", denying("Practitioner/nobody")),
                  "`Consent.provision.actor[0].reference`"),
        std::pair(written("MR-200", denying("Organization/swift")),
                  "`Consent.provision.actor[0].reference`")}) {
    const auto refused = desk_->enter(by(clerk_), consent);
    EXPECT_EQ(code_of(refused), ErrorCode::kInvalidArgument);
    EXPECT_TRUE(refused.error().message.starts_with(element)) << refused.error().message;
  }
  EXPECT_EQ(of(lind_), Ids());
}

TEST_P(ConsentDeskTest, RolesAndGroupsAreKnownByTheirNames) {
  for (const auto& [named, reference] :
       {std::pair(role("Researcher"), "PractitionerRole/Researcher"),
        std::pair(group("Visitors"), "Group/Visitors")}) {
    const KeptConsent kept = enter(written("MR-200", denying(reference)));
    EXPECT_EQ(seen(kept.id)->consent->front().actors, Ids{named.id});
  }
}

TEST_P(ConsentDeskTest, AnotherTenantHasNone) {
  const KeptConsent kept = enter();
  EXPECT_EQ(code_of(desk_->find("other", kept.id)), ErrorCode::kNotFound);
  EXPECT_TRUE(must(desk_->versions("other", kept.id)).empty());
  directory::Mandate foreign = by(clerk_);
  foreign.tenant = "other";
  EXPECT_EQ(code_of(desk_->withdraw(foreign, kept.id, std::nullopt)), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(desk_->replace(foreign, kept.id, std::nullopt, written())),
            ErrorCode::kNotFound);
  EXPECT_EQ(code_of(desk_->enter(foreign, written())), ErrorCode::kInvalidArgument);
}

TEST_P(ConsentDeskTest, VersionsFollowEachOther) {
  const KeptConsent first = enter();
  EXPECT_EQ(code_of(desk_->replace(by(clerk_), first.id, 2, written())), ErrorCode::kAborted);
  const auto second =
      must(desk_->replace(by(clerk_), first.id, 1, written("MR-200", R"({"type": "permit"})")));
  EXPECT_EQ(second.consent.version, 2);
  EXPECT_TRUE(seen(first.id)->consent->front().permits);
  const auto third = must(desk_->withdraw(by(clerk_), first.id, 2));
  EXPECT_EQ(third.consent.status, "inactive");
  EXPECT_TRUE(third.consent.document.contains("inactive"));
  EXPECT_FALSE(seen(first.id));
  EXPECT_TRUE(last_event().contains("end_consent"));
  EXPECT_EQ(must(desk_->withdraw(by(clerk_), first.id, std::nullopt)).consent.version, 3)
      << "it is";
  const auto versions = must(desk_->versions(mandate_.tenant, first.id));
  ASSERT_EQ(versions.size(), 3);
  EXPECT_EQ(versions.back().document, first.document) << "nothing is taken away";
  EXPECT_EQ(of(lind_, "active"), Ids());
  EXPECT_EQ(of(lind_, "inactive"), Ids{first.id});
}

TEST_P(ConsentDeskTest, ItStaysThePatients) {
  const KeptConsent kept = enter();
  patient("MR-300");
  EXPECT_EQ(code_of(desk_->replace(by(clerk_), kept.id, std::nullopt, written("MR-300"))),
            ErrorCode::kInvalidArgument);
}

TEST_P(ConsentDeskTest, OnlyActiveOnesCount) {
  for (const std::string_view status :
       {"draft", "proposed", "rejected", "inactive", "entered-in-error"}) {
    EXPECT_FALSE(seen(enter(written("MR-200", R"({"type": "deny"})", status)).id)) << status;
  }
}

TEST_P(ConsentDeskTest, ItEndsWithItsPeriod) {
  const KeptConsent kept =
      enter(written("MR-200", R"({"type": "deny", "period": {"end": "2030-01-01"}})"));
  EXPECT_EQ(seen(kept.id)->expires_ms, directory::parse_time("2030-01-02T00:00:00Z"));
}

TEST_P(ConsentDeskTest, OfAMergedPatientItIsTheOthers) {
  const KeptConsent kept = enter();
  const Thing other = patient("MR-300");
  merge(lind_, other);
  EXPECT_EQ(seen(kept.id)->target, other.id) << "at once";
  EXPECT_EQ(must(desk_->tend(own(), [] { return true; })), 1);
  EXPECT_EQ(must(desk_->tend(own(), [] { return true; })), 0);
  EXPECT_EQ(of(other), Ids{kept.id});
  const KeptConsent carried = must(desk_->find(mandate_.tenant, kept.id));
  EXPECT_EQ(carried.version, 2);
  EXPECT_TRUE(carried.document.contains("Patient/" + other.id));
  EXPECT_TRUE(last_event().contains("carry_over"));
  EXPECT_EQ(code_of(desk_->tend(own(), [] { return false; })), ErrorCode::kCancelled);
}

TEST_P(ConsentDeskTest, SoManyMayBeActive) {
  for (std::size_t i = 0; i < kMostActiveConsents; ++i) enter();
  EXPECT_EQ(code_of(desk_->enter(by(clerk_), written())), ErrorCode::kFailedPrecondition);
  const std::string one = of(lind_).front();
  must(desk_->withdraw(by(clerk_), one, std::nullopt));
  enter();
  EXPECT_EQ(code_of(desk_->replace(by(clerk_), one, std::nullopt, written())),
            ErrorCode::kFailedPrecondition);
}

}  // namespace
}  // namespace wardlock::access
