#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/error.h"
#include "prover/condition/search.h"
#include "prover/invariant/sentence.h"
#include "prover/world/trial.h"

namespace wardlock::prover {

/// Goes through cases in which requirements are met, with the promise of `search`: kExhausted
/// means that there are no others. `search` is one; a prover that reasons with symbols can be
/// another.
using Prover = std::function<SearchEnd(const Conditions&, std::span<const Requirement>,
                                       const cedar::EntityStore&, SearchBudget&, const TryCase&)>;

struct CheckOptions {
  /// For each invariant: assumptions that may be made until it counts as undecided.
  std::uint64_t budget = 1'000'000;
  /// For each invariant: cases that look like a counterexample and cannot be made one, until it
  /// counts as undecided.
  std::size_t max_unmade = 64;
  Prover prover = &search;
};

enum class Standing : std::uint8_t {
  kHolds,      ///< no request is against it
  kFails,      ///< there is a counterexample
  kUndecided,  ///< neither was shown. Never counts as holding
};

std::string_view to_string(Standing standing);

/// A question that the policies answer against an invariant. Tried.
struct Counterexample {
  boost::json::object question;  ///< as `question_json` has it
  boost::json::array entities;   ///< all that it takes: the given ones, then those made for it
  std::size_t given = 0;         ///< how many of them are given
  bool is_allowed = false;
  pdp::Cause cause = pdp::Cause::kNoPermit;
  std::vector<std::string> policies = {};
  std::vector<std::string> obligations = {};
};

/// What became of an invariant.
struct CheckResult {
  const Sentence* sentence = nullptr;
  Standing standing = Standing::kUndecided;
  std::optional<Counterexample> counterexample = {};  ///< with kFails, and only then
  std::string why = {};                               ///< with kUndecided: what could not be shown
  std::size_t environments = 0;                       ///< kinds of questions that it speaks of
  std::uint64_t steps = 0;                            ///< assumptions that were made
  std::size_t unmade = 0;                             ///< cases that could not be made a question
};

/// The entities that sentences name.
std::vector<const cedar::EntityUid*> named_in(std::span<const Sentence> sentences);

/// What a sentence says that is not there, or cannot be: types, actions, entities, obligations, a
/// proviso that does not validate, or that no question is of which it speaks.
Diagnostics check_names(const Sentence& sentence, const Trial& trial);

/// Whether the policies keep to the invariant, in every request that fits the schema over all
/// entities that fit it, as long as the given ones (`Trial::given`) are as they are. The one who
/// asks can fulfil every obligation. Requires `check_names` to have found nothing. Deterministic.
CheckResult check(const Sentence& sentence, const Trial& trial, const CheckOptions& options = {});

}  // namespace wardlock::prover
