#include "server/readiness.h"

#include <algorithm>
#include <functional>

namespace wardlock::server {
namespace {

/// Age in seconds. The clock may have been set back.
double seconds_since(std::int64_t then, std::int64_t now) {
  return static_cast<double>(std::max<std::int64_t>(now - then, 0)) / 1000;
}

boost::json::object report_tenant(const ServedTenant& tenant, std::int64_t now) {
  boost::json::object out{
      {"revision", tenant.snapshot->revision},
      {"policy_set", tenant.snapshot->policy_set()},
      {"age_seconds", static_cast<std::int64_t>(seconds_since(tenant.loaded_at, now))}};
  if (!tenant.stale.empty()) {
    out["stale"] = "its files were changed and cannot be used; the log says why";
    out["stale_seconds"] = seconds_since(tenant.stale_since, now);
  }
  return out;
}

std::string_view status_of(bool is_draining, bool is_too_stale, bool is_mute) {
  if (is_draining) return "draining";
  if (is_too_stale) return "too stale";
  return is_mute ? "cannot record" : "ready";
}

}  // namespace

Readiness readiness(const World& world, const config::Config& config, const AuditLog* audit,
                    const Cosigning* cosigning, const Forwarders* forwarders, bool is_draining,
                    std::int64_t now) {
  const auto is_too_stale = [&](const ServedTenant& tenant) {
    return !tenant.stale.empty() && now - tenant.stale_since > config.reload.max_staleness.count();
  };
  const auto is_stale = [](const ServedTenant& tenant) { return !tenant.stale.empty(); };
  const bool is_over = std::ranges::any_of(world.tenants, is_too_stale);
  const bool is_mute = audit != nullptr && audit->log().is_failing() &&
                       audit->on_failure("") == config::OnFailure::kDeny;
  boost::json::object report{{"status", status_of(is_draining, is_over, is_mute)}};
  if (audit != nullptr && audit->log().is_failing()) {
    report["audit"] = "the audit log can't be written; the metrics and the log say why";
  }
  if (cosigning != nullptr && cosigning->has_disagreement()) {
    report["witness"] = "a witness has seen another audit log than this; the log says what";
  }
  const auto is_failing = [](const auto& each) { return each.is_failing; };
  // Decisions are made and recorded all the same: it is as ready as ever.
  if (forwarders != nullptr && std::ranges::any_of(forwarders->status(), is_failing)) {
    report["audit_forward"] = "some receiver of the audit log takes nothing; the metrics say which";
  }
  // Which tenants there are is nobody's business.
  if (world.tenants.size() == 1) {
    for (auto& [key, value] : report_tenant(world.tenants.front(), now)) report[key] = value;
  } else if (std::ranges::any_of(world.tenants, is_stale)) {
    report["stale"] = "some tenant's files were changed and cannot be used; the log says which";
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
  gauge("wardlock_policies", "Policies in use.", [](const auto& each) {
    return static_cast<double>(each.snapshot->policies().policies().size());
  });
  gauge("wardlock_entities", "Entities in use.",
        [](const auto& each) { return static_cast<double>(each.snapshot->entities.size()); });
  out.single("wardlock_configuration_stale", "gauge",
             "1 while the configuration cannot be used and an older one is.",
             world.stale_configuration.empty() ? 0 : 1);
}

void add_audit(const AuditLog& audit, const LogIndex& index, Exposition& out) {
  const audit::LogStatus status = audit.log().status();
  const auto counter = [&](const char* name, const char* help, std::uint64_t value) {
    out.single(name, "counter", help, static_cast<double>(value));
  };
  const auto gauge = [&](const char* name, const char* help, std::uint64_t value) {
    out.single(name, "gauge", help, static_cast<double>(value));
  };
  gauge("wardlock_audit_size", "Records that are on disk.", status.size);
  gauge("wardlock_audit_checkpoint_size", "Records that the latest checkpoint covers.",
        status.checkpoint_size);
  gauge("wardlock_audit_indexed", "Records that are found by what they are about.",
        index.indexed());
  gauge("wardlock_audit_failing", "1 while the log can't be written.", status.is_failing ? 1 : 0);
  gauge("wardlock_audit_spool_used_bytes", "Of the spool.", status.spool_used);
  gauge("wardlock_audit_spool_bytes", "The spool's size.", status.spool_bytes);
  counter("wardlock_audit_batches_total", "Batches that were written.", status.batches);
  counter("wardlock_audit_refused_total", "Records that could not be written.", status.refused);
  counter("wardlock_audit_spooled_total", "Records that went to the spool first.", status.spooled);
  counter("wardlock_audit_unrecorded_total", "What was answered without a record.",
          audit.unrecorded());
}

void add_witnesses(const Cosigning& cosigning, Exposition& out) {
  const std::vector<audit::WitnessStatus> witnesses = cosigning.status();
  const auto each = [&](const char* name, const char* kind, const char* help, const auto& value) {
    out.begin(name, kind, help);
    for (const audit::WitnessStatus& witness : witnesses) {
      out.add(label("witness", witness.name), static_cast<double>(value(witness)));
    }
  };
  each("wardlock_audit_witness_size", "gauge", "Records that the witness has confirmed.",
       [](const auto& witness) { return witness.cosigned; });
  each("wardlock_audit_witness_confirmed_timestamp_seconds", "gauge",
       "When the witness confirmed the last time.",
       [](const auto& witness) { return witness.cosigned_at; });
  each("wardlock_audit_witness_disagrees", "gauge",
       "1 while the witness has seen another log, or a longer one.",
       [](const auto& witness) { return witness.disagrees ? 1 : 0; });
  each("wardlock_audit_witness_failures_total", "counter",
       "Times that the witness did not answer as it should.",
       [](const auto& witness) { return witness.failures; });
}

}  // namespace wardlock::server
