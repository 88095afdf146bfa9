#include "secrets/key_source.h"

#include <fmt/format.h>
#include <string.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "hsm/token_key.h"
#include "storage/key_file.h"
#include "storage/private_file.h"

namespace wardlock::secrets {
namespace {

using crypto::SymmetricKey;

/// What a token's key seals it for: another file of the same token is not one.
constexpr std::string_view kSealedKey = "wardlock key of secrets";

template <typename... Cases>
struct Each : Cases... {
  using Cases::operator()...;
};

std::string_view text_of(const SymmetricKey& key) {
  return {reinterpret_cast<const char*>(key.bytes().data()), SymmetricKey::kBytes};
}

Result<hsm::TokenKey> open_token(const KeyToken& source) {
  std::string pin = TRY(storage::read_private_file(source.pin_file));
  const std::size_t end = std::min(pin.find_first_of("\r\n"), pin.size());
  auto key = hsm::TokenKey::open({source.module, source.token, source.key},
                                 std::string_view(pin).substr(0, end));
  explicit_bzero(pin.data(), pin.size());
  return key;
}

Result<SymmetricKey> load(const KeyToken& source) {
  const std::string sealed = TRY(storage::read_private_file(source.path));
  const hsm::TokenKey token = TRY(open_token(source));
  auto bytes = token.unseal(sealed, kSealedKey);
  if (!bytes) return std::unexpected(bytes.error().in(fmt::format("`{}`", source.path)));
  if (bytes->size() != SymmetricKey::kBytes) {
    return fail(ErrorCode::kDataLoss, fmt::format("`{}` holds no key", source.path));
  }
  SymmetricKey key(std::span<const std::uint8_t, SymmetricKey::kBytes>(
      reinterpret_cast<const std::uint8_t*>(bytes->data()), SymmetricKey::kBytes));
  explicit_bzero(bytes->data(), bytes->size());
  return key;
}

Result<SymmetricKey> load(const KeyVariable& source) {
  const char* text = std::getenv(source.name.c_str());
  if (text == nullptr) {
    return fail(ErrorCode::kNotFound,
                fmt::format("the environment variable `{}` is not set", source.name));
  }
  const auto key = storage::parse_key(text);
  if (key) return *key;
  return fail(ErrorCode::kDataLoss,
              fmt::format("the environment variable `{}` holds no key: {} hexadecimal digits are "
                          "wanted, e.g. from `openssl rand -hex {}`",
                          source.name, 2 * SymmetricKey::kBytes, SymmetricKey::kBytes));
}

Result<SymmetricKey> load(const KeyFile& source) { return storage::load_key(source.path); }

Result<SymmetricKey> create(const KeyToken& source) {
  const hsm::TokenKey token = TRY(open_token(source));
  const std::string sealed = TRY(token.seal(text_of(SymmetricKey::random()), kSealedKey));
  const auto created = storage::create_private_file(source.path, sealed);
  // Whoever makes it first wins.
  if (!created && created.error().code != ErrorCode::kAlreadyExists) {
    return std::unexpected(created.error());
  }
  return load(source);
}

Result<SymmetricKey> create(const KeyFile& source) {
  return storage::load_or_create_key(source.path);
}

Result<SymmetricKey> create(const KeyVariable& source) { return load(source); }

}  // namespace

std::string describe(const KeySource& source) {
  return std::visit(
      Each{[](const KeyFile& file) { return fmt::format("the file `{}`", file.path); },
           [](const KeyVariable& one) {
             return fmt::format("the environment variable `{}`", one.name);
           },
           [](const KeyToken& token) {
             return fmt::format("the key `{}` of the token `{}`, in `{}`", token.key, token.token,
                                token.path);
           }},
      source);
}

Result<SymmetricKey> load_key(const KeySource& source) {
  return std::visit([](const auto& one) { return load(one); }, source);
}

Result<SymmetricKey> load_or_create_key(const KeySource& source) {
  auto key = load_key(source);
  if (key || key.error().code != ErrorCode::kNotFound) return key;
  return std::visit([](const auto& one) { return create(one); }, source);
}

Result<Sealer> load_sealer(std::span<const KeySource> sources, bool may_create) {
  std::vector<SymmetricKey> keys;
  for (const KeySource& source : sources) {
    const bool may_be_new = may_create && keys.empty();
    keys.push_back(TRY(may_be_new ? load_or_create_key(source) : load_key(source)));
  }
  return Sealer::make(keys);
}

}  // namespace wardlock::secrets
