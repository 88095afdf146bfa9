#include "server/review_task.h"

#include <utility>

#include "base/wall_clock.h"
#include "codec/json.h"
#include "directory/lifecycle/review_run.h"
#include "server/directory.h"

namespace wardlock::server {
namespace {

using directory::ReviewOutcome;

std::int64_t signed_count(std::uint64_t count) { return static_cast<std::int64_t>(count); }

void log_reviewed(Log& log, std::string_view tenant, const ReviewOutcome& outcome) {
  std::uint64_t findings = 0;
  for (const auto& [kind, count] : outcome.counts) findings += count;
  log.info("directory_reviewed", {{"tenant", tenant},
                                  {"findings", signed_count(findings)},
                                  {"suspended", signed_count(outcome.suspended)},
                                  {"left", signed_count(outcome.left)},
                                  {"spared", signed_count(outcome.spared)}});
}

/// What cannot go on record is not done.
directory::ReviewRules rules_for(const Directory& directory) {
  directory::ReviewRules rules = directory.review;
  if (directory.can_record()) return rules;
  rules.suspend_dormant_after.reset();
  rules.leave_after_contract.reset();
  return rules;
}

/// The counts, as the task keeps them for all nodes.
std::string notes_of(const directory::FindingCounts& counts) {
  boost::json::object out;
  for (const auto& [kind, count] : counts) out[kind->name] = count;
  return codec::to_json_text(out);
}

}  // namespace

void ReviewBoard::take(std::string_view tenant, std::string_view notes, std::int64_t at_ms) {
  const auto parsed = codec::parse_json(notes);
  if (!parsed || !parsed->is_object()) return;  // of another version
  Last last{.counts = {}, .at_ms = at_ms};
  for (const directory::FindingKind& kind : directory::all_finding_kinds()) {
    const codec::Json* const count = parsed->get_object().if_contains(kind.name);
    const bool is_number = count != nullptr && count->is_int64() && count->get_int64() >= 0;
    last.counts.emplace(kind.name, is_number ? static_cast<std::uint64_t>(count->get_int64()) : 0);
  }
  const std::scoped_lock lock(mutex_);
  last_.insert_or_assign(std::string(tenant), std::move(last));
}

void ReviewBoard::add_to(Exposition& out) const {
  const std::scoped_lock lock(mutex_);
  out.begin("wardlock_directory_review_findings", "gauge",
            "What a person should look at, as the last review found it.");
  for (const auto& [tenant, last] : last_) {
    for (const auto& [kind, count] : last.counts) {
      out.add(label("tenant", tenant) + "," + label("kind", kind), static_cast<double>(count));
    }
  }
  out.begin("wardlock_directory_review_time_seconds", "gauge",
            "When the directory was reviewed last, since the epoch.");
  for (const auto& [tenant, last] : last_) {
    out.add(label("tenant", tenant), static_cast<double>(last.at_ms) / 1000);
  }
}

TurnTask review_task(const std::string& tenant, Directory& directory, Log& log) {
  return {.tenant = tenant,
          .name = "review",
          .interval = directory.review.interval,
          .look =
              [tenant, &directory](const directory::Turns::Last& last) {
                directory.findings.take(tenant, last.notes, last.finished_ms);
              },
          .work = [tenant, &directory,
                   &log](const std::function<bool()>& go_on) -> Result<std::string> {
            const ReviewOutcome outcome = TRY(directory::act_on_findings(
                *directory.registry, tenant, rules_for(directory), wall_clock_ms(), go_on));
            log_reviewed(log, tenant, outcome);
            return notes_of(outcome.counts);
          }};
}

}  // namespace wardlock::server
