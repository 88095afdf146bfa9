#include "access/request/role_request_rules.h"

#include <fmt/format.h>

#include "base/identifier.h"
#include "base/utf8.h"

namespace wardlock::access {
namespace {

constexpr std::size_t kMostActionBytes = 256;

Result<void> check_line(std::string_view text, std::string_view what) {
  if (text.size() > kMostReasonBytes) {
    return invalid(fmt::format("the {} has at most {} bytes", what, kMostReasonBytes));
  }
  if (find_invalid_utf8(text) || find_deceptive_character(text)) {
    return invalid(fmt::format("the {} is to be one line of text", what));
  }
  return {};
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(' ') == std::string_view::npos;
}

/// Why, for which ticket and for how long: the same of each wish.
template <typename Wish>
Result<void> check_terms(const Wish& wish, const RoleRequestRules& rules) {
  if (is_blank(wish.reason)) return invalid("say what it is needed for, as `reason`");
  TRY_VOID(check_line(wish.reason, "reason"));
  if (wish.ticket.size() > kMostRequestTicketBytes || find_invalid_utf8(wish.ticket) ||
      find_identifier_fault(wish.ticket)) {
    return invalid(
        fmt::format("the ticket is to be one word of at most {} bytes", kMostRequestTicketBytes));
  }
  const std::int64_t lasts = wish.lasts_ms.value_or(rules.lasts_ms);
  if (lasts < kRequestMinute) return invalid("it must last a minute at least");
  if (lasts <= rules.most_ms) return {};
  return invalid(fmt::format("it may last {} minutes at most", rules.most_ms / kRequestMinute));
}

}  // namespace

Result<void> check_rules(const RoleRequestRules& rules, std::int64_t longest) {
  if (rules.most_ms < kRequestMinute || rules.most_ms > longest) {
    return invalid(fmt::format("what is asked for lasts a minute at least, and {} hours at most",
                               longest / kRequestHour));
  }
  if (rules.lasts_ms < kRequestMinute || rules.lasts_ms > rules.most_ms) {
    return invalid("what is usual lasts a minute at least, and no longer than what may be");
  }
  if (rules.answer_within_ms < kRequestMinute || rules.answer_within_ms > 31 * kRequestDay) {
    return invalid("a request waits a minute at least, and 31 days at most");
  }
  return {};
}

Result<void> check_role_wish(const RoleWish& wish, const RoleRequestRules& rules) {
  if (wish.role.empty()) return invalid("say which `role`");
  return check_terms(wish, rules);
}

Result<void> check_action_wish(const ActionWish& wish, const RoleRequestRules& rules) {
  if (wish.action.empty()) return invalid("say which `action`");
  if (wish.action.size() > kMostActionBytes || find_invalid_utf8(wish.action) ||
      find_identifier_fault(wish.action)) {
    return invalid(
        fmt::format("an action's name is one word of at most {} bytes", kMostActionBytes));
  }
  return check_terms(wish, rules);
}

Result<void> check_answer_words(std::string_view words, bool is_refusal) {
  TRY_VOID(check_line(words, "words"));
  if (!is_refusal || !is_blank(words)) return {};
  return invalid("say why it is refused, as `words`: who asked wants to know");
}

}  // namespace wardlock::access
