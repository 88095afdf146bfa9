#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/error.h"
#include "pdp/access.h"

namespace wardlock::compare {

/// What is known of how a question was decided when it was asked. Borrows.
struct RecordedAnswer {
  bool is_allowed = false;
  std::string_view policy_set = {};                    ///< `sha256:…`; empty: not known
  std::span<const std::string_view> obligations = {};  ///< that it imposed
};

/// A question that both rulebooks are asked. Borrows everything.
struct PosedQuestion {
  pdp::AccessRequest access;
  std::int64_t at = 0;                          ///< milliseconds since the epoch
  std::string_view name = {};                   ///< where it comes from, for people: `record 17`
  std::optional<RecordedAnswer> recorded = {};  ///< nothing: it was not asked yet
};

/// Why a question is in no comparison.
enum class LeftOut : std::uint8_t {
  kErased,
  kLocked,
  kUnreadable,
  kIncomplete,
  kUnanswerable,
  kOtherPolicies,
  kNotReproduced,
};
inline constexpr std::size_t kLeftOutReasons = 7;

/// Its name in documents, and what it means: a sentence without its full stop.
struct LeftOutWord {
  LeftOut value;
  std::string_view name;
  std::string_view about;
};
std::span<const LeftOutWord, kLeftOutReasons> all_left_out();

/// Takes questions, one after another.
class QuestionTaker {
 public:
  virtual ~QuestionTaker() = default;

  virtual void take(const PosedQuestion& question) = 0;
  /// One that can't be asked. `example`: which, and what is in the way, for people.
  virtual void leave_out(LeftOut why, std::string_view example) = 0;
};

/// Where questions come from: a log, tests, a file, a generator.
class QuestionSource {
 public:
  virtual ~QuestionSource() = default;

  /// Gives all it has, in an order of its own that is always the same. Error: they cannot be read.
  virtual Result<void> give(QuestionTaker& taker) = 0;
};

}  // namespace wardlock::compare
