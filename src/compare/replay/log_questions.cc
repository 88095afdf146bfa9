#include "compare/replay/log_questions.h"

#include <fmt/format.h>

#include <algorithm>

#include "audit/inspect/record_check.h"
#include "compare/decisions/suite_questions.h"
#include "event/sealed_record.h"

namespace wardlock::compare {
namespace {

constexpr std::uint64_t kReportEach = 1024;

bool has(event::Texts parts, event::Part part) {
  return std::ranges::find(parts, to_string(part)) != parts.end();
}

bool has_any(event::Texts parts) {
  return has(parts, event::Part::kPerson) || has(parts, event::Part::kPatient) ||
         has(parts, event::Part::kAffected);
}

/// Whether the record is what is wrong, and not the reading of it.
bool is_unreadable(const Error& error) {
  return error.code == ErrorCode::kDataLoss || error.code == ErrorCode::kUnimplemented;
}

bool is_decision(const event::Event& event) {
  return event.kind == event::Kind::kDecision || event.kind == event::Kind::kOverrideUse;
}

/// Whether the one who is named besides is who acted for the principal: where there is a grant it
/// is whoever gave that.
bool names_actor(const event::Event& event) {
  return event.kind == event::Kind::kDecision && event.grant.empty() &&
         !event.affected_type.empty();
}

/// What is asked again without who acted would be another question.
bool is_complete(const event::Event& event) {
  return !event.principal_id.empty() && !event.resource_id.empty() &&
         !(names_actor(event) && event.affected_id.empty());
}

std::optional<LeftOut> find_obstacle(const event::Event& event) {
  const bool is_said = !event.principal_type.empty() && !event.action.empty() &&
                       !event.resource_type.empty() && event.allowed.has_value();
  if (!is_said) return LeftOut::kIncomplete;  // it stands in the part that everybody reads
  if (is_complete(event)) return std::nullopt;
  if (has_any(event.erased_parts)) return LeftOut::kErased;
  if (has_any(event.locked_parts)) return LeftOut::kLocked;
  return LeftOut::kIncomplete;
}

}  // namespace

ReplayedQuestion::ReplayedQuestion(const event::Event& event)
    : event_(event), obstacle_(find_obstacle(event)) {
  if (!event.purpose.empty()) context_["purpose"] = event.purpose;
}

pdp::AccessRequest ReplayedQuestion::access(const pdp::Caller& caller) const {
  pdp::AccessRequest access;
  access.principal = {event_.principal_type, event_.principal_id};
  access.action = event_.action;
  access.resource = {event_.resource_type, event_.resource_id};
  if (!context_.empty()) access.context = &context_;
  // Of other decisions it is a delegation or an approval, which no question names.
  if (event_.kind == event::Kind::kOverrideUse) access.grant = event_.grant;
  if (names_actor(event_)) access.actor = {event_.affected_type, event_.affected_id};
  access.supported_obligations = event_.obligations;
  access.caller = &caller;
  if (event_.authentication_level) {
    access.authentication = {.level = *event_.authentication_level,
                             .methods = event_.authentication_methods};
  }
  return access;
}

Result<bool> LogQuestions::is_in_period(std::uint64_t number) {
  if (!period_.from && !period_.until) return true;
  const std::string_view record = TRY(events_.record(number));
  const auto view = TRY(event::parse_record(record));
  const auto time = audit::time_in(view.clear_json);
  if (!time) return true;  // to be told of rather than left out
  return *time >= period_.from.value_or(*time) && *time < period_.until.value_or(*time + 1);
}

void LogQuestions::pose(const event::Event& event, std::uint64_t number, QuestionTaker& taker) {
  const ReplayedQuestion question(event);
  const std::string name = fmt::format("record {}", number);
  if (question.obstacle()) return taker.leave_out(*question.obstacle(), name);
  if (caller_.id != event.caller || !caller_.scope.types.is_all()) {
    caller_ = comparing_caller(std::string(event.caller));
  }
  taker.take({.access = question.access(caller_),
              .at = event.time,
              .name = name,
              .recorded = RecordedAnswer{.is_allowed = *event.allowed,
                                         .policy_set = event.policy_set,
                                         .obligations = event.obligations}});
}

Result<void> LogQuestions::give_one(std::uint64_t number, QuestionTaker& taker) {
  if (!TRY(is_in_period(number))) return {};
  const event::Event event = TRY(events_.event(number));
  if (!is_decision(event)) return {};
  if (event.tenant != period_.tenant) {
    if (!other_tenant_) other_tenant_ = event.tenant;
    return {};
  }
  ++decisions_;
  pose(event, number, taker);
  return {};
}

Result<void> LogQuestions::give(QuestionTaker& taker) {
  const std::uint64_t begin = TRY(events_.begin());
  const std::uint64_t end = TRY(events_.end());
  for (std::uint64_t number = begin; number < end; ++number) {
    if (number % kReportEach == 0) {
      if (is_over_ && is_over_()) return fail(ErrorCode::kAborted, "it was stopped");
      if (report_) report_(number - begin, end - begin);
    }
    const auto given = give_one(number, taker);
    if (given) continue;
    if (!is_unreadable(given.error())) return given;
    taker.leave_out(LeftOut::kUnreadable,
                    fmt::format("record {}: {}", number, given.error().message));
  }
  if (report_) report_(end - begin, end - begin);
  if (decisions_ > 0 || !other_tenant_) return {};
  return fail(ErrorCode::kNotFound,
              fmt::format("the log holds decisions of {}, and none of `{}`: name the organization "
                          "with `--tenant`",
                          other_tenant_->empty() ? "no organization in particular"
                                                 : fmt::format("`{}`", *other_tenant_),
                          period_.tenant));
}

}  // namespace wardlock::compare
