#include "pdp/delegations.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "pdp/entity_name.h"

namespace wardlock::pdp {
namespace {

using cedar::EntityUid;
using cedar::Kind;
using cedar::Value;

/// Reads one entity's attributes.
class DelegationReader {
 public:
  explicit DelegationReader(const cedar::Entity& entity) : entity_(entity) {}

  Result<Delegation> read() const {
    Delegation out{.id = entity_.uid()->id,
                   .delegator = TRY(named("delegator")),
                   .delegate = TRY(named("delegate")),
                   .target = TRY(named("target"))};
    out.actions = TRY(attribute("actions", Kind::kSet))->as_set();
    const auto is_no_entity = [](const Value& member) { return !member.is(Kind::kEntity); };
    if (std::ranges::any_of(out.actions, is_no_entity)) {
      return malformed("the members of `actions` must be of type entity");
    }
    out.opens_at = TRY(attribute("opensAt", Kind::kDatetime))->as_scaled();
    out.expires_at = TRY(attribute("expiresAt", Kind::kDatetime))->as_scaled();
    if (out.expires_at <= out.opens_at) return malformed("`expiresAt` is not after `opensAt`");
    if (out.delegator == out.delegate) return malformed("nobody delegates to themselves");
    out.by = TRY(attribute("by", Kind::kString))->as_string();
    out.purpose = TRY(attribute("purpose", Kind::kString))->as_string();
    out.ticket = TRY(attribute("ticket", Kind::kString))->as_string();
    out.may_pass_on = TRY(attribute("onward", Kind::kBool))->as_bool();
    if (find_field(entity_.attributes(), "passesOn") != nullptr) {
      out.passes_on = TRY(attribute("passesOn", Kind::kString))->as_string();
      if (out.passes_on.empty()) return malformed("`passesOn` is empty");
    }
    return out;
  }

 private:
  std::unexpected<Error> malformed(std::string_view why) const {
    return invalid(fmt::format("the delegation `{}`: {}", entity_.uid()->id, why));
  }

  Result<const Value*> attribute(std::string_view name, Kind kind) const {
    const Value* value = find_field(entity_.attributes(), name);
    if (value == nullptr) return malformed(fmt::format("`{}` is missing", name));
    if (value->is(kind)) return value;
    return malformed(fmt::format("`{}` must be of type {}", name, to_string(kind)));
  }

  /// An entity of any type: a schema could give an attribute one type only.
  Result<EntityUid> named(std::string_view name) const {
    const auto uid = named_entity(TRY(attribute(name, Kind::kRecord)));
    if (uid) return *uid;
    return malformed(fmt::format("`{}` must have the texts `type` and `id`", name));
  }

  const cedar::Entity& entity_;
};

std::size_t hash_of_delegate(const Delegation& delegation) { return delegation.delegate.hash; }

}  // namespace

Result<std::vector<Delegation>> find_delegations(const cedar::EntityStore& entities) {
  std::vector<Delegation> delegations;
  for (const cedar::Entity* entity : entities.entities(kDelegationType)) {
    delegations.push_back(TRY(DelegationReader(*entity).read()));
  }
  std::ranges::sort(delegations, {}, [](const Delegation& each) {
    return std::tuple(each.delegate.hash, each.delegator.hash, each.id);
  });
  return delegations;
}

std::span<const Delegation> delegations_to(std::span<const Delegation> all,
                                           const EntityUid& delegate) {
  const auto range = std::ranges::equal_range(all, delegate.hash, {}, &hash_of_delegate);
  return {range.begin(), range.end()};
}

}  // namespace wardlock::pdp
