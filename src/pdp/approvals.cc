#include "pdp/approvals.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <tuple>

#include "pdp/entity_name.h"

namespace wardlock::pdp {
namespace {

using cedar::EntityUid;
using cedar::Kind;
using cedar::Value;

/// Reads one entity's attributes.
class ApprovalReader {
 public:
  explicit ApprovalReader(const cedar::Entity& entity) : entity_(entity) {}

  Result<Approval> read() const {
    Approval out{.id = entity_.uid()->id,
                 .principal = TRY(named("principal")),
                 .target = TRY(named("target"))};
    out.action = &TRY(attribute("action", Kind::kEntity))->as_entity();
    out.approvers = TRY(attribute("approvers", Kind::kSet))->as_set();
    TRY_VOID(check_approvers(out));
    out.opens_at = TRY(attribute("opensAt", Kind::kDatetime))->as_scaled();
    out.expires_at = TRY(attribute("expiresAt", Kind::kDatetime))->as_scaled();
    if (out.expires_at <= out.opens_at) return malformed("`expiresAt` is not after `opensAt`");
    out.ticket = TRY(attribute("ticket", Kind::kString))->as_string();
    return out;
  }

 private:
  std::unexpected<Error> malformed(std::string_view why) const {
    return invalid(fmt::format("the approval `{}`: {}", entity_.uid()->id, why));
  }

  Result<const Value*> attribute(std::string_view name, Kind kind) const {
    const Value* value = find_field(entity_.attributes(), name);
    if (value == nullptr) return malformed(fmt::format("`{}` is missing", name));
    if (value->is(kind)) return value;
    return malformed(fmt::format("`{}` must be of type {}", name, to_string(kind)));
  }

  Result<EntityUid> named(std::string_view name) const {
    const auto uid = named_entity(TRY(attribute(name, Kind::kRecord)));
    if (uid) return *uid;
    return malformed(fmt::format("`{}` must have the texts `type` and `id`", name));
  }

  /// INVARIANT: nobody approves what they do themselves.
  Result<void> check_approvers(const Approval& approval) const {
    if (approval.approvers.empty()) return malformed("nobody has given it");
    for (const Value& each : approval.approvers) {
      const auto approver = named_entity(&each);
      if (!approver) return malformed("`approvers` must have the texts `type` and `id`");
      if (*approver == approval.principal) return malformed("nobody approves their own deeds");
    }
    return {};
  }

  const cedar::Entity& entity_;
};

std::size_t hash_of_principal(const Approval& approval) { return approval.principal.hash; }

}  // namespace

Result<std::vector<Approval>> find_approvals(const cedar::EntityStore& entities) {
  std::vector<Approval> approvals;
  for (const cedar::Entity* entity : entities.entities(kApprovalType)) {
    approvals.push_back(TRY(ApprovalReader(*entity).read()));
  }
  std::ranges::sort(approvals, {},
                    [](const Approval& each) { return std::tuple(each.principal.hash, each.id); });
  return approvals;
}

std::span<const Approval> approvals_of(std::span<const Approval> all, const EntityUid& principal) {
  const auto first = std::ranges::lower_bound(all, principal.hash, {}, &hash_of_principal);
  auto end = first;
  while (end != all.end() && end->principal.hash == principal.hash) ++end;
  return {first, end};
}

}  // namespace wardlock::pdp
