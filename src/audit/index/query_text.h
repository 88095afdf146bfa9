#pragma once

#include <span>
#include <string>
#include <string_view>

#include "audit/index/query.h"
#include "base/error.h"

namespace wardlock::audit {

/// One thing that a query asks for, as people and programs write it.
struct QueryTerm {
  std::string name;
  std::string value;
};

/// Reads a query:
///   principal, affected                 `User::ann`, or `User::"ann"`
///   patient, device, caller, decision   an id
///   kind                                as events have it, e.g. `override_use`; may come again
///   outcome                             `success`, `failure` or `error`
///   from, to                            `2026-11-22` or `2026-11-22T08:00:00Z`
///   tenant                              whose records; nothing named and no tenant: all
///   order                               `newest` (first) or `oldest`
///   limit, after                        numbers; `after`: where the page before said it goes on
/// Error: kInvalidArgument, all but `kind` come once; a name or value that is none, with one that
/// is near; more than `most` records wanted.
Result<Query> read_query(std::span<const QueryTerm> terms, std::size_t most);

/// `Type::id` or `Type::"id"`. Where the id has `::` in it, it is quoted. Error: kInvalidArgument.
Result<NamedSubject> read_named_subject(std::string_view text);

}  // namespace wardlock::audit
