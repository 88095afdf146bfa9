#include "event/event_for_test.h"

#include <algorithm>

#include "base/check.h"
#include "crypto/keyed_hash.h"
#include "crypto/random.h"
#include "event/canonical_json.h"

namespace wardlock::event {
namespace {

constexpr std::string_view kMethods[] = {"otp", "pwd"};
constexpr std::string_view kPolicies[] = {"treat-own-patients", "night shift"};
constexpr std::string_view kObligations[] = {"show-banner"};
constexpr std::string_view kConsents[] = {"c-1#1.2"};
constexpr std::string_view kNotes[] = {"`context.rate` was left out", "", "\"quoted\"\n"};

}  // namespace

Event decision_for_test() {
  Event event;
  event.id = "5d8f0c7e-3f0b-4a52-9d39-0c6f3d1f1a10";
  event.time = 1'795'330'000'123;
  event.kind = Kind::kDecision;
  event.outcome = Outcome::kSuccess;
  event.record_class = "care";
  event.tenant = "st-mary";
  event.node = "node-1";
  event.principal_type = "User";
  event.principal_id = "dr-grey";
  event.caller = "infusion-gateway";
  event.source_address = "192.0.2.77";
  event.authentication_level = 2;
  event.authentication_methods = kMethods;
  event.action = "changeDose";
  event.purpose = "TREAT";
  event.resource_type = "Pump";
  event.resource_id = "pump-of-p-100";
  event.patient = "p-100";
  event.device = "pump-12";
  event.decision_id = "0e2b6f0e-93c3-4b5e-8f0d-0f2a6a1f6f33";
  event.allowed = true;
  event.cause = "permit";
  event.policies = kPolicies;
  event.policy_set = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
  event.revision = 1047;
  event.trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
  return event;
}

Event full_event_for_test() {
  Event event = decision_for_test();
  event.kind = Kind::kOverrideUse;
  event.location = "ward-7";
  event.session = "session-9";
  event.authentication_time = 1'795'329'999'000;
  event.affected_type = "Nurse";
  event.affected_id = "n-jones";
  event.reason = "the pump's alarm; \xE2\x82\xAC 5 \x01\x7F";
  event.count = 3;
  event.directory_revision = 88;
  event.obligations = kObligations;
  event.consents = kConsents;
  event.notes = kNotes;
  event.grant = "grant-4";
  event.grant_reason = "patient collapsed";
  event.grant_expires_at = 1'795'333'600'000;
  event.changed = "role";
  event.value_before = "student";
  event.value_after = "nurse";
  return event;
}

std::string json_for_test(const Event& event) {
  std::string out;
  CHECK(write_event(event, out).has_value());
  return out;
}

SubjectKey key_for_test(const Subject& subject) {
  const auto hash = [&](std::string_view purpose) {
    return crypto::keyed_hash({}, purpose, {subject.tenant, subject.type, subject.id});
  };
  SubjectKey key{.key = crypto::SymmetricKey(hash("key"))};
  std::ranges::copy_n(hash("id").begin(), key.id.size(), key.id.begin());
  return key;
}

std::string KeysForTest::seal(const Event& event) {
  std::string draft, record;
  CHECK(write_draft(event, draft).has_value());
  const DraftView view = read_draft(draft).value();
  std::vector<SubjectKey> keys;
  for (const DraftPart& part : view.parts()) {
    keys.push_back(key_for_test(part.subject));
    known_.push_back({.key = keys.back()});
  }
  RecordRandom random;
  crypto::fill_random(random);
  seal_record(view, keys, random, record);
  return record;
}

void KeysForTest::set(const Subject& subject, Answer answer) {
  const KeyId id = key_for_test(subject).id;
  for (Known& known : known_) {
    if (known.key.id == id) known.answer = answer;
  }
}

Result<KeyLookup::Answer> KeysForTest::find(const KeyId& id, crypto::SymmetricKey& key) {
  for (const Known& known : known_) {
    if (known.key.id != id) continue;
    key = known.key.key;
    return known.answer;
  }
  return Answer::kMissing;
}

}  // namespace wardlock::event
