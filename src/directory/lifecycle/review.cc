#include "directory/lifecycle/review.h"

#include <fmt/args.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "directory/model/schema.h"
#include "directory/registry/links.h"
#include "directory/registry/read_from.h"

namespace wardlock::directory {
namespace {

constexpr char kCursorSeparator = ':';

std::string written_out(std::string_view sql) {
  fmt::dynamic_format_arg_store<fmt::format_context> words;
  for (const char* relation : {"r", "e"}) {
    const std::string open = fmt::format(
        "({0}.ended = 0 AND ({0}.valid_until_ms IS NULL OR {0}.valid_until_ms > $2))", relation);
    words.push_back(fmt::arg(fmt::format("open_{}", relation).c_str(), open));
    words.push_back(fmt::arg(fmt::format("valid_{}", relation).c_str(),
                             fmt::format("({} AND {}.valid_from_ms <= $2)", open, relation)));
  }
  words.push_back(fmt::arg("good_c", "(c.revoked_ms IS NULL AND c.expires_ms > $2)"));
  return fmt::vformat(sql, words);
}

std::vector<std::string> names_of(Kinds kinds) {
  std::vector<std::string> names;
  for (const Schema* schema : all_schemas()) {
    if (kinds.contains(schema->kind)) names.push_back(fmt::format("'{}'", schema->name));
  }
  return names;
}

Kinds both(Kinds a, Kinds b) {
  Kinds out;
  for (const Schema* schema : all_schemas()) {
    if (a.contains(schema->kind) && b.contains(schema->kind)) out = out.with(schema->kind);
  }
  return out;
}

/// What of a kind of findings may be seen.
Kinds seen_things(const FindingKind& kind, Kinds seen) {
  const bool are_others_seen = names_of(both(kind.others, seen)) == names_of(kind.others);
  return are_others_seen ? both(kind.things, seen) : Kinds();
}

std::vector<storage::Parameter> parameters_of(const FindingKind& kind, std::string_view tenant,
                                              const ReviewRules& rules, std::int64_t now) {
  std::vector<storage::Parameter> parameters = {tenant, now};
  if (kind.period != nullptr) parameters.emplace_back((rules.*kind.period).count());
  return parameters;
}

std::string source_of(const FindingKind& kind, Kinds things) {
  return fmt::format("({}) AS f WHERE of_kind IN ({})", written_out(kind.sql),
                     fmt::join(names_of(things), ", "));
}

/// Where a page ended.
struct Place {
  std::size_t kind = 0;  ///< among those of the query
  std::string after;
};

Result<Place> read_place(const ReviewQuery& query) {
  if (query.cursor.empty()) return Place{};
  const std::size_t end = query.cursor.find(kCursorSeparator);
  const std::string_view name = std::string_view(query.cursor).substr(0, end);
  const auto kind = std::ranges::find(query.kinds, name, &FindingKind::name);
  if (end == std::string::npos || kind == query.kinds.end()) {
    return invalid("the cursor is none of this review's; begin anew");
  }
  return Place{.kind = static_cast<std::size_t>(kind - query.kinds.begin()),
               .after = query.cursor.substr(end + 1)};
}

Result<void> add_findings(storage::Work& work, std::string_view tenant, const ReviewRules& rules,
                          const FindingKind& kind, Kinds things, std::string_view after,
                          std::size_t count, std::int64_t now, std::vector<Finding>& findings) {
  std::vector<storage::Parameter> parameters = parameters_of(kind, tenant, rules, now);
  parameters.emplace_back(after);
  parameters.emplace_back(static_cast<std::int64_t>(count));
  const std::string sql = fmt::format(
      "SELECT found, thing, other, moment FROM {} AND found > ${} ORDER BY found LIMIT "
      "CAST(${} AS BIGINT)",
      source_of(kind, things), parameters.size() - 1, parameters.size());
  return work.each(sql, parameters, [&](storage::Row row) -> Result<void> {
    findings.push_back({.kind = &kind,
                        .id = std::string(row.text(0)),
                        .thing = std::string(row.text(1)),
                        .other = std::string(row.text(2)),
                        .moment_ms = row.is_null(3) ? 0 : row.integer(3)});
    return {};
  });
}

Result<ReviewPage> read_page(storage::Work& work, std::string_view tenant, const ReviewRules& rules,
                             const ReviewQuery& query, std::int64_t now) {
  Place place = TRY(read_place(query));
  ReviewPage page;
  for (; place.kind < query.kinds.size(); ++place.kind, place.after.clear()) {
    if (page.findings.size() > query.count) break;
    const FindingKind& kind = *query.kinds[place.kind];
    const Kinds things = seen_things(kind, query.seen);
    if (things.is_empty()) continue;
    TRY_VOID(add_findings(work, tenant, rules, kind, things, place.after,
                          query.count + 1 - page.findings.size(), now, page.findings));
  }
  if (page.findings.size() > query.count) {
    page.findings.resize(query.count);
    const Finding& last = page.findings.back();
    page.next = fmt::format("{}{}{}", last.kind->name, kCursorSeparator, last.id);
  }
  std::set<std::string> ids;
  for (const Finding& each : page.findings) {
    ids.insert(each.thing);
    if (!each.other.empty()) ids.insert(each.other);
  }
  page.things = TRY(find_things(work, tenant, std::vector<std::string>(ids.begin(), ids.end())));
  return page;
}

}  // namespace

bool is_seen(const FindingKind& kind, Kinds seen) {
  return names_of(seen_things(kind, seen)) == names_of(kind.things);
}

ReviewQuery whole_review() {
  ReviewQuery query;
  for (const FindingKind& kind : all_finding_kinds()) query.kinds.push_back(&kind);
  for (const Schema* schema : all_schemas()) query.seen = query.seen.with(schema->kind);
  return query;
}

Result<ReviewPage> review(const Registry& registry, std::string_view tenant,
                          const ReviewRules& rules, const ReviewQuery& query, std::int64_t now) {
  if (query.count == 0) return invalid("a page has at least one finding");
  return read_from<ReviewPage>(registry.store(), [&](storage::Work& work) {
    return read_page(work, tenant, rules, query, now);
  });
}

Result<FindingCounts> count_findings(const Registry& registry, std::string_view tenant,
                                     const ReviewRules& rules, const ReviewQuery& query,
                                     std::int64_t now) {
  return read_from<FindingCounts>(
      registry.store(), [&](storage::Work& work) -> Result<FindingCounts> {
        FindingCounts counts;
        for (const FindingKind* kind : query.kinds) {
          const Kinds things = seen_things(*kind, query.seen);
          if (things.is_empty()) continue;
          const std::string sql = fmt::format("SELECT count(*) FROM {}", source_of(*kind, things));
          const std::vector<storage::Parameter> parameters =
              parameters_of(*kind, tenant, rules, now);
          const storage::Rows rows =
              TRY(work.query(sql, std::span<const storage::Parameter>(parameters)));
          counts.emplace_back(kind, static_cast<std::uint64_t>(rows.front().integer(0)));
        }
        return counts;
      });
}

}  // namespace wardlock::directory
