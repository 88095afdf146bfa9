#include "directory/told/told_rows.h"

#include <array>
#include <utility>

namespace wardlock::directory {
namespace {

ToldValue read_told(storage::Row row) {
  return {.thing = std::string(row.text(0)),
          .attribute = std::string(row.text(1)),
          .source = std::string(row.text(2)),
          .value = std::string(row.text(3)),
          .observed_ms = row.integer(4),
          .told_ms = row.integer(5)};
}

}  // namespace

Result<bool> keep_told(storage::Work& work, std::string_view tenant, const ToldValue& value) {
  const std::uint64_t changed = TRY(work.run(
      "INSERT INTO told_attribute (tenant, thing, attribute, source, value, observed_ms, told_ms) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant, thing, attribute) DO UPDATE SET "
      "source = excluded.source, value = excluded.value, observed_ms = excluded.observed_ms, "
      "told_ms = excluded.told_ms WHERE told_attribute.observed_ms <= excluded.observed_ms OR "
      "told_attribute.source <> excluded.source",
      tenant, value.thing, value.attribute, value.source, value.value, value.observed_ms,
      value.told_ms));
  return changed == 1;
}

Result<std::vector<ToldValue>> find_told(storage::Work& work, std::string_view tenant,
                                         std::string_view thing) {
  const storage::Rows rows = TRY(
      work.query("SELECT thing, attribute, source, value, observed_ms, told_ms FROM told_attribute "
                 "WHERE tenant = $1 AND thing = $2 ORDER BY attribute",
                 tenant, thing));
  std::vector<ToldValue> values;
  for (const storage::Row row : rows) values.push_back(read_told(row));
  return values;
}

Result<std::vector<ToldValue>> find_told_by(storage::Work& work, std::string_view tenant,
                                            std::string_view source) {
  const storage::Rows rows = TRY(
      work.query("SELECT thing, attribute, source, value, observed_ms, told_ms FROM told_attribute "
                 "WHERE tenant = $1 AND source = $2 ORDER BY thing, attribute",
                 tenant, source));
  std::vector<ToldValue> values;
  values.reserve(rows.size());
  for (const storage::Row row : rows) values.push_back(read_told(row));
  return values;
}

Result<void> each_told(storage::Work& work, std::string_view tenant,
                       const std::function<Result<void>(ToldValue&&)>& visit) {
  return work.each(
      "SELECT thing, attribute, source, value, observed_ms, told_ms FROM told_attribute WHERE "
      "tenant = $1 ORDER BY thing, attribute",
      std::array<storage::Parameter, 1>{tenant},
      [&](storage::Row row) -> Result<void> { return visit(read_told(row)); });
}

Result<std::size_t> erase_told(storage::Work& work, std::string_view tenant,
                               std::string_view source, std::string_view attribute,
                               std::int64_t until_ms) {
  const std::uint64_t erased = TRY(work.run(
      "UPDATE told_attribute SET value = 'null' WHERE tenant = $1 AND source = $2 AND attribute = "
      "$3 AND observed_ms <= $4 AND value <> 'null'",
      tenant, source, attribute, until_ms));
  return static_cast<std::size_t>(erased);
}

Result<ToldCount> count_told(storage::Work& work, std::string_view tenant, std::string_view source,
                             std::string_view attribute, std::int64_t fresh_after_ms) {
  const storage::Rows rows = TRY(work.query(
      "SELECT count(*), CAST(coalesce(sum(CASE WHEN observed_ms > $4 THEN 1 ELSE 0 END), 0) AS "
      "BIGINT), coalesce(max(observed_ms), 0) FROM told_attribute WHERE tenant = $1 AND source = "
      "$2 AND attribute = $3",
      tenant, source, attribute, fresh_after_ms));
  const storage::Row counts = rows.front();
  return ToldCount{.source = std::string(source),
                   .attribute = std::string(attribute),
                   .things = static_cast<std::uint64_t>(counts.integer(0)),
                   .fresh = static_cast<std::uint64_t>(counts.integer(1)),
                   .latest_ms = counts.integer(2)};
}

}  // namespace wardlock::directory
