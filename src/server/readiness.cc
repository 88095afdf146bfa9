#include "server/readiness.h"

#include <algorithm>
#include <functional>

namespace wardlock::server {
namespace {

/// Age in seconds. The clock may have been set back.
double seconds_since(std::int64_t then, std::int64_t now) {
  return static_cast<double>(std::max<std::int64_t>(now - then, 0)) / 1000;
}

boost::json::object report_directory(const ServedTenant& tenant, std::int64_t now) {
  const std::shared_ptr<const ViewStatus> status = tenant.directory->status();
  boost::json::object out{{"revision", tenant.directory_revision},
                          {"age_seconds", seconds_since(tenant.directory->as_of(), now)},
                          {"shown", status->shown},
                          {"hidden", status->hidden}};
  if (!status->fault.empty()) {
    out["stale"] =
        "it cannot be followed; decisions go on with what was known, and the log says why";
  }
  return out;
}

boost::json::object report_canary(const ServedCanary& canary) {
  const pap::CanaryStage& stage = canary.stage;
  boost::json::object out = bundle_json(
      {.serial = stage.serial,
       .content = stage.content,
       .expires = std::chrono::sys_seconds(std::chrono::seconds(stage.ends_ms / 1000))});
  out["number"] = stage.number;
  out["policy_set"] = canary.policies->tried()->policy_set();
  return out;
}

boost::json::object report_tenant(const ServedTenant& tenant, std::int64_t now) {
  boost::json::object out{
      {"revision", tenant.snapshot->revision},
      {"policy_set", tenant.snapshot->policy_set()},
      {"age_seconds", static_cast<std::int64_t>(seconds_since(tenant.loaded_at, now))}};
  if (tenant.bundle) out["bundle"] = bundle_json(*tenant.bundle);
  if (!tenant.stale.empty()) {
    out["stale"] = tenant.bundle && bundle_time() >= tenant.bundle->expires
                       ? "its bundle has expired and stays in use; the log says more"
                       : "its files were changed and cannot be used; the log says why";
    out["stale_seconds"] = seconds_since(tenant.stale_since, now);
  }
  if (!tenant.refused.empty()) {
    out["refused"] =
        "what is in force by the database cannot be used here, and what was in use stays; the log "
        "says why";
    out["refused_seconds"] = seconds_since(tenant.refused_since, now);
  }
  if (tenant.canary != nullptr) out["canary"] = report_canary(*tenant.canary);
  if (!tenant.canary_refused.empty()) {
    out["canary_refused"] =
        "a canary runs by the database and cannot be used here: what is in force decides all; the "
        "log says why";
  }
  if (tenant.directory != nullptr) out["directory"] = report_directory(tenant, now);
  return out;
}

/// Decisions go on with what was known of it, but not for ever.
bool is_directory_too_old(const ServedTenant& tenant, const config::Config& config,
                          std::int64_t now) {
  return tenant.directory != nullptr &&
         now - tenant.directory->as_of() > config.reload.max_staleness.count();
}

std::string_view status_of(bool is_draining, bool is_too_stale, bool is_mute) {
  if (is_draining) return "draining";
  if (is_too_stale) return "too stale";
  return is_mute ? "cannot record" : "ready";
}

/// Of the audit log's spool, and of those who read the log. Decisions are made and recorded all the
/// same: it is as ready as ever.
void add_readers(const Recording& recording, boost::json::object& report) {
  if (recording.audit->log().status().spool_missing > 0) {
    report["audit_spool"] = "records are missing in the audit log's spool; an event says how many";
  }
  if (recording.cosigning != nullptr && recording.cosigning->has_disagreement()) {
    report["witness"] = "a witness has seen another audit log than this; the log says what";
  }
  const auto is_failing = [](const auto& each) { return each.is_failing; };
  if (std::ranges::any_of(recording.forwarders->status(), is_failing)) {
    report["audit_forward"] = "some receiver of the audit log takes nothing; the metrics say which";
  }
}

void add_directories(const World& world, std::optional<std::size_t> tenant, std::int64_t now,
                     Exposition& out) {
  if (world.tenants.empty() || world.tenants.front().directory == nullptr) return;
  const auto gauge = [&](const char* name, const char* help,
                         const std::function<double(const ServedTenant&)>& value) {
    out.begin(name, "gauge", help);
    for (std::size_t i = 0; i < world.tenants.size(); ++i) {
      if (tenant && *tenant != i) continue;
      out.add(label("tenant", world.tenants[i].name), value(world.tenants[i]));
    }
  };
  gauge("wardlock_directory_revision", "Of the directory, up to which decisions have its changes.",
        [](const auto& each) { return static_cast<double>(each.directory_revision); });
  gauge("wardlock_directory_age_seconds", "Since the directory was known to have nothing newer.",
        [&](const auto& each) { return seconds_since(each.directory->as_of(), now); });
  gauge("wardlock_directory_things", "Things of the directory that policies see.",
        [](const auto& each) { return static_cast<double>(each.directory->status()->shown); });
  gauge("wardlock_directory_hidden",
        "Things in force that policies do not see, since something is missing or wrong.",
        [](const auto& each) { return static_cast<double>(each.directory->status()->hidden); });
  gauge("wardlock_directory_untold",
        "Things of which a source told something that is fresh no more.",
        [](const auto& each) { return static_cast<double>(each.directory->status()->untold); });
}

}  // namespace

Readiness readiness(const World& world, const config::Config& config, const Recording* recording,
                    const Directory* directory, bool is_draining, std::int64_t now) {
  const auto is_too_stale = [&](const ServedTenant& tenant) {
    const std::int64_t most = config.reload.max_staleness.count();
    return (!tenant.stale.empty() && now - tenant.stale_since > most) ||
           (!tenant.refused.empty() && now - tenant.refused_since > most) ||
           is_directory_too_old(tenant, config, now);
  };
  const auto is_refusing = [](const ServedTenant& tenant) { return !tenant.refused.empty(); };
  const auto is_stale = [](const ServedTenant& tenant) { return !tenant.stale.empty(); };
  const auto is_behind = [](const ServedTenant& tenant) {
    return tenant.directory != nullptr && !tenant.directory->status()->fault.empty();
  };
  const bool is_over = std::ranges::any_of(world.tenants, is_too_stale);
  const bool is_failing = recording != nullptr && recording->audit->log().is_failing();
  const bool is_mute = is_failing && recording->audit->on_failure("") == config::OnFailure::kDeny;
  boost::json::object report{{"status", status_of(is_draining, is_over, is_mute)}};
  if (is_failing) {
    report["audit"] = "the audit log can't be written; the metrics and the log say why";
  }
  if (recording != nullptr) add_readers(*recording, report);
  // Decisions go on all the same.
  if (directory != nullptr && directory->courier->status().is_stuck) {
    report["directory_events"] =
        "changes of the directory wait to be recorded; the metrics and the log say why";
  }
  if (directory != nullptr && std::ranges::any_of(directory->policy_desks, [](const auto& desk) {
        return desk->is_overdue();
      })) {
    report["policies"] =
        "policies came into force in an emergency, and nobody has approved them in time; see "
        "`wardlock policy status`";
  }
  // Which tenants there are is nobody's business.
  if (world.tenants.size() == 1) {
    for (auto& [key, value] : report_tenant(world.tenants.front(), now)) report[key] = value;
  } else if (std::ranges::any_of(world.tenants, is_stale)) {
    report["stale"] = "some tenant's files were changed and cannot be used; the log says which";
  }
  if (world.tenants.size() > 1 && std::ranges::any_of(world.tenants, is_refusing)) {
    report["refused"] =
        "what is in force for some tenant cannot be used here; the log says for which and why";
  }
  if (world.tenants.size() > 1 && std::ranges::any_of(world.tenants, is_behind)) {
    report["stale_directory"] =
        "some tenant's directory cannot be followed; the log says which and why";
  }
  if (!world.stale_configuration.empty()) {
    report["stale_configuration"] = "it was changed and cannot be used; the log says why";
  }
  return {.is_ready = !is_draining && !is_over && !is_mute, .report = std::move(report)};
}

void add_world(const World& world, std::optional<std::size_t> tenant, std::int64_t now,
               Exposition& out) {
  const auto gauge = [&](const char* name, const char* help,
                         const std::function<double(const ServedTenant&)>& value) {
    out.begin(name, "gauge", help);
    for (std::size_t i = 0; i < world.tenants.size(); ++i) {
      if (tenant && *tenant != i) continue;
      out.add(label("tenant", world.tenants[i].name), value(world.tenants[i]));
    }
  };
  gauge("wardlock_snapshot_revision", "Counts the sets taken over since the start.",
        [](const auto& each) { return static_cast<double>(each.snapshot->revision); });
  gauge("wardlock_snapshot_age_seconds", "Since the set in use was taken over.",
        [&](const auto& each) { return seconds_since(each.loaded_at, now); });
  gauge("wardlock_snapshot_stale", "1 while the files cannot be used and an older set is.",
        [](const auto& each) { return each.stale.empty() ? 0.0 : 1.0; });
  gauge("wardlock_policies_refused",
        "1 while what is in force by the database cannot be used and what was in use stays.",
        [](const auto& each) { return each.refused.empty() ? 0.0 : 1.0; });
  gauge("wardlock_policies_canary",
        "Serial of the canary that decides a part of the questions; 0: none does.",
        [](const auto& each) {
          return each.canary ? static_cast<double>(each.canary->stage.serial) : 0.0;
        });
  gauge("wardlock_policies_canary_refused",
        "1 while a canary runs by the database and cannot be used here.",
        [](const auto& each) { return each.canary_refused.empty() ? 0.0 : 1.0; });
  gauge("wardlock_policies_serial", "Of the bundle in use; 0: the policies are files.",
        [](const auto& each) {
          return each.bundle ? static_cast<double>(each.bundle->serial) : 0.0;
        });
  gauge("wardlock_policies", "Policies in use.", [](const auto& each) {
    return static_cast<double>(each.snapshot->policies().policies().size());
  });
  gauge("wardlock_entities", "Entities in use.",
        [](const auto& each) { return static_cast<double>(each.snapshot->entities.size()); });
  add_directories(world, tenant, now, out);
  out.single("wardlock_configuration_stale", "gauge",
             "1 while the configuration cannot be used and an older one is.",
             world.stale_configuration.empty() ? 0 : 1);
}

void add_policy_nodes(const World& world, const Directory& directory,
                      std::optional<std::size_t> tenant, Exposition& out) {
  if (directory.policy_desks.empty()) return;
  out.begin("wardlock_policy_nodes", "gauge",
            "Nodes by how what they run stands to what is in force.");
  for (std::size_t i = 0; i < world.tenants.size(); ++i) {
    if (tenant && *tenant != i) continue;
    const std::string& name = world.tenants[i].name;
    PolicyDesk* const desk = directory.policy_desk(directory_tenant(name));
    if (desk == nullptr) continue;
    for (const pap::NodeStanding each : pap::kAllNodeStandings) {
      out.add(label("tenant", name) + "," + label("standing", to_string(each)),
              static_cast<double>(desk->node_counts().of(each)));
    }
  }
}

}  // namespace wardlock::server
