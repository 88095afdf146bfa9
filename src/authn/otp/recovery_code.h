#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"

namespace wardlock::authn {

/// Codes to be printed and kept, for the day an authenticator is lost (SP 800-63B-4: look-up
/// secrets). Each has 120 random bits, so that its hash needs neither salt nor stretching, and is
/// good once.
struct RecoveryCodes {
  std::vector<Secret> shown;        ///< once: `7QXK-9MDE-…`, six groups of four
  std::vector<std::string> hashes;  ///< to be kept, in the same order
};

RecoveryCodes new_recovery_codes(std::size_t count = 10);

/// Which of the hashes is that of the code; the caller removes it in the transaction that lets
/// somebody in. Case, blanks and hyphens do not matter, nor an O for a zero or an I or L for a one.
/// Compares with all of them, so that the time tells nothing. Thread-safe.
std::optional<std::size_t> find_recovery_code(std::span<const std::string> hashes,
                                              const Secret& code);

}  // namespace wardlock::authn
