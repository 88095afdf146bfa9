#include "directory/registry/running.h"

#include <algorithm>

#include "directory/model/relation.h"

namespace wardlock::directory {
namespace {

// Each is a range of the index relation_of_object.
constexpr std::string_view kFind =
    "SELECT r.subject FROM relation r JOIN thing t ON t.id = r.subject WHERE r.object = $2 AND "
    "r.kind = $3 AND r.subject > $4 AND r.tenant = $1 AND r.valid_from_ms <= $5 AND "
    "(r.valid_until_ms IS NULL OR r.valid_until_ms > $5) AND ($6 = '' OR t.state = $6) "
    "GROUP BY r.subject ORDER BY r.subject LIMIT CAST($7 AS BIGINT)";
constexpr std::string_view kCount =
    "SELECT t.state, count(DISTINCT r.subject) FROM relation r JOIN thing t ON t.id = r.subject "
    "WHERE r.object = $2 AND r.kind = $3 AND r.tenant = $1 AND r.valid_from_ms <= $4 AND "
    "(r.valid_until_ms IS NULL OR r.valid_until_ms > $4) GROUP BY t.state ORDER BY t.state";

}  // namespace

Result<std::vector<Running>> find_running(storage::Work& work, std::string_view tenant,
                                          std::span<const std::string> versions,
                                          std::string_view state, const Running& after,
                                          std::size_t most, std::int64_t time_ms) {
  std::vector<Running> found;
  const auto first = std::ranges::lower_bound(versions, after.version);
  for (const std::string& version : std::span(first, versions.end())) {
    if (found.size() == most) break;
    const std::string_view behind = version == after.version ? after.device : std::string_view();
    const storage::Rows rows =
        TRY(work.query(kFind, tenant, version, to_string(Relation::kRuns), behind, time_ms, state,
                       static_cast<std::int64_t>(most - found.size())));
    for (const storage::Row row : rows) found.push_back({version, std::string(row.text(0))});
  }
  return found;
}

Result<std::vector<RunningCount>> count_running(storage::Work& work, std::string_view tenant,
                                                std::span<const std::string> versions,
                                                std::int64_t time_ms) {
  std::vector<RunningCount> counts;
  for (const std::string& version : versions) {
    const storage::Rows rows =
        TRY(work.query(kCount, tenant, version, to_string(Relation::kRuns), time_ms));
    for (const storage::Row row : rows) {
      counts.push_back(
          {version, std::string(row.text(0)), static_cast<std::uint64_t>(row.integer(1))});
    }
  }
  return counts;
}

}  // namespace wardlock::directory
