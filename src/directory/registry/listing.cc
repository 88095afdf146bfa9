#include "directory/registry/listing.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "directory/model/indexed_values.h"
#include "directory/registry/filter_sql.h"
#include "directory/registry/list_cursor.h"
#include "directory/registry/searchable_path.h"
#include "directory/registry/tables.h"
#include "directory/registry/thing_rows.h"

namespace wardlock::directory {
namespace {

/// A part of a list that is in one order: those that have what it is sorted by, or those that have
/// not.
struct Phase {
  std::string source;  ///< the tables
  std::string where;
  std::string key;  ///< the column it is sorted by, before the id
  std::string id = "t.id";
  bool is_number = false;
};

constexpr int kKeyColumn = 7;  // behind kThingColumns

class Listing {
 public:
  Listing(storage::Work& work, std::string_view tenant, Kind kind, const Query& query,
          std::int64_t now, const boost::json::storage_ptr& memory)
      : work_(work), tenant_(tenant), kind_(kind), query_(query), now_(now), memory_(memory) {}

  Result<Page> read() {
    TRY_VOID(check());
    Page page;
    if (query_.wants_total) page.total = TRY(total());
    page.things = TRY(read_things(query_.count));
    if (page.things.size() > query_.count) {
      page.things.pop_back();
      page.next = last_.text();
    }
    return page;
  }

 private:
  Result<void> check() const {
    if (query_.count > kMaxPageSize) {
      return invalid(fmt::format("a page has at most {} things", kMaxPageSize));
    }
    if (!query_.cursor.empty() && query_.skip != 0) {
      return invalid("a page begins at a cursor or at a number, not at both");
    }
    return {};
  }

  std::string everything() const {
    return fmt::format("t.tenant = $1 AND t.kind = $2 AND t.state <> '{}'", kRemoved);
  }

  /// Those without a value are the last of an ascending list, and the first of a descending one
  /// (RFC 7644 §3.4.2.3).
  Result<std::vector<Phase>> phases(Sql& sql) const {
    const Phase by_id{.source = "thing t", .where = everything(), .key = "t.id"};
    if (query_.sort_by.empty() || query_.sort_by == "id") return std::vector{by_id};
    if (const ThingColumn* column = find_thing_column(kind_, query_.sort_by)) {
      Phase by_column = by_id;
      by_column.key = column->name;
      by_column.is_number = column->type == Type::kInteger || column->type == Type::kTime;
      return std::vector{by_column};
    }
    const Attribute* attribute = find_searchable(kind_, query_.sort_by);
    if (attribute == nullptr) return not_searchable(kind_, query_.sort_by);
    const bool has_numbers = is_number(*attribute);
    const std::string key = has_numbers ? "s.number" : "s.value";
    const std::string with = fmt::format(
        "s.tenant = $1 AND s.kind = $2 AND s.name = {} AND s.position = 0 AND {} IS NOT NULL",
        sql.put(query_.sort_by), key);
    std::vector<Phase> phases = {{.source = "attribute s JOIN thing t ON t.id = s.thing",
                                  .where = with,
                                  .key = key,
                                  .id = "s.thing",
                                  .is_number = has_numbers}};
    if (attribute->is_required && !query_.sort_by.contains('.')) return phases;
    Phase without = by_id;
    without.where += fmt::format(
        " AND NOT EXISTS (SELECT 1 FROM attribute s WHERE s.thing = t.id AND {})", with);
    phases.push_back(std::move(without));
    if (query_.is_descending) std::ranges::reverse(phases);
    return phases;
  }

  Result<std::uint64_t> total() {
    Sql sql(tenant_, kind_);
    const std::string filter = TRY(filter_sql(query_.filter, now_, sql));
    return count(fmt::format("thing t WHERE {} AND {}", everything(), filter), sql);
  }

  Result<std::uint64_t> count(std::string_view source, const Sql& sql) {
    const storage::Rows rows =
        TRY(work_.query(fmt::format("SELECT count(*) FROM {}", source), sql.parameters()));
    return static_cast<std::uint64_t>(rows.front().integer(0));
  }

  /// One more than asked for, where there are so many.
  Result<std::vector<Thing>> read_things(std::size_t wanted) {
    std::vector<Thing> things;
    if (wanted == 0) return things;
    things.reserve(wanted + 1);
    std::optional<ListCursor> after;
    if (!query_.cursor.empty()) after = TRY(ListCursor::read(query_.cursor));
    Sql probe(tenant_, kind_);
    const std::size_t phase_count = TRY(phases(probe)).size();
    std::uint64_t skip = query_.skip;
    for (std::size_t i = after ? after->phase : 0; i < phase_count; ++i) {
      if (things.size() > wanted) break;
      const std::size_t before = things.size();
      TRY_VOID(read_phase(i, after, skip, wanted + 1 - before, things));
      after.reset();
      if (skip == 0 || things.size() != before) {
        skip = 0;
      } else if (i + 1 < phase_count) {
        skip -= std::min(skip, TRY(size_of_phase(i)));
      }
    }
    return things;
  }

  Result<void> read_phase(std::size_t index, const std::optional<ListCursor>& after,
                          std::uint64_t skip, std::size_t limit, std::vector<Thing>& things) {
    Sql sql(tenant_, kind_);
    const Phase phase = TRY(phases(sql))[index];
    std::string where =
        fmt::format("{} AND {}", phase.where, TRY(filter_sql(query_.filter, now_, sql)));
    if (after) where += TRY(behind(phase, *after, sql));
    const std::string_view direction = query_.is_descending ? "DESC" : "ASC";
    std::string order = fmt::format("{} {}", phase.key, direction);
    // Said twice, SQLite would sort what the index has in order.
    if (phase.id != phase.key) order += fmt::format(", {} {}", phase.id, direction);
    const std::string text = fmt::format(
        "SELECT {}, {} FROM {} WHERE {} ORDER BY {} LIMIT CAST({} AS BIGINT) "
        "OFFSET CAST({} AS BIGINT)",
        kThingColumns, phase.key, phase.source, where, order,
        sql.put(static_cast<std::int64_t>(limit)),
        sql.put(static_cast<std::int64_t>(std::min<std::uint64_t>(skip, INT64_MAX))));
    return work_.each(text, sql.parameters(), [&](storage::Row row) -> Result<void> {
      things.push_back(TRY(read_thing_row(row, memory_)));
      if (things.size() == query_.count) last_ = place_of(row, phase, index);
      return {};
    });
  }

  static ListCursor place_of(storage::Row row, const Phase& phase, std::size_t index) {
    ListCursor place{.phase = index, .key = {}, .id = std::string(row.text(0))};
    if (phase.is_number) {
      place.key = row.integer(kKeyColumn);
    } else {
      place.key = std::string(row.text(kKeyColumn));
    }
    return place;
  }

  Result<std::uint64_t> size_of_phase(std::size_t index) {
    Sql sql(tenant_, kind_);
    const Phase phase = TRY(phases(sql))[index];
    const std::string filter = TRY(filter_sql(query_.filter, now_, sql));
    return count(fmt::format("{} WHERE {} AND {}", phase.source, phase.where, filter), sql);
  }

  Result<std::string> behind(const Phase& phase, const ListCursor& after, Sql& sql) const {
    if (std::holds_alternative<std::int64_t>(after.key) != phase.is_number) {
      return invalid("the cursor is of a list in another order; begin anew");
    }
    const std::string key =
        std::visit([&](const auto& value) { return sql.put(value); }, after.key);
    return fmt::format(" AND ({}, {}) {} ({}, {})", phase.key, phase.id,
                       query_.is_descending ? "<" : ">", key, sql.put(after.id));
  }

  storage::Work& work_;
  std::string_view tenant_;
  Kind kind_;
  const Query& query_;
  std::int64_t now_;
  const boost::json::storage_ptr& memory_;
  ListCursor last_;  // the last thing of a full page
};

}  // namespace

Result<Page> list_things(storage::Work& work, std::string_view tenant, Kind kind,
                         const Query& query, std::int64_t now,
                         const boost::json::storage_ptr& memory) {
  return Listing(work, tenant, kind, query, now, memory).read();
}

}  // namespace wardlock::directory
