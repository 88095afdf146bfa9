#include "access/grant/kept_open_grants.h"

#include <string>
#include <utility>

#include "access/grant/glass_rows.h"
#include "access/grant/glass_target.h"

namespace wardlock::access {
namespace {

constexpr std::size_t kBatch = 1000;
/// So far may clocks of nodes differ.
constexpr std::int64_t kSkew = kGlassMinute;

/// Nothing: whom it was for is not there any more.
Result<std::optional<directory::OpenGrant>> seen(storage::Work& work, GlassGrant grant) {
  auto target = TRY(find_glass_target(work, grant.tenant, grant.target));
  if (!target) return std::nullopt;
  return directory::OpenGrant{.id = std::move(grant.id),
                              .person = std::move(grant.person),
                              .target = std::move(target->id),
                              .actions = std::move(grant.actions),
                              .waives = std::move(grant.waives),
                              .reason = std::move(grant.words),
                              .opens_ms = grant.opened_ms - kSkew,
                              .expires_ms = grant.expires_ms};
}

}  // namespace

Result<std::vector<directory::OpenGrant>> KeptOpenGrants::read_all(storage::Work& work,
                                                                   std::string_view tenant) const {
  std::vector<directory::OpenGrant> all;
  std::string after;
  for (;;) {
    auto some = TRY(find_unended(work, tenant, after, kBatch));
    const bool is_last = some.size() < kBatch;
    for (GlassGrant& each : some) {
      after = each.id;
      auto grant = TRY(seen(work, std::move(each)));
      if (grant) all.push_back(*std::move(grant));
    }
    if (is_last) return all;
  }
}

Result<std::optional<directory::OpenGrant>> KeptOpenGrants::read(storage::Work& work,
                                                                 std::string_view tenant,
                                                                 std::string_view id) const {
  auto grant = TRY(find_grant(work, tenant, id));
  if (!grant || grant->ended_ms) return std::nullopt;
  return seen(work, *std::move(grant));
}

}  // namespace wardlock::access
