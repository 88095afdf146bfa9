#include "api/break_glass/grants.h"

#include <fmt/format.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "call/answer.h"
#include "call/members.h"
#include "directory/model/moment.h"

namespace wardlock::glass_api {
namespace {

using access::ChangedGlass;
using access::GlassGrant;
using access::GlassWish;
using administration::Deed;
using boost::json::object;
using call::array_of;
using call::number_in;
using call::parameter_of;
using call::read_members;
using call::text_in;
using call::write_json;
using directory::Kind;
using directory::Thing;
using directory::to_time_text;

constexpr std::size_t kMostListed = 100;

Result<GlassWish> wish_in(const object& members) {
  GlassWish wish;
  wish.reason = TRY(text_in(members, "reason"));
  wish.words = TRY(text_in(members, "words"));
  const auto minutes = TRY(number_in(members, "minutes"));
  constexpr std::int64_t kMostMinutes = std::int64_t{1} << 32;
  if (!minutes) return wish;
  if (*minutes < 1 || *minutes > kMostMinutes) return invalid("`minutes` is a number from 1 on");
  wish.lasts_ms = *minutes * access::kGlassMinute;
  return wish;
}

/// The patient or device that a body names.
Result<Thing> target_in(const Call& call, const object& members) {
  const std::string patient = TRY(text_in(members, "patient"));
  const std::string device = TRY(text_in(members, "device"));
  if (patient.empty() == device.empty()) {
    return invalid("name a `patient` or a `device`, and not both");
  }
  const Kind kind = patient.empty() ? Kind::kDevice : Kind::kPatient;
  return call.desk.find_target(call.tenant(), kind, patient.empty() ? device : patient);
}

/// INVARIANT: whoever is told that a grant is open or over, is decided about accordingly by this
/// node from then on; also who could not change it since it is over.
Result<void> write_changed(const Call& call, Result<ChangedGlass> made,
                           net::HttpResponse& response) {
  const ChangedGlass changed = TRY(administration::made_in_sight(
      call.errand.glass_view, call.errand.registry, call.id, std::move(made)));
  std::function<Result<void>()> withdraw;
  if (!changed.grant.ended_ms) {
    withdraw = [&]() -> Result<void> {
      TRY_VOID(call.desk.withdraw(call.errand.mandate, changed.grant.id));
      return {};
    };
  }
  TRY_VOID(administration::await_sight(call.errand.glass_view, changed.grant.id, changed.revision,
                                       withdraw,
                                       "the glass was not broken: a grant would open nothing"));
  response.headers.add(administration::kRevisionHeader, std::to_string(changed.revision));
  write_json(to_json(changed.grant, call.errand.now), response);
  return {};
}

directory::Mandate with_words(const Call& call, const object& members, std::string words) {
  directory::Mandate mandate = call.errand.mandate;
  if (members.contains("words")) mandate.reason = std::move(words);
  return mandate;
}

Result<void> write_list(const Call& call, const std::vector<GlassGrant>& grants,
                        net::HttpResponse& response) {
  boost::json::array items;
  for (const GlassGrant& each : grants) items.push_back(to_json(each, call.errand.now));
  const bool are_all = grants.size() < kMostListed;
  call::write_items(std::move(items), are_all ? std::string_view() : grants.back().id, response);
  return {};
}

std::string_view state_of(const GlassGrant& grant, std::int64_t now_ms) {
  if (grant.end) return to_string(*grant.end);
  return grant.is_open_at(now_ms) ? "open" : "expired";
}

/// Who may look at grants of this person.
Result<void> check_sight(const Call& call, const std::string& person) {
  if (person == call.person()) return {};
  const Thing whose = TRY(call.errand.registry.find(call.tenant(), person));
  if (call.errand.gate.check(Deed::kRevokeGrant, whose)) return {};
  return call.errand.gate.check(Deed::kReviewGrant, whose);
}

}  // namespace

object to_json(const GlassGrant& grant, std::int64_t now_ms) {
  object out{{"id", grant.id},
             {"person", grant.person},
             {directory::to_string(grant.target_kind), grant.target},
             {"state", state_of(grant, now_ms)},
             {"reason", grant.reason},
             {"words", grant.words},
             {"actions", array_of(grant.actions)},
             {"waives", array_of(grant.waives)},
             {"openedAt", to_time_text(grant.opened_ms)},
             {"expiresAt", to_time_text(grant.expires_ms)},
             {"warned", grant.is_warned},
             {"inShift", grant.in_shift},
             {"escalated", grant.is_escalated},
             {"reviewBy", to_time_text(grant.review_due_ms)}};
  if (grant.ended_ms) out["endedAt"] = to_time_text(*grant.ended_ms);
  return out;
}

Result<void> open_grant(const Call& call, net::HttpResponse& response) {
  const object members =
      TRY(read_members(call.request, {"patient", "device", "reason", "words", "minutes"}));
  const access::GlassProof proof = TRY(proof_of(call));
  const GlassWish wish = TRY(wish_in(members));
  TRY_VOID(check_wish(wish, call.desk.rules()));
  const Thing target = TRY(target_in(call, members));
  TRY_VOID(call.errand.gate.check(Deed::kBreakGlass, target));
  const ChangedGlass opened = TRY(call.desk.open(call.errand.mandate, proof, target.id, wish));
  response.status = 201;
  return write_changed(call, opened, response);
}

Result<void> renew_grant(const Call& call, net::HttpResponse& response) {
  const object members = TRY(read_members(call.request, {"reason", "words", "minutes"}));
  const access::GlassProof proof = TRY(proof_of(call));
  const GlassWish wish = TRY(wish_in(members));
  const auto story = TRY(call.desk.story(call.tenant(), call.id));
  if (story.grant.person == call.person()) {
    const Thing target = TRY(call.errand.registry.find(call.tenant(), story.grant.target));
    TRY_VOID(call.errand.gate.check(Deed::kBreakGlass, target));
  }
  return write_changed(call, call.desk.renew(call.errand.mandate, proof, call.id, wish), response);
}

/// To give back asks for no proof.
Result<void> end_grant(const Call& call, net::HttpResponse& response) {
  const object members = TRY(read_members(call.request, {"words"}));
  const auto mandate = with_words(call, members, TRY(text_in(members, "words")));
  return write_changed(call, call.desk.end(mandate, call.id), response);
}

Result<void> revoke_grant(const Call& call, net::HttpResponse& response) {
  const object members = TRY(read_members(call.request, {"words"}));
  const auto mandate = with_words(call, members, TRY(text_in(members, "words")));
  TRY_VOID(call.errand.gate.check(Deed::kRevokeGrant, Kind::kPerson));
  const auto story = TRY(call.desk.story(call.tenant(), call.id));
  const Thing whose = TRY(call.errand.registry.find(call.tenant(), story.grant.person));
  TRY_VOID(call.errand.gate.check(Deed::kRevokeGrant, whose));
  return write_changed(call, call.desk.revoke(mandate, call.id), response);
}

Result<void> list_own(const Call& call, net::HttpResponse& response) {
  const auto grants = TRY(call.desk.of_person(call.tenant(), call.person(),
                                              parameter_of(call.request, "before"), kMostListed));
  return write_list(call, grants, response);
}

Result<void> list_open(const Call& call, net::HttpResponse& response) {
  TRY_VOID(call.errand.gate.check(Deed::kRevokeGrant, Kind::kPerson));
  const auto grants =
      TRY(call.desk.unended(call.tenant(), parameter_of(call.request, "after"), kMostListed));
  return write_list(call, grants, response);
}

Result<void> show_grant(const Call& call, net::HttpResponse& response) {
  const auto story = TRY(call.desk.story(call.tenant(), call.id));
  TRY_VOID(check_sight(call, story.grant.person));
  object out = to_json(story.grant, call.errand.now);
  boost::json::array steps;
  for (const access::KeptGlassStep& each : story.steps) {
    steps.push_back(object{{"step", each.step},
                           {"person", each.person},
                           {"reason", each.reason},
                           {"words", each.words},
                           {"at", to_time_text(each.at_ms)},
                           {"until", to_time_text(each.until_ms)}});
  }
  out["steps"] = std::move(steps);
  write_json(out, response);
  return {};
}

Result<void> list_reasons(const Call& call, net::HttpResponse& response) {
  const access::GlassRules& rules = call.desk.rules();
  boost::json::array items;
  for (const access::GlassReason& each : rules.reasons) {
    items.push_back(object{{"code", each.code},
                           {"about", each.about},
                           {"actions", array_of(each.actions)},
                           {"waives", array_of(each.waives)}});
  }
  write_json(object{{"items", std::move(items)},
                    {"minutes", rules.lasts_ms / access::kGlassMinute},
                    {"mostMinutes", rules.most_ms / access::kGlassMinute}},
             response);
  return {};
}

}  // namespace wardlock::glass_api
