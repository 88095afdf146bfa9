#include "authn/familiar_device.h"

#include <array>
#include <cstdint>

#include "codec/base64url.h"
#include "crypto/digest.h"
#include "crypto/random.h"

namespace wardlock::authn {
namespace {

constexpr std::size_t kDeviceBytes = 16;
constexpr std::size_t kDeviceLetters = 22;
constexpr std::string_view kPurpose = "wardlock familiar device\n";

}  // namespace

std::string FamiliarDevice::seal(std::string_view device, std::string_view authenticator) const {
  // The device has one length, so that the parts are told apart.
  return codec::to_base64url(key_.sign({kPurpose, device, authenticator}));
}

std::string FamiliarDevice::new_mark(std::string_view authenticator) const {
  std::array<std::uint8_t, kDeviceBytes> bytes;
  crypto::fill_random(bytes);
  const std::string device = codec::to_base64url(bytes);
  return device + '.' + seal(device, authenticator);
}

std::optional<std::string> FamiliarDevice::source_of(std::string_view mark,
                                                     std::string_view authenticator) const {
  if (mark.size() <= kDeviceLetters || mark[kDeviceLetters] != '.') return std::nullopt;
  const std::string_view device = mark.substr(0, kDeviceLetters);
  const std::string_view given = mark.substr(kDeviceLetters + 1);
  if (!crypto::equal_in_constant_time(given, seal(device, authenticator))) return std::nullopt;
  return "device:" + std::string(device);
}

}  // namespace wardlock::authn
