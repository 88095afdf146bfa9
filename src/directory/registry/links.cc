#include "directory/registry/links.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <boost/json/monotonic_resource.hpp>

#include "directory/registry/relation_rows.h"
#include "directory/registry/tables.h"
#include "directory/registry/thing_rows.h"

namespace wardlock::directory {
namespace {

constexpr std::size_t kIdsAtOnce = 512;

/// `$N,$N+1,…` for some of the ids. The last is given again up to a power of two, so that there are
/// few different statements.
std::string put(std::span<const std::string> ids, std::vector<storage::Parameter>& parameters) {
  std::string places;
  const std::size_t count = std::bit_ceil(ids.size());
  for (std::size_t i = 0; i < count; ++i) {
    parameters.emplace_back(std::string_view(ids[std::min(i, ids.size() - 1)]));
    if (i != 0) places += ',';
    places += fmt::format("${}", parameters.size());
  }
  return places;
}

/// Calls with parts of the ids that one statement takes.
template <typename Call>
Result<void> in_parts(std::span<const std::string> ids, Call call) {
  while (!ids.empty()) {
    const std::size_t count = std::min(ids.size(), kIdsAtOnce);
    TRY_VOID(call(ids.first(count)));
    ids = ids.subspan(count);
  }
  return {};
}

}  // namespace

Result<std::vector<Link>> find_links(storage::Work& work, std::string_view tenant, End end,
                                     std::span<const std::string> ids,
                                     std::optional<Relation> relation, std::int64_t time_ms) {
  std::vector<Link> links;
  const Result<void> done = in_parts(ids, [&](std::span<const std::string> some) -> Result<void> {
    std::vector<storage::Parameter> parameters = {tenant, time_ms};
    std::string sql =
        "SELECT kind, subject, object, scope FROM relation WHERE tenant = $1 AND "
        "valid_from_ms <= $2 AND ";
    sql += fmt::format(kNotEnded, "$2");
    if (relation) {
      parameters.emplace_back(to_string(*relation));
      sql += " AND kind = $3";
    }
    sql += fmt::format(" AND {} IN ({}) ORDER BY id", end == End::kSubject ? "subject" : "object",
                       put(some, parameters));
    return work.each(sql, parameters, [&](storage::Row row) -> Result<void> {
      const auto kind = find_relation(row.text(0));
      if (!kind) return {};  // of a later version
      links.push_back({.relation = *kind,
                       .subject = std::string(row.text(1)),
                       .object = std::string(row.text(2)),
                       .has_scope = !row.is_null(3)});
      return {};
    });
  });
  if (!done) return std::unexpected(done.error());
  return links;
}

Result<std::vector<Thing>> find_things(storage::Work& work, std::string_view tenant,
                                       std::span<const std::string> ids) {
  const auto memory = boost::json::make_shared_resource<boost::json::monotonic_resource>();
  std::vector<Thing> things;
  things.reserve(ids.size());
  const Result<void> done = in_parts(ids, [&](std::span<const std::string> some) -> Result<void> {
    std::vector<storage::Parameter> parameters = {tenant};
    const std::string places = put(some, parameters);
    // Said so, because SQLite would rather look through all of a tenant than for more than a few
    // ids.
    const std::string sql = fmt::format(
        "SELECT {} FROM thing t WHERE NOT t.tenant <> $1 AND t.state <> '{}' AND t.id IN ({})",
        kThingColumns, kRemoved, places);
    return work.each(sql, parameters, [&](storage::Row row) -> Result<void> {
      things.push_back(TRY(read_thing_row(row, memory)));
      return {};
    });
  });
  if (!done) return std::unexpected(done.error());
  return things;
}

}  // namespace wardlock::directory
