// What somebody types: a password has one form, which stays as it is; codes and marks of strangers
// are nobody's.
#include <array>
#include <string>

#include "authn/otp/recovery_code.h"
#include "authn/password/password_policy.h"
#include "base/check.h"

using namespace wardlock;
using namespace wardlock::authn;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const RecoveryCodes codes = new_recovery_codes();
  const Secret typed(std::string_view(reinterpret_cast<const char*>(data), size));
  CHECK(!find_recovery_code(codes.hashes, typed));
  const PasswordPolicy policy;
  const auto prepared = prepare_password(typed, policy);
  if (!prepared) {
    CHECK(!prepared.error().message.empty());
    return 0;
  }
  const auto again = prepare_password(prepared->secret(), policy);
  CHECK(again && again->secret() == prepared->secret());
  const std::array<std::string, 2> words = {"grey", "wardlock"};
  const std::array<const BlockList*, 1> lists = {&common_passwords()};
  static_cast<void>(
      faults_of(*prepared, {.policy = policy, .context_words = words, .block_lists = lists}));
  return 0;
}
