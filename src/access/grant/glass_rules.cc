#include "access/grant/glass_rules.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "base/utf8.h"

namespace wardlock::access {
namespace {

/// A shorter one would be over before it is used.
constexpr std::int64_t kLeastTime = kGlassMinute;
/// Hours, not days: whatever a deployment wants.
constexpr std::int64_t kMostTime = 24 * kGlassHour;
/// So far may clocks of nodes differ.
constexpr std::int64_t kSkew = kGlassMinute;

std::string known_codes(const GlassRules& rules) {
  std::vector<std::string> codes;
  for (const GlassReason& each : rules.reasons) codes.push_back(fmt::format("`{}`", each.code));
  return fmt::format("{}", fmt::join(codes, ", "));
}

Result<void> check_words(std::string_view words) {
  if (find_invalid_utf8(words) || find_deceptive_character(words)) {
    return invalid("the words are to be one line of text");
  }
  if (words.find_first_not_of(' ') == std::string_view::npos) {
    return invalid("say in words why: whoever reviews it wants to know");
  }
  if (count_code_points(words) > kMostGlassWords) {
    return invalid(fmt::format("the words have at most {} characters", kMostGlassWords));
  }
  return {};
}

}  // namespace

const GlassReason* GlassRules::find(std::string_view code) const {
  const auto found = std::ranges::find(reasons, code, &GlassReason::code);
  return found == reasons.end() ? nullptr : &*found;
}

Result<const GlassReason*> check_wish(const GlassWish& wish, const GlassRules& rules) {
  const GlassReason* const reason = rules.find(wish.reason);
  if (reason == nullptr) {
    return invalid(
        fmt::format("`{}` is no reason for which the glass is broken here; these are: {}",
                    printable(wish.reason), known_codes(rules)));
  }
  TRY_VOID(check_words(wish.words));
  if (wish.lasts_ms && (*wish.lasts_ms < kLeastTime || *wish.lasts_ms > rules.most_ms)) {
    return invalid(fmt::format("a grant lasts from 1 to {} minutes", rules.most_ms / kGlassMinute));
  }
  return reason;
}

Result<void> check_proof(const GlassProof& proof, const GlassRules& rules, std::int64_t now_ms) {
  const std::int64_t age = now_ms - proof.authenticated_ms;
  if (proof.level < rules.least_level) {
    return fail(ErrorCode::kUnauthenticated,
                fmt::format("breaking the glass takes a sign-in at assurance level {}: sign in "
                            "again, with a second factor",
                            rules.least_level));
  }
  if (age < -kSkew || age > rules.authenticated_within_ms) {
    return fail(ErrorCode::kUnauthenticated,
                "your sign-in is too long ago for breaking the glass: sign in again");
  }
  return {};
}

std::int64_t first_end(const GlassWish& wish, const GlassRules& rules, std::int64_t now_ms) {
  return now_ms + std::min(wish.lasts_ms.value_or(rules.lasts_ms), rules.most_ms);
}

Result<std::int64_t> renewed_end(std::int64_t opened_ms, std::int64_t expires_ms,
                                 const GlassWish& wish, const GlassRules& rules,
                                 std::int64_t now_ms) {
  const std::int64_t last = opened_ms + rules.most_ms;
  const std::int64_t end = std::min(first_end(wish, rules, now_ms), last);
  if (end > expires_ms) return end;
  if (expires_ms < last) return expires_ms;  // it goes on for longer than was asked for
  return fail(
      ErrorCode::kFailedPrecondition,
      fmt::format("this grant has had its {} hours and is renewed no more; when it is over, "
                  "open another",
                  rules.most_ms / kGlassHour));
}

std::int64_t review_due(std::int64_t opened_ms, bool is_escalated, const GlassRules& rules) {
  return opened_ms + (is_escalated ? rules.escalated_review_within_ms : rules.review_within_ms);
}

Result<void> check_rules(const GlassRules& rules) {
  if (rules.most_ms < kLeastTime || rules.most_ms > kMostTime) {
    return invalid("grants last for hours, not days: at most 24 hours");
  }
  if (rules.lasts_ms < kLeastTime || rules.lasts_ms > rules.most_ms) {
    return invalid("a grant usually lasts no longer than the longest");
  }
  if (rules.warn_before_ms < 0 || rules.warn_before_ms >= rules.lasts_ms) {
    return invalid("the warning comes after the grant was opened, and before it ends");
  }
  if (rules.per_shift == 0) return invalid("at least one grant of a shift is not escalated");
  if (rules.escalated_review_within_ms > rules.review_within_ms) {
    return invalid("what is escalated is reviewed sooner, not later");
  }
  std::set<std::string_view> codes;
  for (const GlassReason& each : rules.reasons) {
    if (each.code.empty() || !codes.insert(each.code).second) {
      return invalid("each reason has a code of its own");
    }
    if (each.actions.empty()) {
      return invalid(fmt::format("the reason `{}` opens nothing: name its actions", each.code));
    }
  }
  return {};
}

}  // namespace wardlock::access
