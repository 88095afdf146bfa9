#include "server/decision_event.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/identifier.h"
#include "pdp/notes.h"
#include "pdp/resolve.h"
#include "server/trace_context.h"

namespace wardlock::server {
namespace {

/// A record has room for the policies that determine a decision, as long as somebody could read
/// them. Nobody gives them long ids in earnest; who does keeps no decision from being recorded.
constexpr std::size_t kMostPolicies = 100;
constexpr std::size_t kMostPolicyBytes = std::size_t{16} * 1024;
constexpr std::size_t kMostNotes = 20;
/// Codes of purposes are short; what is longer is no purpose.
constexpr std::size_t kMostPurposeBytes = 128;
/// Of each word of a question that was refused.
constexpr std::size_t kMostRefusedBytes = 512;
constexpr std::size_t kAllBytes = SIZE_MAX;

using event::Event;

Event event_of(const Occasion& occasion, std::string_view id) {
  return {.id = id,
          .time = occasion.now,
          .tenant = occasion.tenant,
          .node = occasion.node,
          .source_address = occasion.request.remote_address,
          .trace_id = trace_id_of(occasion.request)};
}

/// What the application says the access is for (HL7 ActReason), where it says so.
std::string_view purpose_of(const pdp::AccessRequest& request) {
  if (request.context == nullptr) return {};
  const auto* purpose = request.context->if_contains("purpose");
  if (purpose == nullptr || !purpose->is_string()) return {};
  const std::string_view text = purpose->get_string();
  const bool is_code = text.size() <= kMostPurposeBytes && !find_identifier_fault(text);
  return is_code ? text : std::string_view();
}

void add_request(const Occasion& occasion, const pdp::Snapshot& snapshot,
                 const pdp::AccessRequest& request, Event& event) {
  event.caller = request.caller->id;
  event.purpose = purpose_of(request);
  event.policy_set = snapshot.policy_set();
  event.revision = static_cast<std::int64_t>(snapshot.revision);
  if (occasion.directory_revision > 0) {
    event.directory_revision = static_cast<std::int64_t>(occasion.directory_revision);
  }
  if (request.authentication || request.verified != nullptr) {
    const pdp::Authentication authentication = pdp::authentication_of(request);
    event.authentication_level = authentication.level;
    event.authentication_methods = authentication.methods;
  }
}

std::string_view id_of(const cedar::EntityUid* uid) {
  return uid == nullptr ? std::string_view() : uid->id;
}

void add_whom_it_concerns(const pdp::Accountable& accountable, Event& event) {
  event.record_class = accountable.action_class;
  event.principal_type = accountable.principal->type;
  event.principal_id = accountable.principal->id;
  event.action = accountable.action->id;
  event.resource_type = accountable.resource->type;
  event.resource_id = accountable.resource->id;
  event.patient = id_of(accountable.patient);
  event.device = id_of(accountable.device);
}

/// As many whole characters as fit. A directory may have longer texts than a record takes, and none
/// of them is a reason not to let somebody help.
std::string_view first_bytes(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  constexpr auto kIsInside = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
  while (most > 0 && kIsInside(text[most])) --most;
  return text.substr(0, most);
}

/// Who acts for the principal, as the token or else the caller says it, where nothing is decided.
void add_actor(const pdp::AccessRequest& request, std::size_t most, Event& event, Arena& arena) {
  const pdp::VerifiedActor* const shown =
      request.verified == nullptr ? nullptr : request.verified->actor;
  if (shown == nullptr && !request.actor) return;
  event.affected_type = first_bytes(shown != nullptr ? shown->type : request.actor->type, most);
  event.affected_id = first_bytes(shown != nullptr ? shown->id : request.actor->id, most);
  const std::array<std::string_view, 1> notes = {
      pdp::join(arena, {"actor: ", event.affected_type})};
  event.notes = arena.copy(notes);
}

/// Who, what and which as the caller said it.
void add_words(const pdp::Snapshot& snapshot, const pdp::AccessRequest& request, std::size_t most,
               Event& event, Arena& arena) {
  event.record_class = pdp::find_action_class(snapshot, request.action, arena);
  event.principal_type = first_bytes(request.principal.type, most);
  event.principal_id = first_bytes(request.principal.id, most);
  event.action = first_bytes(request.action, most);
  event.resource_type = first_bytes(request.resource.type, most);
  event.resource_id = first_bytes(request.resource.id, most);
  add_actor(request, most, event, arena);
}

event::Texts first(event::Texts texts, std::size_t most) {
  return texts.first(std::min(texts.size(), most));
}

event::Texts policies_of(const pdp::AccessDecision& decision) {
  std::size_t count = 0;
  std::size_t bytes = 0;
  for (const std::string_view id : first(decision.policies, kMostPolicies)) {
    bytes += id.size();
    if (bytes > kMostPolicyBytes) break;
    ++count;
  }
  return decision.policies.first(count);
}

}  // namespace

Event decision_event(const Occasion& occasion, const pdp::Snapshot& snapshot,
                     const pdp::AccessRequest& request, const pdp::AccessDecision& decision,
                     std::string_view id) {
  Event event = event_of(occasion, id);
  event.kind = decision.grant ? event::Kind::kOverrideUse : event::Kind::kDecision;
  event.outcome = decision.is_allowed ? event::Outcome::kSuccess : event::Outcome::kFailure;
  add_request(occasion, snapshot, request, event);
  add_whom_it_concerns(decision.accountable, event);
  event.decision_id = id;
  event.allowed = decision.is_allowed;
  event.cause = to_string(decision.cause);
  event.policies = policies_of(decision);
  event.obligations = decision.obligations;
  event.consents = decision.consents;
  const bool has_more = !decision.record_notes.empty();
  event.notes = first(has_more ? decision.record_notes : decision.notes, kMostNotes);
  if (decision.grant) {
    event.grant = *decision.grant;
    event.grant_expires_at = decision.expires_at;
    if (const pdp::Grant* grant = find_grant(snapshot, *decision.grant)) {
      event.grant_reason = first_bytes(grant->reason, event::kMaxFreeTextBytes);
    }
  }
  if (decision.delegation) {
    event.grant = decision.delegation->id;
    event.grant_expires_at = decision.expires_at;
    event.affected_type = decision.delegation->delegator->type;
    event.affected_id = decision.delegation->delegator->id;
  }
  if (decision.actor) {
    event.affected_type = decision.actor->type;
    event.affected_id = decision.actor->id;
  }
  if (decision.approval && !decision.grant && !decision.delegation && !decision.actor) {
    event.grant = decision.approval->id;
    event.grant_expires_at = decision.approval->expires_at;
    event.affected_type = decision.approval->approver.type;
    event.affected_id = decision.approval->approver.id;
  }
  return event;
}

Event search_event(const Occasion& occasion, const pdp::Snapshot& snapshot,
                   const pdp::AccessRequest& request, std::size_t found, std::string_view id,
                   Arena& arena) {
  Event event = event_of(occasion, id);
  event.kind = event::Kind::kSearch;
  add_request(occasion, snapshot, request, event);
  add_words(snapshot, request, kAllBytes, event, arena);
  event.count = static_cast<std::int64_t>(found);
  return event;
}

Event refused_question_event(const Occasion& occasion, const pdp::Snapshot& snapshot,
                             const pdp::AccessRequest& request, ErrorCode why, std::string_view id,
                             Arena& arena) {
  Event event = event_of(occasion, id);
  event.kind = event::Kind::kRefusal;
  event.outcome = event::Outcome::kFailure;
  add_request(occasion, snapshot, request, event);
  add_words(snapshot, request, kMostRefusedBytes, event, arena);
  event.authentication_methods = {};  // however many were said
  event.cause = to_string(why);
  return event;
}

Event refusal_event(const Occasion& occasion, std::string_view caller, std::string_view why,
                    std::string_view id) {
  Event event = event_of(occasion, id);
  event.kind = event::Kind::kRefusal;
  event.outcome = event::Outcome::kFailure;
  event.caller = caller;
  event.cause = why;
  return event;
}

}  // namespace wardlock::server
