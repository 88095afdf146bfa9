#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace wardlock::access {

/// Why the glass may be broken, and what that opens.
struct GlassReason {
  std::string code;                      ///< for programs, e.g. `emergency`
  std::string about = {};                ///< for people
  std::vector<std::string> actions;      ///< as questions name them; at least one
  std::vector<std::string> waives = {};  ///< ids of `@waivable` policies that it sets aside
};

inline constexpr std::int64_t kGlassMinute = 60'000;
inline constexpr std::int64_t kGlassHour = 60 * kGlassMinute;

/// Who is told that the glass was broken, where people are told of anything at all.
struct GlassNotices {
  bool team = true;  ///< who cares for the patient, or answers for the device
  std::vector<std::string> roles = {"Wardlock::SecurityOfficer"};  ///< whoever has one of them
  bool patient = false;
};

/// What a deployment demands of whoever breaks the glass. Times are milliseconds.
struct GlassRules {
  std::vector<GlassReason> reasons;
  std::int64_t lasts_ms = 4 * kGlassHour;  ///< a grant, where nobody asks for less or more
  std::int64_t most_ms = 24 * kGlassHour;  ///< also with all its renewals
  std::int64_t warn_before_ms = 15 * kGlassMinute;
  std::int64_t shift_ms = 12 * kGlassHour;
  std::size_t per_shift = 3;     ///< more of one person's are opened, and escalated
  std::int64_t least_level = 2;  ///< of assurance (SP 800-63B)
  std::int64_t authenticated_within_ms = 12 * kGlassHour;
  std::int64_t review_within_ms = 72 * kGlassHour;            ///< after it was opened
  std::int64_t escalated_review_within_ms = 24 * kGlassHour;  ///< the same of an escalated one

  GlassNotices tells = {};

  /// Null: there is no such code.
  const GlassReason* find(std::string_view code) const;
};

/// What somebody asks for.
struct GlassWish {
  std::string reason;  ///< a code
  std::string words;   ///< theirs: why, in this case
  std::optional<std::int64_t> lasts_ms = {};
};

/// How they had signed in, as their own token shows.
struct GlassProof {
  std::string session;
  std::int64_t level = 0;                 ///< of assurance (SP 800-63B)
  std::vector<std::string> methods = {};  ///< RFC 8176
  std::int64_t authenticated_ms = 0;
};

// The rules. Pure; thread-safe.

/// So many code points the words have at most.
inline constexpr std::size_t kMostGlassWords = 1000;

/// The reason that is named. Error kInvalidArgument: there is no such one; the words are missing,
/// too long, or no text on one line; the time is none, or longer than may be.
Result<const GlassReason*> check_wish(const GlassWish& wish, const GlassRules& rules);

/// Error kUnauthenticated: they have signed in less surely, or longer ago, than this takes.
Result<void> check_proof(const GlassProof& proof, const GlassRules& rules, std::int64_t now_ms);

/// When a grant ends that is opened now.
std::int64_t first_end(const GlassWish& wish, const GlassRules& rules, std::int64_t now_ms);

/// When one ends that is renewed now: never earlier than before, and never later than `most_ms`
/// after it was opened. Error kFailedPrecondition: it has all the time that there is; open another.
Result<std::int64_t> renewed_end(std::int64_t opened_ms, std::int64_t expires_ms,
                                 const GlassWish& wish, const GlassRules& rules,
                                 std::int64_t now_ms);

/// Until when somebody must have looked at it.
std::int64_t review_due(std::int64_t opened_ms, bool is_escalated, const GlassRules& rules);

/// What is wrong with the rules themselves, e.g. a grant that lasts longer than may be.
Result<void> check_rules(const GlassRules& rules);

}  // namespace wardlock::access
