#include "authn/otp/recovery_code.h"

#include <array>
#include <cstdint>

#include "crypto/digest.h"
#include "crypto/random.h"
#include "crypto/sha256.h"

namespace wardlock::authn {
namespace {

// Crockford's base32: no letter that is taken for a digit or for another one.
constexpr std::string_view kLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kCodeLetters = 24;
constexpr std::size_t kGroup = 4;

/// Five bits a letter of as many random bytes, whose other bits are left out.
Secret new_code() {
  Secret code = Secret::of_size(kCodeLetters);
  crypto::fill_random({reinterpret_cast<std::uint8_t*>(code.data()), code.size()});
  for (std::size_t i = 0; i < code.size(); ++i) code.data()[i] = kLetters[code.data()[i] & 31];
  return code;
}

Secret in_groups(const Secret& code) {
  constexpr std::size_t kSize = kCodeLetters + kCodeLetters / kGroup - 1;
  Secret out = Secret::of_size(kSize);
  char* at = out.data();
  for (std::size_t i = 0; i < kCodeLetters; ++i) {
    if (i > 0 && i % kGroup == 0) *at++ = '-';
    *at++ = code.reveal()[i];
  }
  return out;
}

char as_meant(char c) {
  if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  if (c == 'O') return '0';
  return c == 'I' || c == 'L' ? '1' : c;
}

/// The letters alone, as they were meant.
Secret letters_of(const Secret& typed) {
  constexpr std::size_t kMaxTyped = 128;
  Secret out = Secret::of_size(kCodeLetters);
  std::size_t count = 0;
  for (const char c : typed.reveal().substr(0, kMaxTyped)) {
    if (c == ' ' || c == '-') continue;
    if (count < kCodeLetters) out.data()[count] = as_meant(c);
    ++count;
  }
  return count == kCodeLetters ? out : Secret();
}

std::string hash_of(const Secret& code) { return crypto::to_hex(crypto::sha256(code.reveal())); }

}  // namespace

RecoveryCodes new_recovery_codes(std::size_t count) {
  RecoveryCodes codes;
  for (std::size_t i = 0; i < count; ++i) {
    const Secret code = new_code();
    codes.shown.push_back(in_groups(code));
    codes.hashes.push_back(hash_of(code));
  }
  return codes;
}

std::optional<std::size_t> find_recovery_code(std::span<const std::string> hashes,
                                              const Secret& code) {
  const std::string hash = hash_of(letters_of(code));
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    if (crypto::equal_in_constant_time(hashes[i], hash)) found = i;
  }
  return found;
}

}  // namespace wardlock::authn
