#include "access/request/kept_open_approvals.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "access/delegation/party.h"
#include "access/request/role_request_rows.h"

namespace wardlock::access {
namespace {

using directory::OpenGrant;

constexpr std::size_t kBatch = 1000;
/// So far may clocks of nodes differ: it counts a little before it was given, for those behind.
constexpr std::int64_t kSkew = 60'000;

bool is_standing(const RoleRequest& request) {
  return request.is_for_action() && request.state == RoleRequestState::kGranted &&
         !request.closed_ms && request.ends_ms;
}

/// For a patient who was merged it is for the one who is left. Nothing: one of them is not there
/// any more.
Result<std::optional<OpenGrant>> seen(storage::Work& work, RoleRequest kept) {
  auto person = TRY(find_party(work, kept.tenant, kept.person));
  auto target = TRY(find_party(work, kept.tenant, kept.target));
  if (!person || !target) return std::nullopt;
  OpenGrant open{.id = std::move(kept.id),
                 .person = std::move(person->id),
                 .target = std::move(target->id),
                 .actions = {std::move(kept.action)},
                 .reason = {},
                 .opens_ms = kept.signature.signed_ms - kSkew,
                 .expires_ms = *kept.ends_ms};
  open.approval = {.approvers = {std::move(kept.signature.person)},
                   .ticket = std::move(kept.ticket)};
  // Policies may see people who are not at work, to know that they are not.
  if (!may_be_party(*person)) open.hidden = "who asked is not at work";
  if (!may_be_target(*target)) open.hidden = "what it is for is not there any more";
  return open;
}

}  // namespace

Result<std::vector<OpenGrant>> KeptOpenApprovals::read_all(storage::Work& work,
                                                           std::string_view tenant) const {
  std::vector<OpenGrant> all = TRY(others_.read_all(work, tenant));
  std::string after;
  for (;;) {
    auto some = TRY(find_standing_approvals(work, tenant, after, kBatch));
    const bool is_last = some.size() < kBatch;
    for (RoleRequest& each : some) {
      after = each.id;
      if (!is_standing(each)) continue;
      auto open = TRY(seen(work, std::move(each)));
      if (open) all.push_back(*std::move(open));
    }
    if (is_last) return all;
  }
}

Result<std::optional<OpenGrant>> KeptOpenApprovals::read(storage::Work& work,
                                                         std::string_view tenant,
                                                         std::string_view id) const {
  auto other = TRY(others_.read(work, tenant, id));
  if (other) return other;
  auto kept = TRY(find_role_request(work, tenant, id));
  if (!kept || !is_standing(*kept)) return std::nullopt;
  return seen(work, *std::move(kept));
}

}  // namespace wardlock::access
