#include "api/request/wishes.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "call/members.h"

namespace wardlock::request_api {
namespace {

using boost::json::object;
using call::text_in;
using directory::Kind;
using directory::Thing;

/// What there is to be done something to.
constexpr std::array kTargets = {Kind::kDevice, Kind::kPatient, Kind::kLocation,
                                 Kind::kOrganisation};
constexpr directory::Kinds kPlaces = {Kind::kLocation, Kind::kOrganisation};
constexpr directory::Kinds kActedOn = {Kind::kDevice, Kind::kPatient, Kind::kLocation,
                                       Kind::kOrganisation};

/// The one thing of these kinds that a body names by its kind; nothing: none. Error: several, or
/// one of another kind.
Result<std::optional<Thing>> thing_in(const RequestCall& call, const object& members,
                                      directory::Kinds kinds) {
  std::optional<Kind> named;
  std::string name;
  for (const Kind each : kTargets) {
    std::string text = TRY(text_in(members, to_string(each)));
    if (text.empty()) continue;
    if (named) return invalid("name one thing or place, and no more");
    if (!kinds.contains(each)) {
      return invalid(fmt::format("a role is for a place, and not for a {}", to_string(each)));
    }
    named = each;
    name = std::move(text);
  }
  if (!named) return std::nullopt;
  return TRY(call.desk.find_named(call.tenant(), *named, name));
}

Result<std::optional<std::int64_t>> lasts_in(const object& members) {
  const auto minutes = TRY(call::number_in(members, "minutes"));
  if (!minutes) return std::nullopt;
  constexpr std::int64_t kMost = access::kLongestRole / access::kRequestMinute;
  if (*minutes < 1 || *minutes > kMost) {
    return invalid(fmt::format("`minutes` is a number from 1 to {}", kMost));
  }
  return *minutes * access::kRequestMinute;
}

}  // namespace

Result<access::RoleWish> role_wish_in(const RequestCall& call, const object& members) {
  access::RoleWish wish{.role = TRY(text_in(members, "role")),
                        .lasts_ms = TRY(lasts_in(members)),
                        .reason = TRY(text_in(members, "reason")),
                        .ticket = TRY(text_in(members, "ticket"))};
  TRY_VOID(check_role_wish(wish, call.desk.rules()));
  const Thing role = TRY(call.desk.find_role(call.tenant(), wish.role));
  wish.role = role.id;
  const auto place = TRY(thing_in(call, members, kPlaces));
  if (place) wish.scope = place->id;
  return wish;
}

Result<access::ActionWish> action_wish_in(const RequestCall& call, const object& members) {
  if (members.contains("role")) return invalid("ask for a `role` or an `action`, and not for both");
  access::ActionWish wish{.action = TRY(text_in(members, "action")),
                          .target = {},
                          .lasts_ms = TRY(lasts_in(members)),
                          .reason = TRY(text_in(members, "reason")),
                          .ticket = TRY(text_in(members, "ticket"))};
  TRY_VOID(check_action_wish(wish, call.desk.approval_rules()));
  const auto target = TRY(thing_in(call, members, kActedOn));
  if (!target) {
    return invalid(
        "say what it is to be done to: a `device`, `patient`, `location` or "
        "`organisation`");
  }
  wish.target = target->id;
  return wish;
}

}  // namespace wardlock::request_api
