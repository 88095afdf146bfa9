#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "directory/registry/thing.h"
#include "storage/work.h"

namespace wardlock::directory {

// Relations as rows. All within the transaction of `work`.

/// Of the table `relation`: has not ended by the time that is the parameter `{0}`. What was ended
/// has, also when the clock was set back since.
inline constexpr std::string_view kNotEnded =
    "ended = 0 AND (valid_until_ms IS NULL OR valid_until_ms > {0})";

/// Error: kDataLoss, it is of a kind that this version does not know.
Result<KeptRelation> read_relation_row(storage::Row row);

/// The relation of the tenant, or nothing.
Result<std::optional<KeptRelation>> find_relation_row(storage::Work& work, std::string_view tenant,
                                                      std::string_view id);

/// The same. Error: kNotFound.
Result<KeptRelation> require_relation(storage::Work& work, std::string_view tenant,
                                      std::string_view id);

/// Which relations are wanted; what is empty does not matter.
struct RelationFilter {
  std::optional<Relation> relation = {};
  std::string_view subject = {};
  std::string_view object = {};
  std::string_view scope = {};
  /// Those that have not ended by then, whether they have begun or not. 0: all.
  std::int64_t not_ended_by = 0;
};

/// In the order of their ids. Error (kInvalidArgument): neither a subject, an object nor
/// a scope is named.
Result<std::vector<KeptRelation>> find_relations(storage::Work& work, std::string_view tenant,
                                                 const RelationFilter& filter);

/// At most so many of the kind that have not ended by then, in the order of their ids, behind the
/// id `after`.
Result<std::vector<KeptRelation>> list_open_relations(storage::Work& work, std::string_view tenant,
                                                      Relation relation, std::string_view after,
                                                      std::size_t count, std::int64_t not_ended_by);
/// Those that somebody made since then and that have not ended by `now`; at most so many.
Result<std::vector<KeptRelation>> find_relations_made_by(storage::Work& work, const Mandate& whose,
                                                         std::int64_t since_ms, std::int64_t now,
                                                         std::size_t most);

Result<void> insert_relation(storage::Work& work, std::string_view tenant,
                             const KeptRelation& relation);
/// `is_ended`: from now on, whatever the clock says.
Result<void> set_end(storage::Work& work, std::string_view id, std::int64_t until_ms,
                     bool is_ended);

/// Whether `from` stands to `to` over one or more relations of the kind that have not ended.
Result<bool> leads_to(storage::Work& work, std::string_view tenant, Relation relation,
                      std::string_view from, std::string_view to, std::int64_t now);

/// As the change feed and audit events have it: `{"document":…,"from":…,…}`.
std::string to_feed_text(const KeptRelation& relation);

}  // namespace wardlock::directory
