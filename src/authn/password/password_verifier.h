#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "authn/password/hashing_threads.h"
#include "authn/password/password_policy.h"
#include "base/error.h"
#include "crypto/password_hash.h"

namespace wardlock::authn {

/// The cost, where it is at least one that OWASP's ASVS 5.0 (11.4.2, appendix C) lets pass: one
/// pass over 46 MiB, two over 19 MiB, three and more over 12 MiB; and at most 1 GiB.
Result<crypto::Argon2idCost> checked_cost(const crypto::Argon2idCost& cost);

/// Hashes passwords and verifies them, so that who has none here takes as long as who has one.
/// Each call takes the time and the memory of its cost, and is never made by a thread that decides.
/// Thread-safe.
class PasswordVerifier {
 public:
  /// Requires a cost that was checked. `threads`: who hashes, and must outlive it; nothing: whoever
  /// calls.
  explicit PasswordVerifier(const crypto::Argon2idCost& cost, HashingThreads* threads = nullptr);

  std::string hash(const PreparedPassword& password) const;

  struct Verdict {
    bool is_right = false;
    /// It is right, and the hash was made at another cost: hash it anew and keep that.
    bool is_due_for_rehash = false;
  };
  /// Nothing for the hash: there is no such person, or no password. A password that could not be
  /// prepared is nobody's.
  Verdict verify(std::optional<std::string_view> hash,
                 const std::optional<PreparedPassword>& password) const;

 private:
  void run(const std::function<void()>& work) const;

  crypto::Argon2idCost cost_;
  HashingThreads* threads_;
  std::string decoy_;  ///< the hash of a password that nobody knows
};

}  // namespace wardlock::authn
