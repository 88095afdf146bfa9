#include "directory/registry/turn.h"

#include <utility>

namespace wardlock::directory {
namespace {

Result<Turns::Last> read_last(storage::Work& work, std::string_view tenant, std::string_view task) {
  const storage::Rows rows = TRY(work.query(
      "SELECT finished_ms, notes FROM task WHERE tenant = $1 AND name = $2", tenant, task));
  if (rows.empty()) return Turns::Last{};
  return Turns::Last{.finished_ms = rows.front().integer(0),
                     .notes = std::string(rows.front().text(1))};
}

}  // namespace

Result<std::optional<Turns::Last>> Turns::take(std::string_view tenant, std::string_view task,
                                               std::int64_t now_ms, std::int64_t until_ms) {
  std::optional<Last> last;
  const auto written = store_.write([&](storage::Work& work) -> Result<void> {
    last.reset();
    const std::uint64_t taken = TRY(work.run(
        "INSERT INTO task (tenant, name, holder, busy_until_ms, finished_ms, notes) VALUES "
        "($1, $2, $3, $4, 0, '') ON CONFLICT (tenant, name) DO UPDATE SET holder = "
        "excluded.holder, busy_until_ms = excluded.busy_until_ms WHERE "
        "task.busy_until_ms <= $5 OR task.holder = excluded.holder",
        tenant, task, holder_, until_ms, now_ms));
    if (taken == 1) last = TRY(read_last(work, tenant, task));
    return {};
  });
  TRY_VOID(written);
  return last;
}

Result<bool> Turns::keep(std::string_view tenant, std::string_view task, std::int64_t until_ms) {
  bool is_kept = false;
  const auto written = store_.write([&](storage::Work& work) -> Result<void> {
    is_kept = TRY(work.run("UPDATE task SET busy_until_ms = $4 WHERE tenant = $1 AND name = $2 AND "
                           "holder = $3",
                           tenant, task, holder_, until_ms)) == 1;
    return {};
  });
  TRY_VOID(written);
  return is_kept;
}

Result<void> Turns::finish(std::string_view tenant, std::string_view task, std::int64_t now_ms,
                           std::string_view notes) {
  return store_.write([&](storage::Work& work) -> Result<void> {
    TRY(
        work.run("UPDATE task SET holder = '', busy_until_ms = 0, finished_ms = $4, notes = $5 "
                 "WHERE tenant = $1 AND name = $2 AND holder = $3",
                 tenant, task, holder_, now_ms, notes));
    return {};
  });
}

Result<void> Turns::give_up(std::string_view tenant, std::string_view task) {
  return store_.write([&](storage::Work& work) -> Result<void> {
    TRY(
        work.run("UPDATE task SET holder = '', busy_until_ms = 0 WHERE tenant = $1 AND name = $2 "
                 "AND holder = $3",
                 tenant, task, holder_));
    return {};
  });
}

Result<Turns::Last> Turns::last(std::string_view tenant, std::string_view task) const {
  Last last;
  const auto read = store_.read([&](storage::Work& work) -> Result<void> {
    last = TRY(read_last(work, tenant, task));
    return {};
  });
  TRY_VOID(read);
  return last;
}

TurnKeeper::TurnKeeper(Turns& turns, std::string tenant, std::string task,
                       std::function<std::int64_t()> clock, std::chrono::milliseconds interval)
    : turns_(turns),
      tenant_(std::move(tenant)),
      task_(std::move(task)),
      clock_(std::move(clock)),
      interval_(interval),
      thread_([this](const std::stop_token& stop) { keep_on(stop); }) {}

TurnKeeper::~TurnKeeper() {
  thread_.request_stop();
  thread_.join();
}

void TurnKeeper::keep_on(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stopped_.wait_for(lock, stop, interval_, [&] { return stop.stop_requested(); })) {
    // Where it is lost, whoever has the task finds out before the next step.
    [[maybe_unused]] const auto kept = turns_.keep(tenant_, task_, clock_() + kTurnMs);
  }
}

}  // namespace wardlock::directory
