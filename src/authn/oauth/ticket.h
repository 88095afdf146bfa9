#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace wardlock::oauth {

/// Where randomness comes from. Thread-safe.
using FillRandom = std::function<void(std::span<std::uint8_t>)>;

/// What a random text stands for. Its first letters say so, that one which leaked is recognised.
enum class Ticket : std::uint8_t {
  kCode,          ///< `wlc_`: an authorization code
  kRefreshToken,  ///< `wlr_`
  kAccessToken,   ///< `wla_`: an opaque one
  kRequest,       ///< `wlq_`: an authorization request that is pending or was pushed
  kDeviceCode,    ///< `wld_`
  kClientSecret,  ///< `wls_`
  kInvitation,    ///< `wli_`: to register a client (RFC 7591, 1.2: initial access token)
  kRegistration,  ///< `wlm_`: with which a client changes how it is registered (RFC 7592)
};

/// A new one: the prefix and 256 random bits, base64url. Whoever has it has what it stands for.
std::string new_ticket(Ticket kind, const FillRandom& fill_random);
bool is_ticket(Ticket kind, std::string_view text);

/// What is kept of one: SHA-256 in hexadecimal. It is random, and needs neither salt nor
/// stretching; it is looked up by this, so that no comparison tells how much of a guess was right.
std::string hash_of(std::string_view ticket);

/// What a device shows and a person types: eight letters that are told apart, `BCDF-GHJK` (RFC
/// 8628, 6.1): 34 bits, few tries, some minutes.
std::string new_user_code(const FillRandom& fill_random);
/// In the form that is kept, however it was typed; empty where it cannot be one.
std::string normal_user_code(std::string_view typed);

}  // namespace wardlock::oauth
