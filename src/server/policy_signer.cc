#include "server/policy_signer.h"

#include <string.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "base/secret.h"
#include "hsm/signing_token.h"
#include "storage/private_file.h"

namespace wardlock::server {
namespace {

constexpr std::string_view kTokenScheme = "pkcs11:";

Result<bundle::Signer> open_token(const std::string& uri) {
  const hsm::TokenAddress address = TRY(hsm::parse_token_address(uri));
  std::string pin = TRY(storage::read_private_file(address.pin_file));
  const std::size_t end = std::min(pin.find_first_of("\r\n"), pin.size());
  auto token = hsm::SigningToken::open(address.name, std::string_view(pin).substr(0, end));
  explicit_bzero(pin.data(), pin.size());
  if (!token) return std::unexpected(token.error());
  const auto shared = std::make_shared<const hsm::SigningToken>(*std::move(token));
  return bundle::Signer{.key = shared->public_key(), .sign = [shared](std::string_view message) {
                          return shared->sign(message);
                        }};
}

}  // namespace

Result<bundle::Signer> open_signer(const std::string& key) {
  if (key.starts_with(kTokenScheme)) return open_token(key);
  std::string text = TRY(storage::read_private_file(key));
  auto read = bundle::read_private_key(Secret(text));
  explicit_bzero(text.data(), text.size());
  if (!read) return std::unexpected(read.error().in(key));
  return bundle::signer_of(*std::move(read));
}

}  // namespace wardlock::server
