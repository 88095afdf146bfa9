#include "server/house_key.h"

#include <array>
#include <cstdint>
#include <string>

#include "base/wall_clock.h"
#include "codec/base64url.h"
#include "crypto/random.h"

namespace wardlock::server {
namespace {

constexpr std::size_t kKeyBytes = 32;

}  // namespace

Result<Secret> find_or_draw_key(storage::Work& work, secrets::SecretTable& secrets,
                                const secrets::Place& place) {
  auto kept = TRY(secrets.find(work, place, wall_clock_ms()));
  if (!kept) {
    std::array<std::uint8_t, kKeyBytes> bytes = {};
    crypto::fill_random(bytes);
    kept = codec::to_base64url(bytes);
    TRY_VOID(secrets.put(work, place, *kept));
  }
  Secret key(*kept);
  wipe(*kept);
  return key;
}

}  // namespace wardlock::server
