#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "authn/password/block_list.h"
#include "base/error.h"
#include "base/secret.h"

namespace wardlock::authn {

/// Which passwords are taken (SP 800-63B-4, 3.1.1.2). Counted in code points. There are no rules of
/// composition and no periodic change.
struct PasswordPolicy {
  std::uint32_t min_length_alone = 15;
  std::uint32_t min_length_with_second_factor = 8;
  std::uint32_t max_length = 256;  ///< 64 at least; nothing is ever cut off
};

/// What a password is judged by.
struct PasswordQuestion {
  const PasswordPolicy& policy;
  bool is_only_factor = true;
  /// Words that somebody who guesses would try for this person: user name, names, the service's.
  std::span<const std::string> context_words;
  /// Passwords that are known to many.
  std::span<const BlockList* const> block_lists;
};

/// A password as it is hashed and compared, whatever way it was typed.
class PreparedPassword {
 public:
  const Secret& secret() const { return secret_; }

 private:
  friend Result<PreparedPassword> prepare_password(const Secret& typed,
                                                   const PasswordPolicy& policy);
  explicit PreparedPassword(Secret secret) : secret_(std::move(secret)) {}

  Secret secret_;
};

/// Brings what was typed into the form that is compared: PRECIS' OpaqueString, of a length that can
/// be a password's.
Result<PreparedPassword> prepare_password(const Secret& typed, const PasswordPolicy& policy);

/// Why a password is not taken, a sentence each, for the person who chose it; empty: it is taken.
/// No sentence repeats any of it.
std::vector<std::string> faults_of(const PreparedPassword& password,
                                   const PasswordQuestion& question);

}  // namespace wardlock::authn
