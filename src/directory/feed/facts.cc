#include "directory/feed/facts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>

#include "base/arena.h"
#include "directory/model/moment.h"
#include "directory/registry/links.h"
#include "directory/registry/relation_rows.h"
#include "directory/registry/tables.h"
#include "directory/registry/thing_rows.h"

namespace wardlock::directory {
namespace {

constexpr std::string_view kTieColumns =
    "kind, subject, object, scope, valid_from_ms, valid_until_ms, reason, document";
/// Of the tenant `$1`, by the time `$2`.
const std::string& not_ended() {
  static const std::string sql = "tenant = $1 AND " + fmt::format(kNotEnded, "$2");
  return sql;
}

/// Relations that show at their object, as a list in SQL.
const std::string& kinds_at_object() {
  static const std::string kinds = [] {
    std::vector<std::string> names;
    for (const RelationSchema& schema : all_relations()) {
      if (!schema.cedar_at_object.is_empty()) names.push_back(fmt::format("'{}'", schema.name));
    }
    return fmt::format("({})", fmt::join(names, ", "));
  }();
  return kinds;
}

bool is_exception(std::string_view attributes) {
  return attributes.contains(fmt::format(R"("{}":"{}")", kCareType, kException));
}

struct ReadTie {
  ThingKey own;
  Tie tie;
};

/// As one end has it. Error: kDataLoss.
Result<ReadTie> read_tie(storage::Work& work, std::string_view tenant, storage::Row row,
                         bool is_subject) {
  const auto relation = find_relation(row.text(0));
  if (!relation) {
    return fail(ErrorCode::kDataLoss,
                fmt::format("a relation of the directory is of the kind `{}`, which this version "
                            "does not know",
                            row.text(0)));
  }
  ReadTie read{.own = TRY(ThingKey::read(row.text(is_subject ? 1 : 2))),
               .tie = {.relation = *relation,
                       .is_subject = is_subject,
                       .other = TRY(ThingKey::read(row.text(is_subject ? 2 : 1))),
                       .from_ms = row.integer(4),
                       .until_ms = row.is_null(5) ? kEndOfTime : row.integer(5)}};
  if (!row.is_null(3)) read.tie.scope = TRY(ThingKey::read(row.text(3)));
  if (*relation != Relation::kCare || !is_exception(row.text(7))) return read;
  read.tie.reason = row.text(6);
  const auto patient = TRY(find_thing(work, tenant, row.text(2)));
  if (!patient) return fail(ErrorCode::kDataLoss, "a relation of the directory leads nowhere");
  if (const auto* number = patient->document.json().if_contains(kRecordNumber)) {
    read.tie.tag = number->as_string();
  }
  return read;
}

Result<void> each_tie(storage::Work& work, std::string_view sql,
                      std::span<const storage::Parameter> parameters, bool is_subject,
                      const std::function<void(const ThingKey&, Tie&&)>& visit) {
  const std::string_view tenant = std::get<std::string_view>(parameters.front().value());
  return work.each(sql, parameters, [&](storage::Row row) -> Result<void> {
    auto [own, tie] = TRY(read_tie(work, tenant, row, is_subject));
    visit(own, std::move(tie));
    return {};
  });
}

/// Adds to things, which are in the order of their ids, the ties of that side.
Result<void> add_ties(storage::Work& work, std::string_view tenant, std::int64_t now,
                      bool is_subject, std::span<Facts> things) {
  static const std::string at_subject =
      fmt::format("SELECT {} FROM relation WHERE {} AND subject >= $3 AND subject <= $4",
                  kTieColumns, not_ended());
  static const std::string at_object = fmt::format(
      "SELECT {} FROM relation WHERE {} AND object >= $3 AND object <= $4 AND kind IN {}",
      kTieColumns, not_ended(), kinds_at_object());
  const std::array<storage::Parameter, 4> parameters = {tenant, now, things.front().thing.id,
                                                        things.back().thing.id};
  return each_tie(work, is_subject ? at_subject : at_object, parameters, is_subject,
                  [&](const ThingKey& own, Tie&& tie) {
                    const auto it = std::ranges::lower_bound(things, own, {}, &Facts::key);
                    if (it != things.end() && it->key == own) it->ties.push_back(std::move(tie));
                  });
}

Result<void> add_all_ties(storage::Work& work, std::string_view tenant, std::int64_t now,
                          std::span<Facts> things) {
  TRY_VOID(add_ties(work, tenant, now, true, things));
  TRY_VOID(add_ties(work, tenant, now, false, things));
  // So that equal facts are equal, whichever database they come from.
  for (Facts& facts : things) {
    std::ranges::sort(facts.ties, {}, [](const Tie& tie) {
      return std::tuple(tie.relation, !tie.is_subject, tie.from_ms, tie.other, tie.scope);
    });
  }
  return {};
}

Result<std::vector<ThingKey>> read_keys(const storage::Rows& rows) {
  std::vector<ThingKey> keys;
  for (const storage::Row row : rows) {
    for (std::size_t column = 0; column < rows.columns(); ++column) {
      keys.push_back(TRY(ThingKey::read(row.text(column))));
    }
  }
  return keys;
}

/// Of all things, in their order. At once, from an index: asked for a thousand after the last ones,
/// SQLite would read the tenant's every time.
Result<std::vector<ThingKey>> all_keys(storage::Work& work, std::string_view tenant) {
  static const std::string sql =
      fmt::format("SELECT id FROM thing WHERE tenant = $1 AND state <> '{}'", kRemoved);
  std::vector<ThingKey> keys;
  const Result<void> read = work.each(sql, std::array<storage::Parameter, 1>{tenant},
                                      [&](storage::Row row) -> Result<void> {
                                        keys.push_back(TRY(ThingKey::read(row.text(0))));
                                        return {};
                                      });
  TRY_VOID(read);
  std::ranges::sort(keys);
  return keys;
}

}  // namespace

Result<std::optional<Facts>> read_facts(storage::Work& work, std::string_view tenant,
                                        const ThingKey& key, std::int64_t now) {
  auto thing = TRY(find_thing(work, tenant, key.text()));
  if (!thing) return std::nullopt;
  Facts facts{.key = key, .thing = *std::move(thing), .ties = {}};
  TRY_VOID(add_all_ties(work, tenant, now, {&facts, 1}));
  return facts;
}

Result<void> each_facts(storage::Work& work, std::string_view tenant, std::int64_t now,
                        const std::function<Result<void>(Facts&&)>& visit) {
  constexpr std::size_t kBatch = 1000;
  const std::vector<ThingKey> keys = TRY(all_keys(work, tenant));
  for (std::size_t first = 0; first < keys.size(); first += kBatch) {
    std::vector<std::string> ids;
    for (std::size_t i = first; i < std::min(keys.size(), first + kBatch); ++i) {
      ids.push_back(keys[i].text());
    }
    std::vector<Facts> batch;
    for (Thing& thing : TRY(find_things(work, tenant, ids))) {
      const ThingKey key = TRY(ThingKey::read(thing.id));
      batch.push_back({.key = key, .thing = std::move(thing), .ties = {}});
    }
    std::ranges::sort(batch, {}, &Facts::key);
    TRY_VOID(add_all_ties(work, tenant, now, batch));
    for (Facts& facts : batch) TRY_VOID(visit(std::move(facts)));
  }
  return {};
}

Result<void> each_thing(storage::Work& work, std::string_view tenant,
                        const std::function<Result<void>(const ThingKey&, const Thing&)>& visit) {
  static const std::string sql = fmt::format(
      "SELECT {} FROM thing t WHERE t.tenant = $1 AND t.kind = $2 AND "
      "t.state <> '{}' ORDER BY t.id",
      kThingColumns, kRemoved);
  const auto each_of = [&](Kind kind) {
    return work.each(sql, std::array<storage::Parameter, 2>{tenant, to_string(kind)},
                     [&](storage::Row row) -> Result<void> {
                       const Thing thing = TRY(read_thing_row(row));
                       const ThingKey key = TRY(ThingKey::read(thing.id));
                       return visit(key, thing);
                     });
  };
  TRY_VOID(each_of(Kind::kDeviceModel));
  for (const Schema* schema : all_schemas()) {
    if (schema->kind != Kind::kDeviceModel) TRY_VOID(each_of(schema->kind));
  }
  return {};
}

Result<std::vector<ThingKey>> read_neighbours(storage::Work& work, std::string_view tenant,
                                              const ThingKey& key, std::int64_t now) {
  const std::string id = key.text();
  static const std::string related = fmt::format(
      "SELECT subject FROM relation WHERE {0} AND object = $3 UNION "
      "SELECT subject FROM relation WHERE {0} AND scope = $3 UNION "
      "SELECT object FROM relation WHERE {0} AND subject = $3 AND kind IN {1}",
      not_ended(), kinds_at_object());
  const storage::Rows found = TRY(work.query(related, tenant, now, id));
  std::vector<ThingKey> keys = TRY(read_keys(found));
  for (const Schema* schema : all_schemas()) {
    for (const Attribute& attribute : schema->attributes) {
      if (attribute.targets.is_empty() || (attribute.cedar.empty() && !attribute.leads_up)) {
        continue;
      }
      const storage::Rows rows =
          TRY(work.query("SELECT thing FROM attribute WHERE tenant = $1 AND kind = $2 AND name = "
                         "$3 AND value = $4",
                         tenant, schema->name, attribute.name, id));
      const std::vector<ThingKey> named = TRY(read_keys(rows));
      keys.insert(keys.end(), named.begin(), named.end());
    }
  }
  return keys;
}

Result<std::vector<ThingKey>> read_ending(storage::Work& work, std::string_view tenant,
                                          std::int64_t after_ms, std::int64_t until_ms) {
  const storage::Rows rows =
      TRY(work.query("SELECT subject, object FROM relation WHERE tenant = $1 AND "
                     "valid_until_ms > $2 AND valid_until_ms <= $3",
                     tenant, after_ms, until_ms));
  return read_keys(rows);
}

}  // namespace wardlock::directory
