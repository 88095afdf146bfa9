#include "directory/ldap/sync.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "directory/ldap/apply.h"
#include "directory/ldap/connection.h"

namespace wardlock::directory {
namespace {

constexpr std::int64_t kTurnMs = TurnKeeper::kTurnMs;

std::chrono::year year_of(std::int64_t now) {
  const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(now)};
  return std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(time)).year();
}

Mandate mandate_of(const LdapSource& source, const std::string& caller) {
  return {.tenant = source.tenant,
          .actor_type = "Service",
          .actor_id = actor_of(source),
          .caller = caller,
          .reason = fmt::format("as the LDAP directory `{}` has it", source.name)};
}

/// One run, whoever's turn it is.
class Sync {
 public:
  Sync(const LdapSource& source, Registry& registry, const LdapSyncOptions& options,
       const std::function<std::int64_t()>& clock, const std::stop_token& stop)
      : source_(source), registry_(registry), options_(options), clock_(clock), stop_(stop) {}

  /// What is to be done. Changes nothing.
  Result<LdapSynced> plan(std::string_view notes) {
    LdapConnection connection = TRY(LdapConnection::open(source_, stop_));
    const LdapPosition since = options_.is_full ? LdapPosition{} : LdapPosition::read(notes);
    const std::int64_t now = clock_();
    LdapReading reading = TRY(read_source(source_, connection, since, now));
    people_ = TRY(read_people_of(source_, registry_, now));
    if (lacks_entries(source_, reading, people_)) {
      reading = TRY(read_source(source_, connection, {}, now));
    }
    position_ = reading.position;
    LdapSynced synced{.plan = make_plan(source_, reading, people_, year_of(now)),
                      .is_dry_run = options_.is_dry_run,
                      .is_full = reading.is_full};
    TRY_VOID(flag_look_alikes(source_, registry_, synced.plan));
    return synced;
  }

  Result<void> apply(LdapSynced& synced, const std::function<Result<void>()>& go_on) {
    if (synced.plan.stopped) return {};
    synced.done = TRY(
        apply_plan(synced.plan, people_, registry_, mandate_of(source_, options_.caller), go_on));
    return {};
  }

  /// From where the next run goes on. With whom something was wrong is looked at again, as groups
  /// are each time.
  std::string next_notes(const LdapSynced& synced, std::string_view notes) const {
    const bool is_clean =
        !synced.plan.stopped && std::ranges::all_of(synced.plan.faults, &Remark::is_of_group);
    return is_clean ? position_.text() : std::string(notes);
  }

 private:
  const LdapSource& source_;
  Registry& registry_;
  const LdapSyncOptions& options_;
  const std::function<std::int64_t()>& clock_;
  const std::stop_token& stop_;
  LdapPeople people_;
  LdapPosition position_;
};

}  // namespace

std::string task_of(const LdapSource& source) { return actor_of(source); }

Result<LdapSynced> sync_ldap(const LdapSource& source, Registry& registry, Turns& turns,
                             const LdapSyncOptions& options,
                             const std::function<std::int64_t()>& clock,
                             const std::stop_token& stop) {
  TRY_VOID(check_source(source));
  const std::string task = task_of(source);
  Sync sync(source, registry, options, clock, stop);
  if (options.is_dry_run) {
    const auto last = TRY(turns.last(source.tenant, task));
    return sync.plan(last.notes);
  }
  const auto last = TRY(turns.take(source.tenant, task, clock(), clock() + kTurnMs));
  if (!last) {
    return fail(
        ErrorCode::kAborted,
        fmt::format("`{}` is being read already, here or on another node: try again later (a "
                    "run that was killed is forgotten after {} seconds)",
                    source.name, kTurnMs / 1000));
  }
  const auto go_on = [&]() -> Result<void> {
    if (stop.stop_requested()) return fail(ErrorCode::kCancelled, "the sync was asked to stop");
    if (TRY(turns.keep(source.tenant, task, clock() + kTurnMs))) return {};
    return fail(ErrorCode::kAborted,
                "the sync stood still for too long, and another one has begun");
  };
  const TurnKeeper keeper(turns, source.tenant, task, clock);
  auto synced = sync.plan(last->notes);
  Result<void> applied = {};
  if (synced) applied = go_on();
  if (synced && applied) applied = sync.apply(*synced, go_on);
  if (!synced || !applied) {
    [[maybe_unused]] const auto given_up = turns.give_up(source.tenant, task);  // or it ends soon
    return std::unexpected(synced ? applied.error() : synced.error());
  }
  TRY_VOID(turns.finish(source.tenant, task, clock(), sync.next_notes(*synced, last->notes)));
  return synced;
}

}  // namespace wardlock::directory
