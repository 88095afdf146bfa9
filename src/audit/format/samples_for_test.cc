#include "audit/format/samples_for_test.h"

#include "event/event_for_test.h"

namespace wardlock::audit {
namespace {

using event::Event;
using event::Kind;
using event::Outcome;

constexpr std::string_view kPerson[] = {"person"};
constexpr std::string_view kAll[] = {"person", "affected", "patient"};
constexpr std::string_view kBreakGlass[] = {"break-glass-view"};
constexpr std::string_view kHostile[] = {"]\"|=<x/>\r\n", "\u202E\uFFFF\xFF \\u{a}"};

Event of_service(Kind kind) {
  return {.id = "7b1e0d5c-6c1c-4f49-9a44-0f6c6c1b7d10",
          .time = 1'795'330'000'123,
          .kind = kind,
          .node = "node-1"};
}

/// Done by a person at a workstation.
Event of_person(Kind kind) {
  Event event = of_service(kind);
  event.tenant = "st-mary";
  event.principal_type = "User";
  event.principal_id = "dr-grey";
  event.source_address = "192.0.2.77";
  event.session = "session-9";
  return event;
}

Event access(std::string_view action) {
  Event event = event::decision_for_test();
  event.action = action;
  event.resource_type = "LabReport";
  event.resource_id = "report-7";
  event.device = {};
  return event;
}

Event denied() {
  Event event = access("view");
  event.outcome = Outcome::kFailure;
  event.allowed = false;
  event.cause = "no_permit";
  event.policies = {};
  return event;
}

Event search() {
  Event event = access("view");
  event.kind = Kind::kSearch;
  event.patient = event.resource_id = event.decision_id = event.cause = {};
  event.allowed = {};
  event.policies = {};
  event.count = 17;
  return event;
}

Event log_read() {
  Event event = of_service(Kind::kLogRead);
  event.tenant = "st-mary";
  event.caller = "reports";
  event.source_address = "192.0.2.9";
  event.patient = "p-100";
  event.count = 42;
  return event;
}

Event refusal() {
  Event event = of_service(Kind::kRefusal);
  event.outcome = Outcome::kFailure;
  event.source_address = "2001:db8::17";
  event.cause = "unauthenticated";
  return event;
}

Event failed_login() {
  Event event = of_person(Kind::kLoginFailed);
  event.outcome = Outcome::kFailure;
  event.session = {};
  event.cause = "wrong_password";
  return event;
}

Event override_of(Kind kind) {
  Event event = of_person(kind);
  event.patient = "p-100";
  event.grant = "grant-4";
  event.grant_reason = "patient collapsed";
  event.grant_expires_at = 1'795'333'600'000;
  return event;
}

Event broken_glass() {
  Event event = access("view");
  event.kind = Kind::kOverrideUse;
  event.purpose = "ETREAT";
  event.cause = "override";
  event.policies = kBreakGlass;
  event.grant = "grant-4";
  event.grant_reason = "patient collapsed";
  event.grant_expires_at = 1'795'333'600'000;
  return event;
}

Event change(Kind kind, std::string_view changed, std::string_view before, std::string_view after) {
  Event event = of_person(kind);
  event.changed = changed;
  event.value_before = before;
  event.value_after = after;
  return event;
}

Event change_of(Kind kind, std::string_view changed, std::string_view before,
                std::string_view after) {
  Event event = change(kind, changed, before, after);
  event.affected_type = "Nurse";
  event.affected_id = "n-jones";
  return event;
}

Event review() {
  Event event = of_person(Kind::kReview);
  event.affected_type = "User";
  event.affected_id = "dr-brown";
  event.grant = "grant-4";
  event.reason = "justified: the patient had no pulse";
  return event;
}

Event erasure() {
  Event event = of_person(Kind::kErasure);
  event.patient = "p-100";
  event.reason = "asked for by the patient";
  return event;
}

Event retention_removal() {
  Event event = of_service(Kind::kRetentionRemoval);
  event.cause = "retention";
  event.changed = "records 0 to 4095";
  event.count = 4096;
  return event;
}

Event message() {
  Event event = of_service(Kind::kMessage);
  event.outcome = Outcome::kFailure;
  event.action = "authenticator_added";
  event.affected_type = "Nurse";
  event.affected_id = "n-jones";
  event.resource_type = "Message";
  event.resource_id = "message-7";
  event.cause = "undelivered";
  event.count = 12;
  return event;
}

Event log_key_change() {
  Event event = of_service(Kind::kLogKeyChange);
  event.changed =
      "wardlock audit log key change 1\nlog.example+1+AQ==\nlog.example+2+AQ==\n\n"
      "\u2014 log.example AAAAAQ==\n";
  return event;
}

Event spooled() {
  Event event = of_service(Kind::kSpooled);
  event.outcome = Outcome::kError;
  event.reason = "no space left on device";
  event.count = 12;
  return event;
}

/// Sealed parts that a reader has no keys for, or that nobody has.
Event without_parts(bool are_erased) {
  Event event = denied();
  event.principal_id = event.source_address = event.patient = event.resource_id = {};
  event.affected_type = "Nurse";
  (are_erased ? event.erased_parts : event.locked_parts) = kAll;
  return event;
}

Event masked() {
  Event event = access("view");
  event.principal_id = event.resource_id = event.patient = "***";
  event.source_address = "192.0.2.0/24";
  event.locked_parts = kPerson;
  return event;
}

/// What somebody writes who wants a message to say something else.
Event hostile() {
  Event event = event::full_event_for_test();
  event.node = "a b\n\u00E4";
  event.tenant = "  two  spaces ";
  event.id = "no uuid \"]|";
  event.principal_type = "<User>&";
  event.principal_id = "x\" y=\"z]\r\n<86>1 - - - - - -";
  event.action = "view|CEF:0|";
  event.reason = "]]>\x7F \x01\x1B[2J\u2028\uFFFE -->";
  event.source_address = "1.2.3.4\"><script>";
  event.notes = kHostile;
  event.policies = kHostile;
  event.purpose = "TREAT\n";
  return event;
}

}  // namespace

std::vector<Sample> sample_events() {
  Event empty;
  return {{"decision", event::decision_for_test()},
          {"decision_create", access("orderLabReport")},
          {"decision_read", access("view")},
          {"decision_update", access("edit")},
          {"decision_delete", access("remove")},
          {"decision_denied", denied()},
          {"search", search()},
          {"refusal", refusal()},
          {"log_read", log_read()},
          {"login", of_person(Kind::kLogin)},
          {"login_failed", failed_login()},
          {"logout", of_person(Kind::kLogout)},
          {"configuration_change",
           change(Kind::kConfigurationChange, "limits.decision_steps", "1000", "2000")},
          {"policy_change", change(Kind::kPolicyChange, "policies", "sha256:00", "sha256:01")},
          {"role_given", change_of(Kind::kRoleChange, "role", "", "Nurse")},
          {"role_taken", change_of(Kind::kRoleChange, "role", "Nurse", "")},
          {"user_added", change_of(Kind::kUserChange, "user", "", "active")},
          {"user_removed", change_of(Kind::kUserChange, "user", "active", "")},
          {"user_changed", change_of(Kind::kUserChange, "ward", "W2", "W3")},
          {"credential_change", change_of(Kind::kCredentialChange, "password", "", "")},
          {"override_start", override_of(Kind::kOverrideStart)},
          {"override_use", broken_glass()},
          {"override_change", override_of(Kind::kOverrideChange)},
          {"override_end", override_of(Kind::kOverrideEnd)},
          {"review", review()},
          {"erasure", erasure()},
          {"legal_hold", change(Kind::kLegalHold, "hold-2026-3", "", "2026-01-01/2026-06-30")},
          {"service_start", of_service(Kind::kServiceStart)},
          {"service_stop", of_service(Kind::kServiceStop)},
          {"spooled", spooled()},
          {"retention_removal", retention_removal()},
          {"log_key_change", log_key_change()},
          {"message", message()},
          {"full", event::full_event_for_test()},
          {"erased", without_parts(true)},
          {"locked", without_parts(false)},
          {"masked", masked()},
          {"hostile", hostile()},
          {"empty", empty}};
}

}  // namespace wardlock::audit
