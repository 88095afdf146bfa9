#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "authn/session/assurance.h"

namespace wardlock::authn {

/// What somebody may be asked to show.
enum class Factor : std::uint8_t {
  kPasskey,
  kPassword,
  kCode,  ///< of an app or a token
  kDeviceCode,
  kRecoveryCode,
  kCertificate,
  kLinkedAccount,
  kUnlock,  ///< badge or PIN
};
/// `passkey` and so on.
std::string_view to_string(Factor factor);

/// What a person could show, by the kinds of their authenticators that count now.
struct Available {
  bool password = false;
  bool code = false;
  bool device_code = false;
  bool recovery_code = false;
  bool passkey = false;            ///< any
  bool verifying_passkey = false;  ///< one that knew who used it
  bool hardware_passkey = false;   ///< one whose attestation is trusted, and that cannot be copied
  bool smartcard = false;
};

/// How a sign-in goes on after something was shown.
struct GoOn {
  std::vector<Factor> offered;  ///< one of these is needed yet
};
struct Enough {
  AssuranceLevel reached;
};
struct NotEnough {};  ///< whatever the person has
using Course = std::variant<GoOn, Enough, NotEnough>;

/// What is offered before anything is known of a person: the same for everybody, and to those who
/// gave no name a passkey alone.
std::vector<Factor> first_offer(bool is_named);

/// Decides how it goes on: what is needed yet, of what the person has, for the level that is
/// required. Pure.
Course course_of(Proofs shown, const Available& available, AssuranceLevel required);

}  // namespace wardlock::authn
