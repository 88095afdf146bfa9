#include "pdp/grants.h"

#include <fmt/format.h>

#include <algorithm>

namespace wardlock::pdp {
namespace {

using cedar::Kind;
using cedar::Value;

/// Reads one entity's attributes.
class GrantReader {
 public:
  explicit GrantReader(const cedar::Entity& entity) : entity_(entity) {}

  Result<Grant> read() const {
    Grant grant;
    grant.id = entity_.uid()->id;
    grant.principal = &TRY(attribute("principal", Kind::kEntity))->as_entity();
    grant.target = &TRY(attribute("target", Kind::kEntity))->as_entity();
    grant.actions = TRY(members("actions", Kind::kEntity));
    grant.opens_at = TRY(attribute("opensAt", Kind::kDatetime))->as_scaled();
    grant.expires_at = TRY(attribute("expiresAt", Kind::kDatetime))->as_scaled();
    if (grant.expires_at <= grant.opens_at) return malformed("`expiresAt` is not after `opensAt`");
    grant.reason = TRY(attribute("reason", Kind::kString))->as_string();
    if (grant.reason.empty()) return malformed("`reason` is empty");
    if (find_field(entity_.attributes(), "waives") != nullptr) {
      grant.waives = TRY(members("waives", Kind::kString));
    }
    return grant;
  }

 private:
  std::unexpected<Error> malformed(const std::string& why) const {
    return invalid(fmt::format("the grant `{}`: {}", entity_.uid()->id, why));
  }

  Result<const Value*> attribute(std::string_view name, Kind kind) const {
    const Value* value = find_field(entity_.attributes(), name);
    if (value == nullptr) return malformed(fmt::format("`{}` is missing", name));
    if (value->is(kind)) return value;
    return malformed(fmt::format("`{}` must be of type {}", name, to_string(kind)));
  }

  Result<std::span<const Value>> members(std::string_view name, Kind kind) const {
    const Value* set = TRY(attribute(name, Kind::kSet));
    const auto is_other = [kind](const Value& member) { return !member.is(kind); };
    if (std::ranges::any_of(set->as_set(), is_other)) {
      return malformed(
          fmt::format("the members of `{}` must be of type {}", name, to_string(kind)));
    }
    return set->as_set();
  }

  const cedar::Entity& entity_;
};

}  // namespace

Result<std::vector<Grant>> find_grants(const cedar::EntityStore& entities) {
  std::vector<Grant> grants;
  for (const cedar::Entity* entity : entities.entities(kGrantType)) {
    grants.push_back(TRY(GrantReader(*entity).read()));
  }
  std::ranges::sort(grants, {}, &Grant::id);
  return grants;
}

}  // namespace wardlock::pdp
