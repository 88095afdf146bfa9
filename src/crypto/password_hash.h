#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace wardlock::crypto {

/// What Argon2id costs (RFC 9106): passes over so much memory, in one lane.
struct Argon2idCost {
  std::uint32_t passes = 2;
  std::uint32_t memory_kib = 19'456;

  bool operator==(const Argon2idCost&) const = default;
};

/// A password's Argon2id hash with a fresh salt, as PHC's text `$argon2id$v=19$m=…,t=…,p=1$…`.
/// Takes the memory of its cost while it computes, and the time. Thread-safe.
std::string hash_password(const Secret& password, const Argon2idCost& cost);

/// Whether that is the password's hash; false also where the text is none. Thread-safe.
bool verify_password(std::string_view hash, const Secret& password);

/// Whether the hash was made at another cost, or is none.
bool was_hashed_at_another_cost(std::string_view hash, const Argon2idCost& cost);

}  // namespace wardlock::crypto
