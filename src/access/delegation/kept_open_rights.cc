#include "access/delegation/kept_open_rights.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "access/delegation/delegation_rows.h"
#include "access/delegation/party.h"

namespace wardlock::access {
namespace {

using directory::OpenGrant;

constexpr std::size_t kBatch = 1000;
/// So far may clocks of nodes differ: it counts a little before it begins, for those behind.
constexpr std::int64_t kSkew = 60'000;

/// Where a patient was merged, it is of and for the one who is left. Nothing: one of them is not
/// there any more.
Result<std::optional<OpenGrant>> seen(storage::Work& work, KeptDelegation kept) {
  auto delegator = TRY(find_party(work, kept.tenant, kept.delegator));
  auto delegate = TRY(find_party(work, kept.tenant, kept.delegate));
  auto target = TRY(find_party(work, kept.tenant, kept.target));
  if (!delegator || !delegate || !target) return std::nullopt;
  OpenGrant open{
      .id = std::move(kept.id),
      .person = std::move(delegate->id),
      .target = std::move(target->id),
      .actions = std::move(kept.actions),
      .reason = std::move(kept.purpose),
      .opens_ms = kept.begins_ms <= kept.made_ms ? kept.begins_ms - kSkew : kept.begins_ms,
      .expires_ms = kept.ends_ms};
  open.delegation = {.delegator = std::move(delegator->id),
                     .by = std::string(directory::to_string(kept.delegator_kind)),
                     .ticket = std::move(kept.ticket),
                     .may_pass_on = kept.may_pass_on,
                     .passes_on = std::move(kept.passes_on)};
  // Policies may see people who are not at work, to know that they are not.
  if (!may_be_party(*delegator)) open.hidden = "who delegates is not at work, or not there";
  if (!may_be_party(*delegate)) open.hidden = "the delegate is not at work";
  return open;
}

}  // namespace

Result<std::vector<OpenGrant>> KeptOpenRights::read_all(storage::Work& work,
                                                        std::string_view tenant) const {
  std::vector<OpenGrant> all = TRY(grants_.read_all(work, tenant));
  std::string after;
  for (;;) {
    auto some = TRY(find_unended_delegations(work, tenant, after, kBatch));
    const bool is_last = some.size() < kBatch;
    for (KeptDelegation& each : some) {
      after = each.id;
      auto open = TRY(seen(work, std::move(each)));
      if (open) all.push_back(*std::move(open));
    }
    if (is_last) return all;
  }
}

Result<std::optional<OpenGrant>> KeptOpenRights::read(storage::Work& work, std::string_view tenant,
                                                      std::string_view id) const {
  auto grant = TRY(grants_.read(work, tenant, id));
  if (grant) return grant;
  auto kept = TRY(find_delegation(work, tenant, id));
  if (!kept || kept->ended_ms) return std::nullopt;
  return seen(work, *std::move(kept));
}

}  // namespace wardlock::access
