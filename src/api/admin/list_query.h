#pragma once

#include "api/admin/asked.h"
#include "directory/registry/query.h"

namespace wardlock::admin {

/// Which things a list's parameters ask for: `sort` (a path, `-` before it: descending), `cursor`,
/// `count`, `total`, `named` (all by which a thing of the kind is called), `like` (one of those
/// begins so), and conditions. A condition is the path of a searchable attribute, or with an
/// operator behind it (`displayName.startsWith`), or a kind of relations: the id of the thing to
/// which it stands so, or with `.of` behind it, of the one that stands so to it. Several of one
/// name: one of them holds; of several names: all do. Error: kInvalidArgument.
Answered<directory::Query> read_list_query(const Asked& asked);

/// Attributes by which people call a thing of the kind: what is unique, or unique within another
/// thing, and `displayName`.
std::vector<std::string> naming_paths(const directory::Schema& schema);

/// An operator that a path may have behind it, and what it means, for descriptions.
struct PathOperator {
  std::string_view name;
  directory::Comparison comparison;
  std::string_view about;
};
std::span<const PathOperator> path_operators();

}  // namespace wardlock::admin
