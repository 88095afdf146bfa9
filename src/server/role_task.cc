#include "server/role_task.h"

#include <utility>
#include <vector>

#include "base/wall_clock.h"
#include "directory/lifecycle/role_rules.h"

namespace wardlock::server {
namespace {

std::int64_t signed_count(std::uint64_t count) { return static_cast<std::int64_t>(count); }

/// What cannot go on record is not done.
Result<void> check_can_record(const Directory& directory) {
  if (directory.can_record()) return {};
  return fail(ErrorCode::kUnavailable, "the audit log can't be written");
}

}  // namespace

std::vector<directory::RoleRule> role_rules_of(const config::Directory& options) {
  std::vector<directory::RoleRule> rules = options.role_rules;
  for (directory::RoleRule& rule : rules) rule.tenant = directory_tenant(rule.tenant);
  return rules;
}

TurnTask role_task(const std::string& tenant, const config::Directory& options,
                   Directory& directory, Log& log) {
  const auto apply = [tenant, rules = role_rules_of(options), &directory,
                      &log](const std::function<bool()>& go_on) -> Result<std::string> {
    TRY_VOID(check_can_record(directory));
    const directory::RolePlan plan =
        TRY(directory::plan_roles(*directory.registry, tenant, rules, wall_clock_ms()));
    for (const std::string& fault : plan.faults) {
      log.warning("role_rule_fault", {{"tenant", tenant}, {"reason", fault}});
    }
    const std::uint64_t done =
        TRY(directory::apply_roles(*directory.registry, tenant, plan, go_on));
    if (done > 0)
      log.info("role_rules_applied", {{"tenant", tenant}, {"roles", signed_count(done)}});
    return std::string();
  };
  return {.tenant = tenant,
          .name = "role-rules",
          .interval = options.role_rules_interval,
          .look = [](const directory::Turns::Last&) {},
          .work = apply};
}

}  // namespace wardlock::server
