#include "webauthn/authenticator_data.h"

#include <fmt/format.h>

#include <algorithm>

#include "codec/cbor.h"

namespace wardlock::webauthn {
namespace {

constexpr std::size_t kHashBytes = 32;
constexpr codec::CborLimits kLimits = {.max_bytes = std::size_t{16} << 10, .max_depth = 4};

enum Flag : std::uint8_t {
  kUserPresent = 0x01,
  kUserVerified = 0x04,
  kBackupEligible = 0x08,
  kBackedUp = 0x10,
  kHasCredential = 0x40,
  kHasExtensions = 0x80,
};

/// The next bytes, of that number.
Result<std::string_view> take(std::string_view& rest, std::size_t size) {
  if (rest.size() < size) return invalid("the authenticator's data ends early");
  const std::string_view taken = rest.substr(0, size);
  rest.remove_prefix(size);
  return taken;
}

std::uint32_t big_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<std::uint8_t>(c);
  return value;
}

Result<AttestedCredential> take_credential(std::string_view& rest) {
  AttestedCredential credential;
  const std::string_view aaguid = TRY(take(rest, credential.aaguid.size()));
  std::ranges::copy(aaguid, credential.aaguid.begin());
  const std::uint32_t size = big_endian(TRY(take(rest, 2)));
  if (size == 0 || size > kMaxCredentialIdBytes) {
    return invalid(
        fmt::format("a credential's id has {} bytes; it has 1 to {}", size, kMaxCredentialIdBytes));
  }
  credential.id = TRY(take(rest, size));
  const codec::CborItem key = TRY(codec::parse_cbor_item(rest, kLimits));
  credential.public_key = TRY(take(rest, key.size));
  return credential;
}

}  // namespace

std::string to_string(const Aaguid& aaguid) {
  std::string out;
  for (std::size_t i = 0; i < aaguid.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += fmt::format("{:02x}", aaguid[i]);
  }
  return out;
}

Result<AuthenticatorData> read_authenticator_data(std::string_view bytes) {
  AuthenticatorData data;
  data.rp_id_hash = TRY(take(bytes, kHashBytes));
  const auto flags = static_cast<std::uint8_t>(TRY(take(bytes, 1)).front());
  data.user_present = (flags & kUserPresent) != 0;
  data.user_verified = (flags & kUserVerified) != 0;
  data.backup_eligible = (flags & kBackupEligible) != 0;
  data.backed_up = (flags & kBackedUp) != 0;
  data.sign_count = big_endian(TRY(take(bytes, 4)));
  if ((flags & kHasCredential) != 0) data.credential = TRY(take_credential(bytes));
  if ((flags & kHasExtensions) != 0) {
    const codec::CborItem extensions = TRY(codec::parse_cbor_item(bytes, kLimits));
    if (!extensions.value.map()) return invalid("an authenticator's extensions are not a map");
    bytes.remove_prefix(extensions.size);
  }
  if (!bytes.empty()) return invalid("something follows the authenticator's data");
  return data;
}

}  // namespace wardlock::webauthn
