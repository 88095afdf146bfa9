#include "authn/session/session_settings.h"

#include <fmt/format.h>

#include <algorithm>

namespace wardlock::authn {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// SP 800-63B-4, 2.2.3 and 2.3.3.
constexpr TimeLimits kMostAtAal2 = {hours(1), hours(24)};
constexpr TimeLimits kMostAtAal3 = {minutes(15), hours(12)};

Result<void> check_limits(std::string_view whose, const TimeLimits& limits,
                          const TimeLimits& most) {
  const auto is_within = [](seconds time, seconds longest) {
    return time >= seconds(1) && time <= longest;
  };
  if (is_within(limits.idle, most.idle) && is_within(limits.overall, most.overall) &&
      limits.idle <= limits.overall) {
    return {};
  }
  return invalid(fmt::format(
      "sessions of `{}` last {} s, or {} s unused: from 1 s to {} s, and {} "
      "s unused, is what SP 800-63B-4 lets pass",
      whose, limits.overall.count(), limits.idle.count(), most.overall.count(), most.idle.count()));
}

Result<void> check_time(std::string_view what, seconds time, seconds least, seconds most) {
  if (time >= least && time <= most) return {};
  return invalid(fmt::format("{} is {} s, and may be {} to {} s", what, time.count(), least.count(),
                             most.count()));
}

}  // namespace

Result<void> check(const SessionSettings& settings) {
  if (settings.environments.empty()) return invalid("sessions need an environment to be in");
  for (const SessionEnvironment& each : settings.environments) {
    if (each.name.empty()) return invalid("an environment of sessions has no name");
    if (std::ranges::count(settings.environments, each.name, &SessionEnvironment::name) > 1) {
      return invalid(fmt::format("there are two environments `{}`", each.name));
    }
    TRY_VOID(check_limits(each.name, each.limits, kMostAtAal2));
  }
  TRY_VOID(check_limits("AAL3", settings.aal3, kMostAtAal3));
  if (settings.most_of_a_person == 0) return invalid("a person has one session at least");
  TRY_VOID(check_time("the time after which a token changes", settings.rotate_after, minutes(1),
                      hours(1)));
  TRY_VOID(check_time("the time for which the token before is taken", settings.previous_good_for,
                      seconds(1), minutes(1)));
  TRY_VOID(check_time("the time after a sign-in within which a badge or PIN unlocks",
                      settings.unlock_within, minutes(1), hours(12)));
  TRY_VOID(check_time("a session's time without the database", settings.without_database,
                      minutes(1), hours(12)));
  if (settings.unlock_tries == 0 || settings.unlock_tries > 10) {
    return invalid("badge or PIN may be tried 1 to 10 times");
  }
  return {};
}

const SessionEnvironment* find_environment(const SessionSettings& settings, std::string_view name) {
  const auto found = std::ranges::find(settings.environments, name, &SessionEnvironment::name);
  return found == settings.environments.end() ? nullptr : &*found;
}

TimeLimits limits_of(const SessionSettings& settings, const SessionEnvironment& environment,
                     AssuranceLevel level) {
  if (level < AssuranceLevel::kAal3) return environment.limits;
  return {.idle = std::min(environment.limits.idle, settings.aal3.idle),
          .overall = std::min(environment.limits.overall, settings.aal3.overall)};
}

}  // namespace wardlock::authn
