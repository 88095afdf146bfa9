#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace wardlock::access {

inline constexpr std::int64_t kRequestMinute = 60'000;
inline constexpr std::int64_t kRequestHour = 60 * kRequestMinute;
inline constexpr std::int64_t kRequestDay = 24 * kRequestHour;

/// How long what is asked for lasts, and how long it may wait: roles, or approvals of actions.
/// Milliseconds.
struct RoleRequestRules {
  std::int64_t lasts_ms = kRequestHour;         ///< where nobody asks for another time
  std::int64_t most_ms = 8 * kRequestHour;      ///< at most that
  std::int64_t answer_within_ms = kRequestDay;  ///< it expires unanswered
};

/// What a deployment has for actions that says nothing.
inline constexpr RoleRequestRules kUsualApprovals = {.most_ms = kRequestHour};

/// No rules let a role that was asked for last longer, nor an approval.
inline constexpr std::int64_t kLongestRole = 7 * kRequestDay;
inline constexpr std::int64_t kLongestApproval = kRequestDay;
inline constexpr std::size_t kMostReasonBytes = 4096;  ///< also of the words of who answers
inline constexpr std::size_t kMostRequestTicketBytes = 128;
/// So many of one person's may be open.
inline constexpr std::size_t kMostOpenRequests = 20;

/// What somebody asks for. Ids are those of things in the directory.
struct RoleWish {
  std::string role;
  std::string scope = {};                     ///< empty: everywhere
  std::optional<std::int64_t> lasts_ms = {};  ///< nothing: as long as is usual
  std::string reason;
  std::string ticket = {};
};

/// That others agree to one action on one thing.
struct ActionWish {
  std::string action;  ///< as questions name it
  std::string target;
  std::optional<std::int64_t> lasts_ms = {};  ///< nothing: as long as is usual
  std::string reason;
  std::string ticket = {};
};

// The rules. Pure; thread-safe. Errors are kInvalidArgument, in words for who asks.

/// Whether the rules make sense: each time is at least a minute, none longer than may be
/// (`longest`: `kLongestRole` or `kLongestApproval`).
Result<void> check_rules(const RoleRequestRules& rules, std::int64_t longest);

/// What is wrong with the time and the texts: the reason is missing, or has more than
/// `kMostReasonBytes`; a text is no line of text; it would last longer than may be.
Result<void> check_role_wish(const RoleWish& wish, const RoleRequestRules& rules);

/// The same; also of the action's name.
Result<void> check_action_wish(const ActionWish& wish, const RoleRequestRules& rules);

/// The same of the words of who answers. A refusal has some.
Result<void> check_answer_words(std::string_view words, bool is_refusal);

}  // namespace wardlock::access
