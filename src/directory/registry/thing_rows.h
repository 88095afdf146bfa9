#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "directory/registry/thing.h"
#include "storage/work.h"

namespace wardlock::directory {

// Things as rows. All within the transaction of `work`.

/// The columns that `read_thing_row` reads, of the table `t`.
inline constexpr std::string_view kThingColumns =
    "t.id, t.kind, t.state, t.version, t.created_ms, t.changed_ms, t.document";

/// The document's memory is taken from `memory`. Error: kDataLoss, it is damaged, or of a kind that
/// this version does not know.
Result<Thing> read_thing_row(storage::Row row, const boost::json::storage_ptr& memory = {});

/// The thing of the tenant, or nothing: there is none, it was removed, or it is another tenant's.
Result<std::optional<Thing>> find_thing(storage::Work& work, std::string_view tenant,
                                        std::string_view id);

/// The thing of the tenant that an identity names now, or nothing.
Result<std::optional<Thing>> find_named(storage::Work& work, std::string_view tenant,
                                        std::string_view type, std::string_view value);

/// At most `most` things of the kind whose searchable text at that path is this one.
Result<std::vector<Thing>> find_valued(storage::Work& work, std::string_view tenant, Kind kind,
                                       std::string_view path, std::string_view text,
                                       std::size_t most);

/// Makes room for it, or replaces it, with everything by which it is found. Error: kAlreadyExists,
/// one of its identifiers is or was another thing's.
/// `is_rehearsal`: it will be undone, and values that nobody looks for until then are left out.
Result<void> insert_thing(storage::Work& work, std::string_view tenant, const Thing& thing,
                          bool is_rehearsal);
Result<void> replace_thing(storage::Work& work, std::string_view tenant, const Thing& thing);

/// State, version and time alone.
Result<void> replace_state(storage::Work& work, const Thing& thing);

/// The next version, since then.
Result<void> renew_version(storage::Work& work, std::string_view id, std::int64_t changed_ms);

/// Takes away all but what nothing else may have.
Result<void> clear_thing(storage::Work& work, const Thing& thing);

/// `{"state":…,"version":…,"document":…}`, as the change feed has it.
std::string to_feed_text(const Thing& thing);

}  // namespace wardlock::directory
