#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/error.h"

namespace wardlock::webauthn {

/// What a ceremony checks (Web Authentication Level 3, 7.1 and 7.2), by name.
enum class Step : std::uint8_t {
  kForm,               ///< what was sent can be read
  kType,               ///< the client data is of this ceremony
  kChallenge,          ///< it answers our challenge
  kOrigin,             ///< it comes from one of our pages
  kCrossOrigin,        ///< the page was not in a frame, or may be
  kTopOrigin,          ///< the page around the frame is one that may be
  kRpIdHash,           ///< the authenticator answered for our relying party
  kUserPresent,        ///< somebody was there
  kUserVerified,       ///< the authenticator knows who, where we ask that
  kBackupFlags,        ///< what is backed up may be backed up
  kAlgorithm,          ///< the key is for an algorithm that we asked for
  kCredentialId,       ///< the credential's id has a permitted size; it is the one that was used
  kAttestationFormat,  ///< the attestation has a format that is known
  kAttestation,        ///< its statement is right
  kAaguid,             ///< the model is one that we take
  kTrust,              ///< its certificates lead to an anchor
  kUserHandle,         ///< the credential belongs to who is signing in
  kBackupEligibility,  ///< whether it may be backed up has not changed
  kSignature,          ///< the credential's key signed
  kCounter,            ///< the counter of signatures went up
};

/// `challenge` and so on, for events and messages.
std::string_view to_string(Step step);

/// Where a ceremony ended, and why.
struct Failure {
  Step step = Step::kForm;
  std::string message;
};

/// What a ceremony or a part of it gives.
template <typename T>
using Outcome = std::expected<T, Failure>;

std::unexpected<Failure> fail(Step step, std::string message);

/// A library's or a lower room's result, as one of that step.
template <typename T>
Outcome<T> as_part_of(Step step, Result<T> result) {
  if (!result) return fail(step, std::move(result).error().message);
  if constexpr (std::is_void_v<T>) {
    return {};
  } else {
    return *std::move(result);
  }
}

}  // namespace wardlock::webauthn
