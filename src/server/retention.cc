#include "server/retention.h"

#include <fmt/format.h>

#include <string>

namespace wardlock::server {
namespace {

/// Never less than a year, whichever years they are.
std::chrono::milliseconds years(int count) { return count * std::chrono::days(366); }

}  // namespace

audit::RetentionRules retention_rules(const config::Audit& settings) {
  audit::RetentionRules rules;
  rules.otherwise = years(settings.retention_years_otherwise);
  for (const auto& [name, count] : settings.retention_years) {
    rules.by_class.emplace(name, years(count));
  }
  return rules;
}

Result<audit::ExpiredPart> find_expired(
    AuditLog& audit, const config::Audit& settings, std::int64_t now,
    const std::function<void(std::uint64_t, std::uint64_t)>& report) {
  return audit::find_expired(audit.files(), audit.folder(), retention_rules(settings),
                             TRY(audit.keys().held_keys()), now, report);
}

Result<void> remove_expired(AuditLog& audit, const audit::ExpiredPart& part,
                            event::Event circumstances) {
  const std::string changed = fmt::format("records {} to {}", part.begin, part.end - 1);
  circumstances.kind = event::Kind::kRetentionRemoval;
  circumstances.cause = "retention";
  circumstances.changed = changed;
  circumstances.count = static_cast<std::int64_t>(part.end);
  TRY_VOID(audit.record_now(circumstances));
  if (auto closed = audit.close(); !closed) {
    return std::unexpected(closed.error().in("nothing was removed"));
  }
  return audit::remove_expired(audit.files(), audit.folder(), part);
}

}  // namespace wardlock::server
