#include "crypto/password_hash.h"

#include <sodium/crypto_pwhash_argon2id.h>

#include <array>

#include "base/check.h"
#include "crypto/sodium.h"

namespace wardlock::crypto {
namespace {

std::size_t memory_bytes(const Argon2idCost& cost) { return std::size_t{cost.memory_kib} * 1024; }

/// With a zero behind it, as libsodium wants a hash; nothing where the text cannot be one.
bool as_c_text(std::string_view hash, std::array<char, crypto_pwhash_argon2id_STRBYTES>& out) {
  if (hash.size() >= out.size() || hash.contains('\0')) return false;
  out.fill('\0');
  hash.copy(out.data(), hash.size());
  return true;
}

}  // namespace

std::string hash_password(const Secret& password, const Argon2idCost& cost) {
  prepare_sodium();
  std::array<char, crypto_pwhash_argon2id_STRBYTES> text;
  // Fails only where there is no memory, without which this process cannot go on.
  CHECK(crypto_pwhash_argon2id_str(text.data(), password.reveal().data(), password.size(),
                                   cost.passes, memory_bytes(cost)) == 0);
  return text.data();
}

bool verify_password(std::string_view hash, const Secret& password) {
  prepare_sodium();
  std::array<char, crypto_pwhash_argon2id_STRBYTES> text;
  return as_c_text(hash, text) && crypto_pwhash_argon2id_str_verify(
                                      text.data(), password.reveal().data(), password.size()) == 0;
}

bool was_hashed_at_another_cost(std::string_view hash, const Argon2idCost& cost) {
  prepare_sodium();
  std::array<char, crypto_pwhash_argon2id_STRBYTES> text;
  return !as_c_text(hash, text) ||
         crypto_pwhash_argon2id_str_needs_rehash(text.data(), cost.passes, memory_bytes(cost)) != 0;
}

}  // namespace wardlock::crypto
