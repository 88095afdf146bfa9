#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"

namespace wardlock::authn {

/// What a message to a person is about.
enum class About : std::uint8_t {
  kAuthenticatorAdded,
  kAuthenticatorReplaced,  ///< another of its kind is in its place
  kAuthenticatorRemoved,   ///< lost, revoked
  kAuthenticatorExpires,   ///< soon: a reminder
  kAuthenticatorExpired,
  kPasswordChanged,
  kAccountLinked,
  kRecoveryBegun,        ///< the help desk was asked to let them enrol anew
  kRecoveryDone,         ///< and they, or whoever came, did
  kAttempts,             ///< somebody tried and failed, many times
  kSignInAfterAttempts,  ///< and then was right, from a device that is not known
  kDeviceCode,           ///< a code to sign in with, to a registered device
  kDeviceConfirmation,   ///< a code that shows that a device is its owner's
  kGlassBroken,          ///< for somebody they care for, or something they answer for
  kGlassBrokenForYou,    ///< to the patient
  kGlassEnds,            ///< their emergency access, soon
  kReviewWaits,          ///< they were drawn to review an emergency access
  kReviewLate,           ///< and have not
  kRequestWaits,         ///< somebody asks for what they may give
  kRequestAnswered,      ///< what they asked for was given or refused
};
inline constexpr std::size_t kAbouts = 20;
/// Its name in rows, events and the catalogue of words, e.g. `authenticator_added`.
std::string_view to_string(About about);
std::optional<About> find_about(std::string_view name);
/// What is kept that was said of something, e.g. of an authenticator's id.
std::string said_of(About about, std::string_view what);
/// Whether it carries a code: such a message goes to a registered device and nowhere else.
constexpr bool is_code(About about) {
  return about == About::kDeviceCode || about == About::kDeviceConfirmation;
}

/// What a message says beside the words: nothing that somebody typed, no secret and no patient.
struct MessageDetails {
  std::vector<std::string> authenticators = {};  ///< names of their kinds, e.g. `passkey`
  std::int64_t happened_ms = 0;                  ///< since the epoch
  std::optional<std::int64_t> expires_ms = {};   ///< of an authenticator, a grant, a review's time
  std::string of = {};                           ///< the id of the grant or request; empty: none

  bool operator==(const MessageDetails&) const = default;
};

/// A message that is to be delivered. Times are milliseconds since the epoch.
struct Message {
  std::string id;  ///< a UUID of version 7; the same at each attempt
  std::string tenant;
  std::string person;
  About about = About::kAuthenticatorAdded;
  MessageDetails details = {};
  std::int64_t made_ms = 0;
  std::int64_t attempts = 0;
  std::int64_t until_ms = 0;
  Secret address = {};  ///< of a registered device; only with a code
  Secret code = {};
};

}  // namespace wardlock::authn
