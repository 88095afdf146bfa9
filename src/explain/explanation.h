#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "cedar/ast/policy.h"
#include "explain/shortfall.h"
#include "pdp/rule.h"

namespace wardlock::explain {

/// How a part of a policy stands to what the policy needs of it.
enum class PartState : std::uint8_t {
  kHolds,
  kFails,
  kError,       ///< could not be evaluated
  kNotReached,  ///< could not be evaluated by itself, and need not be
  kWithheld,    ///< the reader may not see what it depends on
};

std::string_view to_string(PartState state);

/// What a part has read. Without a value it is withheld.
struct SeenValue {
  std::string of;  ///< Cedar text, e.g. `principal.ward`
  std::optional<std::string> value;
};

/// A part of a policy: what it needs, and whether that is so.
struct ExplainedPart {
  std::string_view place;  ///< `principal`, `action`, `resource`, `when`, `unless`
  std::string need;        ///< in words
  std::string cedar;       ///< as it stands in the policy
  PartState state = PartState::kWithheld;
  bool is_missing = false;  ///< one of those that would have to change
  std::vector<SeenValue> seen;
};

/// Which part a policy has in the rule.
enum class PolicyRole : std::uint8_t { kPermit, kOverride, kForbid, kWaivable, kObligation };

std::string_view to_string(PolicyRole role);

/// Why a policy is told of.
enum class Standing : std::uint8_t {
  kDetermining,
  kNearest,    ///< a permit that is not satisfied, with the least missing
  kCandidate,  ///< any other whose action scope can match
};

std::string_view to_string(Standing standing);

struct ExplainedPolicy {
  std::string id;
  PolicyRole role = PolicyRole::kPermit;
  Standing standing = Standing::kCandidate;
  PolicyOutcome outcome = PolicyOutcome::kWithheld;
  bool is_template = false;     ///< not linked for this question, or it is not told whether it is
  std::string reason = {};      ///< `@reason`, or else `@doc`; may be empty
  std::string obligation = {};  ///< of kObligation
  std::vector<ExplainedPart> parts = {};
  bool are_parts_cut = false;             ///< there are more parts than are told
  std::vector<std::string> missing = {};  ///< what it still needs, in words; empty where satisfied
  std::vector<std::string> held = {};     ///< by what it is satisfied, in words
  std::string source = {};                ///< the text's name, for the user's own machine
  Span span = {};                         ///< in that text
};

/// Why a decision is what it is. Owned text.
struct Explanation {
  bool is_allowed = false;
  pdp::Cause cause = pdp::Cause::kNoPermit;
  std::string sentence;            ///< for people; comes first
  std::vector<std::string> hints;  ///< what else to know or do, a sentence each
  /// The determining ones, then the nearest permits with the fewest missing parts first, then
  /// others.
  std::vector<ExplainedPolicy> policies;
  bool is_truncated = false;  ///< there was more to say than the limits allow
};

/// About how many bytes its text takes, as the limits count them.
std::size_t size_of(const Explanation& explanation);

/// What bounds an explanation, whoever asks about whatever.
struct ExplanationLimits {
  std::size_t max_bytes = std::size_t{48} << 10;  ///< of its text, about
  std::size_t max_policies = 40;                  ///< told
  std::size_t max_examined = 1000;                ///< policies looked at
  std::size_t max_nearest = 3;
  std::size_t max_parts = 32;  ///< told of one policy
};

}  // namespace wardlock::explain
