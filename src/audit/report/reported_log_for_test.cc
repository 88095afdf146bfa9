#include "audit/report/reported_log_for_test.h"

#include "audit/report/document.h"
#include "audit/report/page.h"

namespace wardlock::audit {
namespace {

using event::Event;
using event::Kind;
using event::Outcome;

Event base(int number, Kind kind) {
  static constexpr std::string_view kIds[] = {"e-0", "e-1", "e-2", "e-3", "e-4",  "e-5",
                                              "e-6", "e-7", "e-8", "e-9", "e-10", "e-11"};
  return Event{.id = kIds[number],
               .time = kReportedFrom + std::int64_t{number} * 1000,
               .kind = kind,
               .tenant = "st-mary",
               .node = "node-1",
               .principal_type = "User",
               .principal_id = "dr-grey",
               .source_address = "192.0.2.77"};
}

Event access(int number, std::string_view patient, std::string_view device) {
  static constexpr std::string_view kPolicies[] = {"treat-own-patients"};
  Event event = base(number, Kind::kDecision);
  event.action = "view";
  event.resource_type = "LabReport";
  event.resource_id = "lab-1";
  event.patient = patient;
  event.device = device;
  event.decision_id = "d-7";
  event.allowed = true;
  event.policies = kPolicies;
  return event;
}

Event denied(Event event) {
  event.outcome = Outcome::kFailure;
  event.allowed = false;
  event.cause = "no_permit";
  return event;
}

Event override_event(int number, Kind kind) {
  Event event = access(number, "p-100", "pump-12");
  event.kind = kind;
  event.grant = "grant-4";
  event.grant_reason = "patient collapsed, no other physician on the ward";
  event.grant_expires_at = kReportedFrom + 3'600'000;
  return event;
}

Event change(int number, Kind kind, std::string_view what, std::string_view after) {
  Event event = base(number, kind);
  event.principal_id = "admin-ann";
  event.affected_type = "User";
  event.affected_id = "n-jones";
  event.changed = what;
  event.value_after = after;
  return event;
}

Event review(int number) {
  Event event = base(number, Kind::kReview);
  event.principal_id = "officer-li";
  event.affected_type = "User";
  event.affected_id = "dr-grey";
  event.grant = "grant-4";
  event.reason = "justified: the alarm log agrees";
  return event;
}

}  // namespace

std::vector<Event> reported_events_for_test() {
  return {change(0, Kind::kUserChange, "name", "<script>alert(1)</script>"),
          change(1, Kind::kRoleChange, "role", "nurse"),
          change(2, Kind::kCredentialChange, "password", ""),
          access(3, "p-100", "pump-12"),
          denied(access(4, "p-100", "")),
          access(5, "p-200", "pump-12"),
          override_event(6, Kind::kOverrideStart),
          override_event(7, Kind::kOverrideUse),
          override_event(8, Kind::kOverrideUse),
          override_event(9, Kind::kOverrideEnd),
          review(10),
          base(11, Kind::kLogin)};
}

ReportedLog::ReportedLog() {
  std::vector<std::string> records;
  for (const Event& event : reported_events_for_test()) records.push_back(log.keys().seal(event));
  log.append_texts(records);
}

Heading ReportedLog::ask(std::string_view report, std::string patient, std::string device) const {
  Heading heading;
  heading.request = {.report = find_report(report),
                     .tenant = "st-mary",
                     .patient = std::move(patient),
                     .device = std::move(device)};
  heading.made_at = kReportedFrom + 86'400'000;
  heading.made_by = "ann@ward-7";
  heading.program = "wardlock 1";
  return heading;
}

std::string ReportedLog::make(const Heading& asked,
                              Result<void> (*render)(const Heading&, Rows&, const Write&)) {
  std::string text;
  const auto rows = LogRows::open(files_, log.folder(), log.keys());
  if (!rows) return rows.error().message;
  made = asked;
  if (const auto found = (*rows)->find(made, {}); !found) return found.error().message;
  const auto written = render(made, **rows, [&](std::string_view piece) -> Result<void> {
    text += piece;
    return {};
  });
  return written ? text : written.error().message;
}

std::string ReportedLog::document(const Heading& asked) { return make(asked, write_document); }
std::string ReportedLog::page(const Heading& asked) { return make(asked, write_page); }

std::string ReportedLog::verify(std::string_view text, std::string_view data) {
  const auto result = verify_report(text, data, log.key());
  if (!result) return "no report: " + result.error().message;
  return result->is_proven() ? "proven" : result->faults.front();
}

}  // namespace wardlock::audit
