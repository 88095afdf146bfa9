#include "directory/registry/change_rows.h"

namespace wardlock::directory {

Result<std::uint64_t> read_revision(storage::Work& work) {
  const storage::Rows rows =
      TRY(work.query("SELECT value FROM head WHERE name = $1", std::string_view("revision")));
  if (rows.empty()) return fail(ErrorCode::kDataLoss, "the directory has lost its revision");
  return static_cast<std::uint64_t>(rows.front().integer(0));
}

FeedEntry read_feed_row(storage::Row row) {
  return {.revision = static_cast<std::uint64_t>(row.integer(0)),
          .item = static_cast<std::uint64_t>(row.integer(1)),
          .made_ms = row.integer(2),
          .tenant = std::string(row.text(3)),
          .what = std::string(row.text(4)),
          .kind = std::string(row.text(5)),
          .id = std::string(row.text(6)),
          .document = std::string(row.text(7))};
}

Result<std::optional<std::vector<FeedEntry>>> read_changes(storage::Work& work,
                                                           std::string_view tenant,
                                                           std::uint64_t after, std::size_t most) {
  if (TRY(read_revision(work)) == after) return std::vector<FeedEntry>();
  const storage::Rows next =
      TRY(work.query("SELECT revision FROM change WHERE revision = $1 LIMIT 1", after + 1));
  if (next.empty()) return std::nullopt;
  const storage::Rows rows =
      TRY(work.query("SELECT revision, item, made_ms, tenant, what, kind, id, document FROM change "
                     "WHERE revision > $1 AND tenant = $2 ORDER BY revision, item "
                     "LIMIT CAST($3 AS BIGINT)",
                     after, tenant, most + 1));
  if (rows.size() > most) return std::nullopt;
  std::vector<FeedEntry> entries;
  for (const storage::Row row : rows) entries.push_back(read_feed_row(row));
  return entries;
}

}  // namespace wardlock::directory
