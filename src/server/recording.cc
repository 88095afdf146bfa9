#include "server/recording.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <string_view>
#include <vector>

#include "base/version.h"

namespace wardlock::server {
namespace {

/// What is recorded last, that the server stops, is worth a moment.
constexpr std::chrono::milliseconds kLastWords{2000};

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
  counter("wardlock_audit_spool_missing_total",
          "Records that went to the spool and were not in it any more.", status.spool_missing);
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

}  // namespace

Result<std::unique_ptr<Recording>> Recording::start(const config::Config& config, Log& log) {
  if (!config.audit) return nullptr;
  auto started = std::make_unique<Recording>();
  started->audit =
      TRY(AuditLog::open(*config.audit, [&log](const std::string& name, const Error& why) {
        log.warning("audit_witness_unasked", {{"witness", name}, {"reason", why.message}});
      }));
  started->cosigning = TRY(Cosigning::start(config, started->audit->files(), log));
  started->forwarders = TRY(Forwarders::start(*config.audit, *started->audit, log));
  started->index = std::make_unique<LogIndex>(*started->audit, log);
  return started;
}

Result<void> Recording::record_start(const World& world) {
  const std::uint64_t found = audit->log().status().found_unsigned;
  const auto count = found > 0 ? std::optional(static_cast<std::int64_t>(found)) : std::nullopt;
  for (const ServedTenant& tenant : world.tenants) {
    const auto recorded =
        audit->record_now({.kind = event::Kind::kServiceStart,
                           .tenant = tenant.name,
                           .count = count,
                           .policy_set = tenant.snapshot->policy_set(),
                           .revision = static_cast<std::int64_t>(tenant.snapshot->revision),
                           .changed = "wardlock",
                           .value_after = version()});
    if (recorded) continue;
    if (audit->on_failure("") != config::OnFailure::kProceed) return recorded;
    audit->note_unrecorded();
  }
  return {};
}

void Recording::record_stop(Log& log) {
  const auto recorded =
      audit->record_now({.kind = event::Kind::kServiceStop, .changed = "wardlock"});
  if (!recorded) log.error("audit_stop_unrecorded", {{"reason", recorded.error().message}});
  forwarders->wait_until_sent(kLastWords);
}

void warn_of_lost_spool(const AuditLog& audit, Log& log) {
  const std::uint64_t missing = audit.log().status().spool_missing;
  if (missing == 0) return;
  log.error("audit_spool_missing", {{"records", static_cast<std::int64_t>(missing)}});
}

void warn_of_distrusted_classes(const AuditLog& audit, const World& world, Log& log) {
  for (const ServedTenant& tenant : world.tenants) {
    for (const std::string_view name : tenant.snapshot->rulebook->accountability.classes()) {
      if (audit.on_failure(tenant.name, name) == audit.on_failure(name) &&
          audit.is_awaited(tenant.name, name) == audit.is_awaited(name)) {
        continue;
      }
      log.warning("audit_class_distrusted",
                  {{"tenant", tenant.name},
                   {"class", name},
                   {"reason", "the tenant is not among `audit.trusted_tenants`"}});
    }
  }
}

void warn_of_unknown_classes(const config::Audit& audit, const World& world, Log& log) {
  std::vector<std::string_view> known = {"administration"};
  for (const ServedTenant& tenant : world.tenants) {
    std::ranges::copy(tenant.snapshot->rulebook->accountability.classes(),
                      std::back_inserter(known));
  }
  const auto warn = [&](std::string_view name) {
    if (std::ranges::find(known, name) != known.end()) return;
    log.warning("audit_class_unknown",
                {{"class", name}, {"reason", "no action in any schema is of this class"}});
  };
  for (const auto& [name, on_failure] : audit.on_failure) warn(name);
  for (const std::string& name : audit.unawaited) warn(name);
}

void add_recording(const Recording& recording, std::int64_t now, Exposition& out) {
  add_audit(*recording.audit, *recording.index, out);
  if (recording.cosigning != nullptr) add_witnesses(*recording.cosigning, out);
  add_forwarders(*recording.forwarders, now, out);
}

}  // namespace wardlock::server
