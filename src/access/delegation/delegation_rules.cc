#include "access/delegation/delegation_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/identifier.h"
#include "base/utf8.h"

namespace wardlock::access {
namespace {

using directory::Kind;

constexpr std::int64_t kDay = std::int64_t{24} * 60 * 60 * 1000;
constexpr std::int64_t kMostAhead = 366 * kDay;
constexpr std::size_t kMostActionBytes = 256;

Result<void> check_code(std::string_view text, std::string_view what) {
  if (text.size() > kMostTicketBytes) {
    return invalid(fmt::format("the {} has at most {} bytes", what, kMostTicketBytes));
  }
  if (find_invalid_utf8(text) || find_identifier_fault(text)) {
    return invalid(fmt::format("the {} is to be one word, of characters that can be seen", what));
  }
  return {};
}

Result<void> check_actions(const std::vector<std::string>& actions) {
  if (actions.empty()) return invalid("say which `actions` are delegated");
  if (actions.size() > kMostDelegatedActions) {
    return invalid(fmt::format("at most {} actions are delegated at once", kMostDelegatedActions));
  }
  for (const std::string& each : actions) {
    if (each.empty() || each.size() > kMostActionBytes || find_invalid_utf8(each) ||
        find_identifier_fault(each)) {
      return invalid(fmt::format("`{}` is no action's name",
                                 printable(std::string_view(each).substr(0, kMostActionBytes))));
    }
  }
  return {};
}

Result<void> check_times(const DelegationWish& wish, Kind delegator, std::int64_t now_ms) {
  const std::int64_t begins = first_moment(wish, now_ms);
  if (wish.ends_ms <= begins) return invalid("it must end after it begins, and after now");
  if (begins > now_ms + kMostAhead) return invalid("it must begin within a year");
  const std::int64_t longest = longest_delegation(delegator);
  if (wish.ends_ms - begins > longest) {
    return invalid(fmt::format("one of a {} lasts {} days at most", directory::to_string(delegator),
                               longest / kDay));
  }
  return {};
}

}  // namespace

std::int64_t longest_delegation(Kind delegator) {
  switch (delegator) {
    case Kind::kPatient: return 5 * 366 * kDay;
    case Kind::kPerson: return 31 * kDay;
    case Kind::kOrganisation: return 14 * kDay;
    default: return 0;
  }
}

std::int64_t first_moment(const DelegationWish& wish, std::int64_t now_ms) {
  return std::max(wish.begins_ms.value_or(now_ms), now_ms);
}

Result<void> check_delegation(const DelegationWish& wish, Kind delegator, std::int64_t now_ms) {
  if (!kDelegators.contains(delegator)) {
    return invalid("a patient, a person or an organisation delegates, and nothing else");
  }
  TRY_VOID(check_actions(wish.actions));
  TRY_VOID(check_code(wish.purpose, "purpose"));
  TRY_VOID(check_code(wish.ticket, "ticket"));
  if (delegator == Kind::kOrganisation && wish.ticket.empty()) {
    return invalid("what an organisation delegates is for one service: name its `ticket`");
  }
  TRY_VOID(check_delegation_words(wish.words));
  return check_times(wish, delegator, now_ms);
}

Result<void> check_delegation_words(std::string_view words) {
  if (words.size() > kMostDelegationWords * 4 || count_code_points(words) > kMostDelegationWords) {
    return invalid(fmt::format("the words have at most {} characters", kMostDelegationWords));
  }
  if (find_invalid_utf8(words) || find_deceptive_character(words)) {
    return invalid("the words are to be one line of text");
  }
  return {};
}

Result<void> check_delegated_target(Kind delegator, Kind target) {
  switch (delegator) {
    case Kind::kPatient:
      if (target == Kind::kPatient) return {};
      return invalid("patients delegate what is theirs: it is for themselves");
    case Kind::kOrganisation:
      if (target == Kind::kDevice) return {};
      return invalid("an organisation delegates for one device: name a `device`");
    default:
      if (directory::Kinds{Kind::kPatient, Kind::kDevice, Kind::kLocation}.contains(target)) {
        return {};
      }
      return invalid("name a `patient`, a `device` or a `location` that it is for");
  }
}

Result<void> check_passed_on(const DelegationWish& wish, const std::vector<KeptDelegation>& chain,
                             std::int64_t now_ms) {
  if (chain.size() >= kMostDelegationLinks) {
    return invalid(fmt::format("a right is passed on {} times at most", kMostDelegationLinks - 1));
  }
  const KeptDelegation& from = chain.front();
  if (from.delegate != wish.delegator) {
    return fail(ErrorCode::kPermissionDenied, "it was not delegated to who passes it on");
  }
  for (const KeptDelegation& each : chain) {
    if (each.is_over_at(now_ms)) {
      return fail(ErrorCode::kFailedPrecondition, "what is to be passed on is over");
    }
    if (!each.may_pass_on) {
      return fail(ErrorCode::kFailedPrecondition,
                  "it was delegated without the right to pass it on");
    }
    if (each.is_of(wish.delegate) || each.made_by == wish.delegate) {
      return invalid("it would go back to one who has given it, or has entered it");
    }
  }
  if (wish.target != from.target)
    return invalid("it is passed on for what it is for, or not at all");
  const auto is_more = [&](const std::string& action) {
    return std::ranges::find(from.actions, action) == from.actions.end();
  };
  if (std::ranges::any_of(wish.actions, is_more))
    return invalid("it is passed on for more actions");
  if (wish.ends_ms > from.ends_ms) return invalid("it would last longer than what it passes on");
  return {};
}

}  // namespace wardlock::access
