#include "access/request/role_request_desk.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "access/delegation/party.h"
#include "access/request/request_checks.h"
#include "access/request/request_record.h"
#include "access/request/role_request_rows.h"
#include "base/utf8.h"
#include "directory/model/indexed_values.h"
#include "directory/registry/control_plane.h"
#include "directory/registry/natural_persons.h"
#include "directory/registry/read_from.h"
#include "directory/registry/role_holders.h"
#include "directory/registry/thing_rows.h"

namespace wardlock::access {
namespace {

using directory::Edit;
using directory::Kind;
using directory::Mandate;
using directory::Relation;
using directory::Thing;
using storage::Work;

constexpr std::size_t kMostListed = 500;
constexpr std::string_view kSecurityOfficer = "Wardlock::SecurityOfficer";
/// So many are tended at a time, and others who write come in between.
constexpr std::size_t kBatch = 100;

std::unexpected<Error> not_now(std::string_view why) {
  return fail(ErrorCode::kFailedPrecondition, std::string(why));
}

std::unexpected<Error> not_you(std::string_view why) {
  return fail(ErrorCode::kPermissionDenied, std::string(why));
}

std::string text_of(const Thing& thing, std::string_view attribute) {
  const codec::Json* const value = thing.document.json().if_contains(attribute);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

/// As it is printed beside a signature.
std::string printed_name_of(const Thing& person) {
  for (const std::string_view attribute : {"displayName", "userName"}) {
    std::string name = text_of(person, attribute);
    if (!name.empty()) return name;
  }
  return person.id;
}

Result<RoleRequest> request_of(Work& work, std::string_view tenant, std::string_view id) {
  auto found = TRY(find_role_request(work, tenant, id));
  if (found) return *std::move(found);
  return fail(ErrorCode::kNotFound, fmt::format("there is no request `{}`", printable(id)));
}

/// Gives the role. The id of the assignment.
Result<std::string> assign(Edit& edit, const RoleRequest& request) {
  directory::NewRelation assignment{.relation = Relation::kRoleAssignment,
                                    .subject = request.person,
                                    .object = request.role,
                                    .until_ms = request.ends_ms};
  if (!request.scope.empty()) assignment.scope = request.scope;
  return TRY(edit.relate(assignment)).id;
}

/// Tells the owners; where there is none, the security officers, who may answer, too.
Result<void> tell_who_answers(Work& work, const authn::Messages* messages,
                              const RoleRequest& request, const Thing& what) {
  if (messages == nullptr) return {};
  const std::int64_t now = request.asked_ms;
  std::set<std::string> people;
  for (const std::string& owner : TRY(owners_of(work, request.tenant, what.id, now))) {
    const auto person = TRY(directory::find_thing(work, request.tenant, owner));
    if (person && directory::is_in_force(*person)) people.insert(owner);
  }
  people.erase(request.person);
  if (people.empty()) {
    const auto officers =
        TRY(directory::find_role_holders(work, request.tenant, kSecurityOfficer, now));
    people.insert(officers.begin(), officers.end());
    people.erase(request.person);
  }
  return messages->tell_all(work, request.tenant, people, authn::About::kRequestWaits,
                            {.happened_ms = now, .expires_ms = request.due_ms, .of = request.id});
}

Result<void> tell_asker(Work& work, const authn::Messages* messages, const RoleRequest& request,
                        std::int64_t now) {
  if (messages == nullptr) return {};
  return messages->tell(work, request.tenant, request.person, authn::About::kRequestAnswered,
                        {.happened_ms = now, .of = request.id});
}

/// What an approval or refusal says, beside the signature.
Mandate with_words(const Mandate& mandate, const std::string& words) {
  Mandate told = mandate;
  if (!words.empty()) told.reason = words;
  return told;
}

Result<void> check_open(const RoleRequest& request, std::int64_t now) {
  const RoleRequestState state = request.state_at(now);
  if (state == RoleRequestState::kOpen) return {};
  return not_now(fmt::format("the request is `{}`: ask anew", to_string(state)));
}

}  // namespace

Result<ChangedRoleRequest> RoleRequestDesk::write(const Mandate& mandate, const Step& step) {
  ChangedRoleRequest changed;
  const auto made = surroundings_.registry.write(mandate, [&](Edit& edit) -> Result<void> {
    changed.request = TRY(step(edit));
    return {};
  });
  changed.revision = TRY(made);
  return changed;
}

Result<RoleRequest> RoleRequestDesk::keep_in(Edit& edit, const Mandate& mandate,
                                             RoleRequest request,
                                             const RoleRequestRules& rules) const {
  Work& work = edit.work();
  const std::int64_t now = edit.now();
  const Thing person = TRY(person_at_work(work, mandate.tenant, mandate.actor_id));
  request.id = directory::new_id(now, surroundings_.directory);
  request.tenant = mandate.tenant;
  request.person = person.id;
  request.asked_through = mandate.caller;
  request.asked_ms = now;
  request.due_ms = now + rules.answer_within_ms;
  const Thing what = TRY(check_what(work, request));
  if (request.is_for_action()) request.target = what.id;
  TRY_VOID(check_new_request(work, request));
  TRY_VOID(insert_role_request(work, request));
  TRY_VOID(tell_who_answers(work, surroundings_.messages, request, what));
  TRY_VOID(record_request(edit, request, false));
  return request;
}

Result<ChangedRoleRequest> RoleRequestDesk::ask(const Mandate& mandate, const RoleWish& wish) {
  const RoleRequestRules& rules = surroundings_.rules;
  TRY_VOID(check_role_wish(wish, rules));
  const RoleRequest request{.id = {},
                            .tenant = {},
                            .person = {},
                            .role = wish.role,
                            .scope = wish.scope,
                            .lasts_ms = wish.lasts_ms.value_or(rules.lasts_ms),
                            .reason = wish.reason,
                            .ticket = wish.ticket};
  return write(with_words(mandate, wish.reason),
               [&](Edit& edit) { return keep_in(edit, mandate, request, rules); });
}

Result<ChangedRoleRequest> RoleRequestDesk::ask(const Mandate& mandate, const ActionWish& wish) {
  const RoleRequestRules& rules = surroundings_.approvals;
  TRY_VOID(check_action_wish(wish, rules));
  const RoleRequest request{.id = {},
                            .tenant = {},
                            .person = {},
                            .action = wish.action,
                            .target = wish.target,
                            .lasts_ms = wish.lasts_ms.value_or(rules.lasts_ms),
                            .reason = wish.reason,
                            .ticket = wish.ticket};
  return write(with_words(mandate, wish.reason),
               [&](Edit& edit) { return keep_in(edit, mandate, request, rules); });
}

/// INVARIANT: nobody answers their own request, with another account of theirs neither.
Result<RoleRequest> RoleRequestDesk::answer_in(Edit& edit, const Mandate& mandate,
                                               std::string_view id, const RoleAnswer& answer,
                                               const MayAnswer& may, RoleRequestState to) const {
  Work& work = edit.work();
  const std::int64_t now = edit.now();
  TRY_VOID(check_signing(answer.signature, surroundings_.signing, now));
  const Thing signer = TRY(person_at_work(work, mandate.tenant, mandate.actor_id));
  RoleRequest request = TRY(request_of(work, mandate.tenant, id));
  const auto persons = TRY(directory::NaturalPersons::read(work, mandate.tenant, now));
  if (persons.are_same(signer.id, request.person)) {
    return not_you("nobody answers their own request, with another account of theirs neither");
  }
  const auto person = TRY(directory::find_thing(work, mandate.tenant, request.person));
  const auto what = TRY(find_what(work, request));
  if (!person || !what) return not_now("who asked, or what it is for, is not there any more");
  const bool by_owner = TRY(is_owner(work, mandate.tenant, signer.id, what->id, now));
  TRY_VOID(may({request, *person, *what, by_owner}));
  // Who may not answer is not told how it stands.
  TRY_VOID(check_open(request, now));
  request.state = to;
  request.words = answer.words;
  request.signature = answer.signature;
  request.signature.person = signer.id;
  request.signature.printed_name = printed_name_of(signer);
  request.signature.meaning = to == RoleRequestState::kGranted ? "approved" : "refused";
  request.signature.comment = answer.words;
  request.signature.content = signed_content(request, request.signature.meaning);
  request.signature.signed_ms = now;
  return request;
}

/// INVARIANT: the role is given, or the approval is there, in the transaction that keeps the
/// signature, and has an end.
Result<ChangedRoleRequest> RoleRequestDesk::approve(const Mandate& mandate, std::string_view id,
                                                    const RoleAnswer& answer,
                                                    const MayAnswer& may) {
  TRY_VOID(check_answer_words(answer.words, false));
  return write(with_words(mandate, answer.words), [&](Edit& edit) -> Result<RoleRequest> {
    RoleRequest request =
        TRY(answer_in(edit, mandate, id, answer, may, RoleRequestState::kGranted));
    const auto person = TRY(directory::find_thing(edit.work(), mandate.tenant, request.person));
    if (!person || !directory::is_in_force(*person)) return not_now("who asked is not at work");
    TRY(check_what(edit.work(), request));
    request.ends_ms = edit.now() + request.lasts_ms;
    if (!request.is_for_action()) request.relation = TRY(assign(edit, request));
    TRY_VOID(move_role_request(edit.work(), request, RoleRequestState::kOpen));
    TRY_VOID(tell_asker(edit.work(), surroundings_.messages, request, edit.now()));
    TRY_VOID(record_request(edit, request, true));
    return request;
  });
}

Result<ChangedRoleRequest> RoleRequestDesk::refuse(const Mandate& mandate, std::string_view id,
                                                   const RoleAnswer& answer, const MayAnswer& may) {
  TRY_VOID(check_answer_words(answer.words, true));
  return write(with_words(mandate, answer.words), [&](Edit& edit) -> Result<RoleRequest> {
    RoleRequest request =
        TRY(answer_in(edit, mandate, id, answer, may, RoleRequestState::kRefused));
    request.closed_ms = edit.now();
    request.closed_by = mandate.actor_id;
    TRY_VOID(move_role_request(edit.work(), request, RoleRequestState::kOpen));
    TRY_VOID(tell_asker(edit.work(), surroundings_.messages, request, edit.now()));
    TRY_VOID(record_request(edit, request, true));
    return request;
  });
}

Result<ChangedRoleRequest> RoleRequestDesk::withdraw(const Mandate& mandate, std::string_view id) {
  return write(mandate, [&](Edit& edit) -> Result<RoleRequest> {
    RoleRequest request = TRY(request_of(edit.work(), mandate.tenant, id));
    if (request.person != mandate.actor_id) return not_you("whoever asked withdraws it");
    TRY_VOID(check_open(request, edit.now()));
    request.state = RoleRequestState::kWithdrawn;
    request.closed_ms = edit.now();
    request.closed_by = mandate.actor_id;
    TRY_VOID(move_role_request(edit.work(), request, RoleRequestState::kOpen));
    TRY_VOID(record_request(edit, request, false));
    return request;
  });
}

Result<ChangedRoleRequest> RoleRequestDesk::end(const Mandate& mandate, std::string_view id,
                                                const MayAnswer& may) {
  return write(mandate, [&](Edit& edit) -> Result<RoleRequest> {
    Work& work = edit.work();
    RoleRequest request = TRY(request_of(work, mandate.tenant, id));
    const bool is_theirs =
        request.person == mandate.actor_id || request.signature.person == mandate.actor_id;
    if (!is_theirs) {
      const Thing person = TRY(edit.find(request.person));
      const auto what = TRY(find_what(work, request));
      if (!what) return not_now("what it is for is not there any more");
      const bool by_owner =
          TRY(is_owner(work, mandate.tenant, mandate.actor_id, what->id, edit.now()));
      TRY_VOID(may({request, person, *what, by_owner}));
    }
    const RoleRequestState state = request.state_at(edit.now());
    if (state != RoleRequestState::kGranted) {
      return not_now(fmt::format("the request is `{}`: there is nothing to end", to_string(state)));
    }
    if (!request.is_for_action()) TRY_VOID(edit.end(request.relation));
    request.state = RoleRequestState::kEnded;
    request.closed_ms = edit.now();
    request.closed_by = mandate.actor_id;
    TRY_VOID(move_role_request(work, request, RoleRequestState::kGranted));
    TRY_VOID(record_request(edit, request, false));
    return request;
  });
}

Result<ChangedRoleRequest> RoleRequestDesk::lapse(const Mandate& mandate, std::string_view id) {
  return write(mandate, [&](Edit& edit) -> Result<RoleRequest> {
    RoleRequest request = TRY(request_of(edit.work(), mandate.tenant, id));
    if (!request.is_for_action() || request.state != RoleRequestState::kGranted) {
      return not_now("there is no approval of an action to end");
    }
    request.state = RoleRequestState::kLapsed;
    request.closed_ms = edit.now();
    request.closed_by = mandate.actor_id;
    TRY_VOID(move_role_request(edit.work(), request, RoleRequestState::kGranted));
    TRY_VOID(record_request(edit, request, false));
    return request;
  });
}

Result<std::size_t> RoleRequestDesk::tend(const Mandate& own, const std::function<bool()>& go_on) {
  std::size_t closed = 0;
  for (;;) {
    if (!go_on()) return fail(ErrorCode::kCancelled, "requests are tended elsewhere");
    const std::int64_t now = surroundings_.directory.clock();
    // Looked for without holding up those who write.
    const auto due =
        TRY(directory::read_from<std::vector<RoleRequest>>(surroundings_.store, [&](Work& work) {
          return find_due_requests(work, own.tenant, now, kBatch);
        }));
    if (due.empty()) return closed;
    std::size_t some = 0;
    const auto close_some = [&](Edit& edit) -> Result<void> {
      some = 0;
      for (const RoleRequest& each : due) {
        auto kept = TRY(find_role_request(edit.work(), own.tenant, each.id));
        if (!kept || kept->state != each.state) continue;  // answered or ended meanwhile
        const RoleRequestState before = kept->state;
        kept->state = kept->state_at(now);
        if (kept->state == before) kept->state = RoleRequestState::kLapsed;
        kept->closed_ms = now;
        kept->closed_by = own.actor_id;
        TRY_VOID(move_role_request(edit.work(), *kept, before));
        TRY_VOID(record_request(edit, *kept, false));
        ++some;
      }
      return {};
    };
    TRY(surroundings_.registry.write(own, close_some));
    closed += some;
    if (due.size() < kBatch) return closed;
  }
}

Result<Thing> RoleRequestDesk::find_role(std::string_view tenant, std::string_view name) const {
  return directory::read_from<Thing>(surroundings_.store, [&](Work& work) -> Result<Thing> {
    auto by_id = TRY(directory::find_thing(work, tenant, name));
    if (by_id && by_id->kind == Kind::kRole) return *std::move(by_id);
    const directory::Attribute* const attribute =
        directory::find_searchable(Kind::kRole, "displayName");
    auto found = TRY(directory::find_valued(work, tenant, Kind::kRole, "displayName",
                                            directory::searchable_text(*attribute, name), 1));
    if (!found.empty()) return std::move(found.front());
    return fail(ErrorCode::kNotFound, fmt::format("there is no role `{}`", printable(name)));
  });
}

Result<Thing> RoleRequestDesk::find_named(std::string_view tenant, Kind kind,
                                          std::string_view name) const {
  return directory::read_from<Thing>(
      surroundings_.store, [&](Work& work) { return find_party(work, tenant, kind, name); });
}

Result<RoleRequest> RoleRequestDesk::find(std::string_view tenant, std::string_view id) const {
  return directory::read_from<RoleRequest>(
      surroundings_.store, [&](Work& work) { return request_of(work, tenant, id); });
}

Result<std::vector<RoleRequest>> RoleRequestDesk::of_person(std::string_view tenant,
                                                            std::string_view person,
                                                            std::string_view before,
                                                            std::size_t most) const {
  return directory::read_from<std::vector<RoleRequest>>(surroundings_.store, [&](Work& work) {
    return find_role_requests_of(work, tenant, person, before, std::min(most, kMostListed));
  });
}

Result<std::vector<RoleRequest>> RoleRequestDesk::live(std::string_view tenant,
                                                       RoleRequestState state,
                                                       std::string_view after,
                                                       std::size_t most) const {
  const std::int64_t now = surroundings_.directory.clock();
  return directory::read_from<std::vector<RoleRequest>>(surroundings_.store, [&](Work& work) {
    return find_live_requests(work, tenant, state, now, after, std::min(most, kMostListed));
  });
}

Result<bool> RoleRequestDesk::owns(std::string_view tenant, std::string_view person,
                                   std::string_view what) const {
  const std::int64_t now = surroundings_.directory.clock();
  return directory::read_from<bool>(
      surroundings_.store, [&](Work& work) { return is_owner(work, tenant, person, what, now); });
}

}  // namespace wardlock::access
