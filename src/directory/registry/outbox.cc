#include "directory/registry/outbox.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "directory/identifier/uuid7.h"
#include "directory/registry/read_from.h"

namespace wardlock::directory {
namespace {

constexpr std::string_view kRemove =
    "DELETE FROM outbox WHERE node = $1 AND (revision, item) <= ($2, $3)";

WaitingEvent read_row(storage::Row row) {
  const auto draft = row.bytes(3);
  return {.revision = static_cast<std::uint64_t>(row.integer(0)),
          .item = static_cast<std::uint64_t>(row.integer(1)),
          .id = std::string(row.text(2)),
          .draft = std::string(reinterpret_cast<const char*>(draft.data()), draft.size())};
}

Result<std::optional<LogPlace>> read_place(storage::Work& work, std::string_view node) {
  const storage::Rows rows =
      TRY(work.query("SELECT origin, size FROM log_place WHERE node = $1", node));
  if (rows.empty()) return std::nullopt;
  return LogPlace{.origin = std::string(rows.front().text(0)),
                  .size = static_cast<std::uint64_t>(rows.front().integer(1))};
}

/// Other nodes whose events wait, and of which there was no sign since then. One of which nothing
/// is known but its events is there as long as it makes some.
Result<std::vector<std::string>> find_gone(storage::Work& work, std::string_view own,
                                           std::int64_t not_seen_since_ms) {
  const storage::Rows rows = TRY(work.query(
      "SELECT o.node, MAX(o.event_id), MAX(COALESCE(p.seen_ms, 0)) FROM outbox o LEFT JOIN "
      "log_place p ON p.node = o.node WHERE o.node <> $1 GROUP BY o.node ORDER BY o.node",
      own));
  std::vector<std::string> gone;
  for (const storage::Row row : rows) {
    const auto made_ms = uuid7_time(row.text(1));
    if (!made_ms) return fail(ErrorCode::kDataLoss, "an event of the directory has no id");
    if (std::max(*made_ms, row.integer(2)) < not_seen_since_ms) gone.emplace_back(row.text(0));
  }
  return gone;
}

Result<void> write_place(storage::Work& work, std::string_view node, const LogPlace& place) {
  TRY_VOID(
      work.run("INSERT INTO log_place (node, origin, size) VALUES ($1, $2, $3) "
               "ON CONFLICT (node) DO UPDATE SET origin = excluded.origin, size = "
               "excluded.size",
               node, place.origin, place.size));
  return {};
}

}  // namespace

Result<std::vector<WaitingEvent>> Outbox::waiting(std::size_t count) const {
  using Events = std::vector<WaitingEvent>;
  return read_from<Events>(store_, [&](storage::Work& work) -> Result<Events> {
    const storage::Rows rows = TRY(
        work.query("SELECT revision, item, event_id, draft FROM outbox WHERE node = $1 ORDER BY "
                   "revision, item LIMIT CAST($2 AS BIGINT)",
                   node_, count));
    Events events;
    for (const storage::Row row : rows) events.push_back(read_row(row));
    return events;
  });
}

Result<Backlog> Outbox::backlog() const {
  return read_from<Backlog>(store_, [&](storage::Work& work) -> Result<Backlog> {
    const storage::Rows own = TRY(work.query("SELECT count(*) FROM outbox WHERE node = $1", node_));
    const storage::Rows others =
        TRY(work.query("SELECT count(*) FROM outbox WHERE node <> $1", node_));
    return Backlog{.own = static_cast<std::uint64_t>(own.front().integer(0)),
                   .others = static_cast<std::uint64_t>(others.front().integer(0))};
  });
}

Result<std::optional<LogPlace>> Outbox::place() const {
  return read_from<std::optional<LogPlace>>(
      store_, [&](storage::Work& work) { return read_place(work, node_); });
}

Result<void> Outbox::go_to(const LogPlace& place) {
  return store_.write([&](storage::Work& work) -> Result<void> {
    const auto before = TRY(read_place(work, node_));
    const storage::Rows waiting =
        TRY(work.query("SELECT 1 FROM outbox WHERE node = $1 LIMIT 1", node_));
    if (before && before->origin != place.origin && !waiting.empty()) {
      return fail(ErrorCode::kFailedPrecondition,
                  fmt::format("audit events of the directory wait on the node `{}`, and the last "
                              "ones went into the log `{}`, not `{}`: some may be there; start it "
                              "with that log once more, or give this node another `audit.node`",
                              node_, before->origin, place.origin));
    }
    return write_place(work, node_, place);
  });
}

Result<void> Outbox::forget(const WaitingEvent& last, const LogPlace& place) {
  return store_.write([&](storage::Work& work) -> Result<void> {
    const auto before = TRY(read_place(work, node_));
    if (before && before->origin != place.origin) {
      return fail(ErrorCode::kFailedPrecondition,
                  fmt::format("another process takes the audit events of the node `{}` into the "
                              "log `{}`; give each node a name of its own (`audit.node`)",
                              node_, before->origin));
    }
    TRY_VOID(work.run(kRemove, node_, last.revision, last.item));
    return write_place(work, node_, place);
  });
}

Result<void> Outbox::note_alive(std::int64_t now_ms) {
  return store_.write([&](storage::Work& work) -> Result<void> {
    TRY_VOID(work.run("UPDATE log_place SET seen_ms = $2 WHERE node = $1", node_, now_ms));
    return {};
  });
}

Result<std::vector<TakenOver>> Outbox::take_over(std::int64_t not_seen_since_ms) {
  std::vector<TakenOver> taken;
  const auto written = store_.write([&](storage::Work& work) -> Result<void> {
    taken.clear();
    auto nodes = TRY(find_gone(work, node_, not_seen_since_ms));
    for (std::string& gone : nodes) {
      const std::uint64_t events =
          TRY(work.run("UPDATE outbox SET node = $1 WHERE node = $2", node_, gone));
      taken.push_back({.node = std::move(gone), .events = events});
    }
    return {};
  });
  TRY_VOID(written);
  return taken;
}

Result<void> Outbox::drop(const WaitingEvent& last) {
  return store_.write([&](storage::Work& work) -> Result<void> {
    TRY_VOID(work.run(kRemove, node_, last.revision, last.item));
    return {};
  });
}

}  // namespace wardlock::directory
