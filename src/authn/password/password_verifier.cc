#include "authn/password/password_verifier.h"

#include <fmt/format.h>

#include <cstdint>

#include "base/check.h"
#include "crypto/random.h"

namespace wardlock::authn {
namespace {

std::uint32_t least_memory_kib(std::uint32_t passes) {
  if (passes == 1) return 47'104;
  return passes == 2 ? 19'456 : 12'288;
}

Secret random_password() {
  Secret secret = Secret::of_size(32);
  crypto::fill_random({reinterpret_cast<std::uint8_t*>(secret.data()), secret.size()});
  return secret;
}

}  // namespace

Result<crypto::Argon2idCost> checked_cost(const crypto::Argon2idCost& cost) {
  constexpr std::uint32_t kMostPasses = 16;
  constexpr std::uint32_t kMostMemoryKib = 1U << 20;
  if (cost.passes < 1 || cost.passes > kMostPasses) {
    return invalid(fmt::format("Argon2id makes 1 to {} passes, not {}", kMostPasses, cost.passes));
  }
  const std::uint32_t least = least_memory_kib(cost.passes);
  if (cost.memory_kib < least || cost.memory_kib > kMostMemoryKib) {
    return invalid(fmt::format("{} passes of Argon2id need {} to {} KiB of memory, not {}",
                               cost.passes, least, kMostMemoryKib, cost.memory_kib));
  }
  return cost;
}

PasswordVerifier::PasswordVerifier(const crypto::Argon2idCost& cost, HashingThreads* threads)
    : cost_(cost), threads_(threads), decoy_(crypto::hash_password(random_password(), cost)) {}

void PasswordVerifier::run(const std::function<void()>& work) const {
  threads_ == nullptr ? work() : threads_->run(work);
}

std::string PasswordVerifier::hash(const PreparedPassword& password) const {
  std::string hash;
  run([&] { hash = crypto::hash_password(password.secret(), cost_); });
  return hash;
}

PasswordVerifier::Verdict PasswordVerifier::verify(
    std::optional<std::string_view> hash, const std::optional<PreparedPassword>& password) const {
  const Secret nothing;
  const Secret& secret = password ? password->secret() : nothing;
  // Always one hash, and then the same questions.
  bool is_same = false;
  run([&] { is_same = crypto::verify_password(hash.value_or(decoy_), secret); });
  const bool is_right = is_same && hash.has_value() && password.has_value();
  return {.is_right = is_right,
          .is_due_for_rehash = is_right && crypto::was_hashed_at_another_cost(*hash, cost_)};
}

}  // namespace wardlock::authn
