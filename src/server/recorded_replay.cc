#include "server/recorded_replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "audit/inspect/event_reader.h"
#include "base/background.h"
#include "base/utf8.h"
#include "base/version.h"
#include "base/wall_clock.h"
#include "compare/decisions/access_matrix.h"
#include "compare/decisions/decision_diff.h"
#include "compare/replay/log_questions.h"
#include "crypto/random.h"
#include "pdp/bundle_sources.h"
#include "server/directory.h"

namespace wardlock::server {

using administration::ComparisonState;
using administration::RecordedComparison;
using administration::RecordedWish;
using Clock = std::chrono::steady_clock;

namespace {

bool is_over(const RecordedComparison& comparison) {
  return comparison.state == ComparisonState::kDone || comparison.state == ComparisonState::kFailed;
}

compare::ComparedSet describe(const std::string& content, const pdp::Snapshot& snapshot) {
  return {.name = content,
          .policy_set = snapshot.policy_set(),
          .policies = snapshot.policies().policies().size()};
}

}  // namespace

RecordedReplay::RecordedReplay(Parts parts)
    : parts_(std::move(parts)), thread_([this] { run(); }) {}

RecordedReplay::~RecordedReplay() {
  {
    const std::scoped_lock lock(mutex_);
    is_stopping_ = true;
  }
  changed_.notify_all();
}

Result<RecordedComparison> RecordedReplay::begin(std::size_t tenant, RecordedWish wish) {
  const crypto::UuidText id = crypto::random_uuid();
  const auto job = std::make_shared<Job>(
      Job{.tenant = tenant, .seen = {.id = {id.data(), id.size()}, .wish = std::move(wish)}});
  const std::scoped_lock lock(mutex_);
  const auto waiting =
      std::ranges::count_if(jobs_, [](const auto& each) { return !is_over(each->seen); });
  const auto own = std::ranges::count_if(
      jobs_, [&](const auto& each) { return each->tenant == tenant && !is_over(each->seen); });
  if (std::cmp_greater_equal(waiting, parts_.most_waiting) ||
      std::cmp_greater_equal(own, parts_.most_waiting_of_one)) {
    return fail(ErrorCode::kResourceExhausted,
                "other comparisons over what was recorded are being made: wait for them");
  }
  jobs_.push_back(job);
  forget_old();
  changed_.notify_all();
  return job->seen;
}

Result<RecordedComparison> RecordedReplay::find(std::size_t tenant, std::string_view id) {
  const std::scoped_lock lock(mutex_);
  const auto found = std::ranges::find_if(
      jobs_, [&](const auto& each) { return each->tenant == tenant && each->seen.id == id; });
  if (found != jobs_.end()) return (*found)->seen;
  return fail(ErrorCode::kNotFound,
              fmt::format("there is no comparison `{}` any more; begin another", printable(id)));
}

void RecordedReplay::forget_old() {
  const auto is_kept = [](const auto& each) { return is_over(each->seen); };
  auto kept = std::ranges::count_if(jobs_, is_kept);
  for (; std::cmp_greater(kept, parts_.most_kept); --kept) {
    jobs_.erase(std::ranges::find_if(jobs_, is_kept));
  }
}

std::shared_ptr<RecordedReplay::Job> RecordedReplay::take() {
  std::unique_lock lock(mutex_);
  while (!is_stopping_) {
    const auto next = std::ranges::find_if(
        jobs_, [](const auto& each) { return each->seen.state == ComparisonState::kWaiting; });
    if (next != jobs_.end()) {
      (*next)->seen.state = ComparisonState::kRunning;
      return *next;
    }
    changed_.wait(lock);
  }
  return nullptr;
}

void RecordedReplay::run() {
  give_way_to_others();
  while (const auto job = take()) finish(*job, compare(*job));
}

void RecordedReplay::finish(Job& job, Result<compare::DiffReport> report) {
  if (!report) {
    parts_.log.warning("comparison_failed", {{"tenant", parts_.config.tenants[job.tenant].name},
                                             {"reason", report.error().message}});
  }
  const std::scoped_lock lock(mutex_);
  job.seen.state = report ? ComparisonState::kDone : ComparisonState::kFailed;
  if (report) {
    job.seen.report = std::make_shared<const compare::DiffReport>(*std::move(report));
  } else {
    job.seen.fault = report.error().message;
  }
  forget_old();
}

Result<std::shared_ptr<const pdp::Snapshot>> RecordedReplay::snapshot_of(
    const Job& job, const ServedTenant& served, const std::string& content) const {
  const std::string tenant(directory_tenant(parts_.config.tenants[job.tenant].name));
  const auto found = TRY(parts_.drafts[job.tenant]->content(tenant, content));
  pdp::Sources sources = pdp::sources_of(found);
  sources.types = parts_.config.tenants[job.tenant].types;
  auto snapshot =
      build_over(parts_.config, sources, served.snapshot->entities, served.snapshot->revision);
  if (snapshot) return snapshot;
  // What is wrong would quote the entities, and those name persons.
  return fail(snapshot.error().code,
              fmt::format("the policies `{}` do not fit what is decided about here", content));
}

Result<compare::DiffReport> RecordedReplay::compare(Job& job) {
  const RecordedWish wish = job.seen.wish;  // nobody changes it
  const ServedTenant served = parts_.world.tenant(job.tenant);
  const auto before = TRY(snapshot_of(job, served, wish.base));
  const auto after = TRY(snapshot_of(job, served, wish.content));
  const auto keys = TRY(parts_.audit.open_keys_again());
  audit::EventReader events(parts_.audit.files(), parts_.audit.folder(), *keys);
  const auto progress = [&](std::uint64_t done, std::uint64_t all) {
    const std::scoped_lock lock(mutex_);
    job.seen.done = done;
    job.seen.all = all;
  };
  compare::LogQuestions questions(
      events, {.tenant = served.name, .from = wish.from, .until = wish.until}, progress);
  const auto end = Clock::now() + parts_.most_time;
  questions.stop_when([&] { return is_stopping_ || Clock::now() > end; });
  compare::DecisionDiff diff(*before, *after, {.names_people = false});
  if (const auto given = questions.give(diff); !given) {
    if (given.error().code != ErrorCode::kAborted) return std::unexpected(given.error());
    return fail(ErrorCode::kDeadlineExceeded,
                fmt::format("it took longer than {} seconds: name a shorter period",
                            parts_.most_time.count()));
  }
  return compare::DiffReport{.made_at = wall_clock_ms(),
                             .program = fmt::format("wardlock {}", version()),
                             .before = describe(wish.base, *before),
                             .after = describe(wish.content, *after),
                             .questions = {"the decisions that were recorded"},
                             .from = wish.from,
                             .until = wish.until,
                             .table = std::move(diff).finish(),
                             .matrix = compare::compare_rights(*before, *after)};
}

}  // namespace wardlock::server
