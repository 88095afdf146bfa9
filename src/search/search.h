#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "pdp/access.h"
#include "pdp/canary.h"
#include "pdp/observer.h"

namespace wardlock::search {

/// What of a question is left open.
enum class Sought : std::uint8_t { kPrincipal, kAction, kResource };

/// A question with a gap. What is sought has a type and may have properties, which then hold for
/// each that comes into question; its id is ignored, and so is a sought action's name. Borrows
/// everything.
struct Query {
  Sought sought = Sought::kResource;
  pdp::AccessRequest access;
  /// What decides a part of the questions; null: the snapshot decides all. With one, whatever has
  /// the type comes into question.
  const pdp::Canary* canary = nullptr;
};

/// How much of the answer is wanted at once.
struct Portion {
  /// Go on behind this id (of a sought action: its name); nothing: from the beginning.
  std::optional<std::string> after = {};
  std::size_t max_found = 1000;
  std::size_t max_decisions = 10'000;  ///< at least 1
  pdp::Observer* observer = nullptr;   ///< is asked before each decision; null: nobody limits
};

/// From where a search is to go on.
struct Rest {
  std::optional<std::string> after;
};

struct Found {
  std::vector<std::string> ids;  ///< ascending; of a sought action: names, as `decide` takes them
  std::optional<Rest> rest;      ///< nothing: that was all
  std::size_t decisions = 0;     ///< how many it took
};

/// Finds exactly those of the snapshot's entities of the type (or of its actions) for which
/// `pdp::decide` allows the question, each by what decides it (pdp/canary.h). Each that comes into
/// question is decided; which do, follows from what the permits demand (candidates.h).
///
/// The actions are the schema's; without one, those that policies name, and stored ones. What
/// cannot be asked at all finds nothing: an action that is not declared or does not apply to the
/// types, a type of which there is none or which cannot be a principal. Where a question is refused
/// for one entity only, that one is not found.
///
/// A portion ends early where as many decisions are made as it allows, or where the observer admits
/// no more; it has then less than was wanted, perhaps nothing, and a rest.
///
/// Error: kPermissionDenied, the caller may not search, ask or supply that; kInvalidArgument, a
/// part of the question is malformed; the observer's, where it admits no decision at all.
/// Thread-safe.
Result<Found> search(const pdp::Snapshot& snapshot, const Query& query, const Portion& portion,
                     std::int64_t now);

}  // namespace wardlock::search
