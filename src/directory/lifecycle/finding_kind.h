#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "directory/lifecycle/review_rules.h"
#include "directory/model/kind.h"

namespace wardlock::directory {

/// What a finding is about.
enum class FoundIn : std::uint8_t { kThing, kCredential, kRelation };

/// One kind of what a review finds: a row of the table. There is no other list.
struct FindingKind {
  std::string_view name;    ///< e.g. `dormant`
  std::string_view why;     ///< a sentence without its full stop
  std::string_view todo;    ///< what to do about it, the same
  std::string_view moment;  ///< what its time is, e.g. `last used`
  FoundIn found_in = FoundIn::kThing;
  Kinds things;       ///< whose: what it may be found of
  Kinds others = {};  ///< what else is told of it, such as a role
  /// How long something must have been so, or is said before; null: it is found at once.
  ReviewRules::Time ReviewRules::* period = nullptr;
  std::string_view setting = {};  ///< the period's name in `directory.review`
  /// Selects `found` (the id of the thing, credential or relation), `thing`, `of_kind` (of the
  /// thing), `other` (an id, or empty) and `moment` (ms). `$1`: the tenant, `$2`: now, `$3`: the
  /// period in ms, where there is one. `{open_x}` and `{valid_x}` stand for a relation `x` that has
  /// not ended, and that counts now.
  std::string_view sql;
};

std::span<const FindingKind> all_finding_kinds();
/// Null: there is no such kind.
const FindingKind* find_finding_kind(std::string_view name);

/// The table of docs/lifecycle.md.
std::string finding_reference();

}  // namespace wardlock::directory
