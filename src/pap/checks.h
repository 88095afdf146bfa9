#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "bundle/content.h"
#include "pap/draft.h"
#include "pap/test_limits.h"

namespace wardlock::pap {

/// How much a content may be, and how long its tests and invariants are looked at, so that no draft
/// holds up a server.
struct CheckLimits {
  std::size_t policies = 10'000;
  std::size_t tests = kMostTests;
  /// For all tests, and once more to compare by them; beyond them it is undecided.
  std::uint64_t test_steps = kMostTestSteps;
  std::size_t invariants = 1'000;
  /// For each invariant, in assumptions (prover::CheckOptions).
  std::uint64_t invariant_steps = 1'000'000;
  /// For all of them; what is left then is undecided.
  std::uint64_t all_invariant_steps = 20'000'000;
};

/// What keeps a content from being used, and what its own tests and invariants say of it, in this
/// order:
/// - `validate`: the policies can be read, have an id each, fit their schema, have no unknown or
///   misplaced annotation, and are not too many;
/// - `format`: they are laid out as cedar::format_policies does it;
/// - `tests`: its policy tests pass, and what they cover; without tests there is nothing to fail.
///   They are not too many, and not too much work: where they are, it is undecided;
/// - `invariants`: each holds: one that is undecided does not. They are not too many;
/// - `comparison`, where there is a `base`: who gains and who loses by it, asked of the tests of
///   both. It passes where they can be compared: whether anybody may lose is for people to say.
/// Where `validate` has failed, the others are undecided. `at_ms` stamps each. Reports are JSON
/// objects with a `summary`, and a `message` where there is more to say. Pure; takes seconds where
/// there are many invariants.
std::vector<DraftCheck> check_change(const bundle::Content* base, const bundle::Content& content,
                                     const CheckLimits& limits, std::int64_t at_ms);

}  // namespace wardlock::pap
