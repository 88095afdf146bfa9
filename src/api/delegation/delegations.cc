#include "api/delegation/delegations.h"

#include <fmt/format.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "call/answer.h"
#include "call/members.h"
#include "directory/model/document.h"
#include "directory/model/moment.h"

namespace wardlock::delegation_api {
namespace {

using access::ChangedDelegation;
using access::DelegationWish;
using access::KeptDelegation;
using administration::Deed;
using boost::json::object;
using call::flag_in;
using call::parameter_of;
using call::read_members;
using call::text_in;
using call::texts_in;
using call::time_in;
using call::write_json;
using directory::Kind;
using directory::Thing;
using directory::to_time_text;

constexpr std::size_t kMostListed = 100;

/// One thing that a member of an object names, as in `{"patient": "MR-200"}`.
struct NamedParty {
  Kind kind;
  std::string name;
};

/// The one of these kinds that the member names; nothing: it is not there.
Result<std::optional<NamedParty>> party_in(const object& members, std::string_view member,
                                           std::initializer_list<Kind> kinds) {
  const codec::Json* const value = members.if_contains(member);
  if (value == nullptr) return std::nullopt;
  const auto fault = [&] {
    std::string known;
    for (const Kind each : kinds) {
      known += fmt::format("{}`{}`", known.empty() ? "" : ", ", directory::to_string(each));
    }
    return invalid(fmt::format("`{}` names one of: {}", member, known));
  };
  if (!value->is_object() || value->get_object().size() != 1) return fault();
  for (const Kind each : kinds) {
    const codec::Json* const name = value->get_object().if_contains(directory::to_string(each));
    if (name == nullptr) continue;
    if (!name->is_string() || name->get_string().empty()) return fault();
    return NamedParty{.kind = each, .name = std::string(name->get_string())};
  }
  return fault();
}

Result<Thing> find(const DelegationCall& call, const NamedParty& party) {
  return call.desk.find_named(call.tenant(), party.kind, party.name);
}

/// As if for one of the kind who is there.
Result<void> check_unknown(const DelegationCall& call, Kind kind) {
  const Thing somebody{.id = "unknown",
                       .kind = kind,
                       .state = "active",
                       .document = TRY(directory::Document::read_kept(kind, "{}"))};
  return call.errand.gate.check(Deed::kDelegate, somebody);
}

/// Whose right it is: whoever asks, where nobody is named.
Result<Thing> delegator_in(const DelegationCall& call, const object& members) {
  const auto named =
      TRY(party_in(members, "from", {Kind::kPatient, Kind::kPerson, Kind::kOrganisation}));
  if (named) {
    auto found = find(call, *named);
    // Whoever may do it for nobody of the kind is not told whether there is this one.
    if (!found) TRY_VOID(check_unknown(call, named->kind));
    return found;
  }
  return call.errand.registry.find(call.tenant(), call.asker());
}

Result<DelegationWish> wish_in(const DelegationCall& call, const object& members) {
  DelegationWish wish;
  wish.actions = TRY(texts_in(members, "actions"));
  wish.purpose = TRY(text_in(members, "purpose"));
  wish.ticket = TRY(text_in(members, "ticket"));
  wish.words = TRY(text_in(members, "words"));
  wish.begins_ms = TRY(time_in(members, "beginsAt"));
  const auto ends = TRY(time_in(members, "endsAt"));
  if (!ends) return invalid("say until when, as `endsAt`");
  wish.ends_ms = *ends;
  wish.may_pass_on = TRY(flag_in(members, "onward"));
  wish.passes_on = TRY(text_in(members, "passesOn"));
  const auto delegate = TRY(party_in(members, "to", {Kind::kPerson}));
  if (!delegate) return invalid("say to whom, as `to`");
  const auto target =
      TRY(party_in(members, "for", {Kind::kPatient, Kind::kDevice, Kind::kLocation}));
  const Thing to = TRY(find(call, *delegate));
  wish.delegate = to.id;
  if (target) {
    const Thing what = TRY(find(call, *target));
    wish.target = what.id;
  }
  return wish;
}

/// INVARIANT: whoever is told that one is made or over, is decided about accordingly by this node
/// from then on; also who could not end it since it is over.
Result<void> write_changed(const DelegationCall& call, Result<ChangedDelegation> made,
                           net::HttpResponse& response) {
  const ChangedDelegation changed = TRY(administration::made_in_sight(
      call.errand.glass_view, call.errand.registry, call.id, std::move(made)));
  const KeptDelegation& delegation = changed.delegation;
  std::function<Result<void>()> withdraw;
  if (!delegation.ended_ms) {
    withdraw = [&]() -> Result<void> {
      TRY_VOID(call.desk.withdraw(call.errand.mandate, delegation.id));
      return {};
    };
  }
  TRY_VOID(administration::await_sight(call.errand.glass_view, delegation.id, changed.revision,
                                       withdraw, "nothing was delegated: it would allow nothing"));
  response.headers.add(administration::kRevisionHeader, std::to_string(changed.revision));
  write_json(to_json(delegation, call.errand.now), response);
  return {};
}

Result<void> write_list(const DelegationCall& call, const std::vector<KeptDelegation>& delegations,
                        net::HttpResponse& response) {
  boost::json::array items;
  for (const KeptDelegation& each : delegations) items.push_back(to_json(each, call.errand.now));
  const bool are_all = delegations.size() < kMostListed;
  call::write_items(std::move(items), are_all ? std::string_view() : delegations.back().id,
                    response);
  return {};
}

std::string_view state_of(const KeptDelegation& delegation, std::int64_t now_ms) {
  if (delegation.end) return to_string(*delegation.end);
  if (delegation.ends_ms <= now_ms) return "expired";
  return delegation.begins_ms > now_ms ? "waiting" : "open";
}

/// Those whom it is between may; others whom policies let see those of one of the two, or of what
/// it is for. Whoever may not is told as little as if it were not there.
Result<void> check_sight(const DelegationCall& call, const KeptDelegation& delegation) {
  if (delegation.is_of(call.asker())) return {};
  for (const std::string& each : {delegation.delegator, delegation.target}) {
    const Thing thing = TRY(call.errand.registry.find(call.tenant(), each));
    if (call.errand.gate.check(Deed::kReadDelegations, thing)) return {};
  }
  return fail(ErrorCode::kNotFound, "there is no such delegation that you may see");
}

object party(Kind kind, const std::string& id) { return {{directory::to_string(kind), id}}; }

}  // namespace

object to_json(const KeptDelegation& delegation, std::int64_t now_ms) {
  object out{{"id", delegation.id},
             {"from", party(delegation.delegator_kind, delegation.delegator)},
             {"to", party(Kind::kPerson, delegation.delegate)},
             {"for", party(delegation.target_kind, delegation.target)},
             {"actions", call::array_of(delegation.actions)},
             {"state", state_of(delegation, now_ms)},
             {"beginsAt", to_time_text(delegation.begins_ms)},
             {"endsAt", to_time_text(delegation.ends_ms)},
             {"onward", delegation.may_pass_on},
             {"madeBy", delegation.made_by},
             {"madeAt", to_time_text(delegation.made_ms)}};
  const auto add = [&](std::string_view name, const std::string& text) {
    if (!text.empty()) out[name] = text;
  };
  add("purpose", delegation.purpose);
  add("ticket", delegation.ticket);
  add("words", delegation.words);
  add("passesOn", delegation.passes_on);
  add("endedBy", delegation.ended_by);
  if (delegation.ended_ms) out["endedAt"] = to_time_text(*delegation.ended_ms);
  return out;
}

Result<void> make_delegation(const DelegationCall& call, net::HttpResponse& response) {
  const object members =
      TRY(read_members(call.request, {"from", "to", "for", "actions", "purpose", "ticket", "words",
                                      "beginsAt", "endsAt", "onward", "passesOn"}));
  // Who may not is not told who and what there is.
  const Thing delegator = TRY(delegator_in(call, members));
  TRY_VOID(call.errand.gate.check(Deed::kDelegate, delegator));
  DelegationWish wish = TRY(wish_in(call, members));
  wish.delegator = delegator.id;
  directory::Mandate mandate = call.errand.mandate;
  if (!wish.words.empty()) mandate.reason = wish.words;
  TRY_VOID(access::check_delegation(wish, delegator.kind, call.errand.now));
  const ChangedDelegation made = TRY(call.desk.make(mandate, wish));
  response.status = 201;
  return write_changed(call, made, response);
}

Result<void> list_own_delegations(const DelegationCall& call, net::HttpResponse& response) {
  const auto own = TRY(call.desk.about(call.tenant(), call.asker(),
                                       parameter_of(call.request, "before"), kMostListed));
  return write_list(call, own, response);
}

Result<void> list_delegations(const DelegationCall& call, net::HttpResponse& response) {
  for (const Kind each :
       {Kind::kPatient, Kind::kPerson, Kind::kOrganisation, Kind::kDevice, Kind::kLocation}) {
    const std::string name = parameter_of(call.request, directory::to_string(each));
    if (name.empty()) continue;
    TRY_VOID(call.errand.gate.check(Deed::kReadDelegations, each));
    const Thing whose = TRY(call.desk.find_named(call.tenant(), each, name));
    TRY_VOID(call.errand.gate.check(Deed::kReadDelegations, whose));
    const auto all = TRY(call.desk.about(call.tenant(), whose.id,
                                         parameter_of(call.request, "before"), kMostListed));
    return write_list(call, all, response);
  }
  return invalid(
      "say of whom or of what: ?patient=, ?person=, ?organisation=, ?device= or ?location=");
}

Result<void> show_delegation(const DelegationCall& call, net::HttpResponse& response) {
  const KeptDelegation delegation = TRY(call.desk.find(call.tenant(), call.id));
  TRY_VOID(check_sight(call, delegation));
  write_json(to_json(delegation, call.errand.now), response);
  return {};
}

Result<void> revoke_delegation(const DelegationCall& call, net::HttpResponse& response) {
  const object members = TRY(read_members(call.request, {"words"}));
  const std::string words = TRY(text_in(members, "words"));
  const KeptDelegation delegation = TRY(call.desk.find(call.tenant(), call.id));
  if (!delegation.is_of(call.asker())) {
    TRY_VOID(check_sight(call, delegation));
    const Thing whose = TRY(call.errand.registry.find(call.tenant(), delegation.delegator));
    TRY_VOID(call.errand.gate.check(Deed::kRevokeDelegation, whose));
  }
  directory::Mandate mandate = call.errand.mandate;
  if (!words.empty()) {
    TRY_VOID(access::check_delegation_words(words));
    mandate.reason = words;
  }
  return write_changed(call, call.desk.revoke(mandate, call.id), response);
}

}  // namespace wardlock::delegation_api
