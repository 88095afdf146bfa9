#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pap/draft.h"

namespace wardlock::pap {

/// How much a shadow may decide otherwise before it stops by itself: both are exceeded.
struct DifferenceLimit {
  std::uint64_t count = 0;     ///< of decisions
  std::uint32_t permille = 0;  ///< of all that were compared

  bool operator==(const DifferenceLimit&) const = default;
};

/// What was decided otherwise of one kind of question.
struct ShadowDifference {
  /// The groups that whoever asked is in, e.g. `Role::"Nurse"`, or their type; never themselves.
  std::string who;
  std::string action;         ///< its id
  std::string resource_type;  ///< what it was to be done to
  bool is_gain = false;       ///< it would have been allowed
  std::uint64_t count = 0;
  // One of them.
  std::string decision_id = {};            ///< of the audit log
  std::vector<std::string> policies = {};  ///< by which it was decided
  std::string cause = {};                  ///< why the draft decides otherwise

  /// Whether it is of one kind with the other.
  bool is_like(const ShadowDifference& other) const;
  bool operator==(const ShadowDifference&) const = default;
};

/// So many kinds are told apart; of others they are only counted.
inline constexpr std::size_t kMostShadowKinds = 100;

/// What a shadow decided, beside what was decided.
struct ShadowCount {
  std::uint64_t compared = 0;
  std::uint64_t skipped = 0;  ///< what it would have cost was too much, or data had just changed
  std::uint64_t gained = 0;   ///< denied, and it would have been allowed
  std::uint64_t lost = 0;     ///< allowed, and it would have been denied
  /// The differences by kind, the most frequent first: at most kMostShadowKinds, so that their
  /// counts may be fewer than `differing`.
  std::vector<ShadowDifference> kinds = {};

  std::uint64_t differing() const { return gained + lost; }
  bool operator==(const ShadowCount&) const = default;
};

/// Whether it is more than may be.
bool is_beyond(const DifferenceLimit& limit, const ShadowCount& count);

/// Of all nodes together; of each kind the first example.
ShadowCount sum_of(const std::vector<ShadowCount>& counts);

/// How a shadow ended.
enum class ShadowEnd : std::uint8_t {
  kNot,       ///< it goes on
  kStopped,   ///< somebody stopped it
  kLimit,     ///< it decided too much otherwise
  kReplaced,  ///< another began in its place
  kInForce,   ///< its content came into force
};
/// `running`, `stopped`, `limit`, `replaced`, `in_force`.
std::string_view to_string(ShadowEnd end);

/// A draft's content that nodes decide by as well, without effect, to see what would be decided
/// otherwise. For ever in the history. Times are milliseconds since the epoch.
struct ShadowStage {
  PolicyPlace place;
  std::uint64_t number = 0;  ///< from 1, of its place
  std::string draft;
  std::string content;
  DifferenceLimit limit;
  std::string person;
  std::string reason = {};
  std::int64_t made_ms = 0;
  ShadowEnd end = ShadowEnd::kNot;
  std::string ended_by = {};
  std::int64_t ended_ms = 0;
};

}  // namespace wardlock::pap
