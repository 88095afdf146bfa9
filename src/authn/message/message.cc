#include "authn/message/message.h"

#include <algorithm>
#include <array>

namespace wardlock::authn {
namespace {

constexpr auto kNames =
    std::to_array<std::string_view>({"authenticator_added",    "authenticator_replaced",
                                     "authenticator_removed",  "authenticator_expires",
                                     "authenticator_expired",  "password_changed",
                                     "account_linked",         "recovery_begun",
                                     "recovery_done",          "attempts",
                                     "sign_in_after_attempts", "device_code",
                                     "device_confirmation",    "glass_broken",
                                     "glass_broken_for_you",   "glass_ends",
                                     "review_waits",           "review_late",
                                     "request_waits",          "request_answered"});
static_assert(kNames.size() == kAbouts);

}  // namespace

std::string_view to_string(About about) { return kNames.at(static_cast<std::size_t>(about)); }

std::optional<About> find_about(std::string_view name) {
  const auto* const found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<About>(found - kNames.begin());
}

std::string said_of(About about, std::string_view what) {
  return std::string(to_string(about)) + "\n" + std::string(what);
}

}  // namespace wardlock::authn
