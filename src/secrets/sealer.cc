#include "secrets/sealer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "crypto/keyed_hash.h"

namespace wardlock::secrets {
namespace {

using crypto::SymmetricKey;

// Sealed: version || key id || tag of the place || what the key sealed. The first three and the
// whole digest of the place are bound to the rest. The tag tells a row that was moved from one that
// was changed.
constexpr char kVersion = 1;
constexpr std::size_t kIdBytes = 8;
constexpr std::size_t kTagBytes = 8;
constexpr std::size_t kHeadBytes = 1 + kIdBytes + kTagBytes;

std::string_view text_of(const crypto::KeyedDigest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string hex(std::string_view bytes) {
  std::string out;
  for (const char byte : bytes) out += fmt::format("{:02x}", static_cast<std::uint8_t>(byte));
  return out;
}

std::string id_bytes(const SymmetricKey& key) {
  return std::string(text_of(keyed_hash(key, "name of a key for secrets", {})).substr(0, kIdBytes));
}

std::unexpected<Error> damaged(const Place& place, std::string_view what) {
  return fail(ErrorCode::kDataLoss,
              fmt::format("the secret `{}` of `{}` {}: restore the database from a backup, or have "
                          "it made anew",
                          place.name, place.purpose, what));
}

}  // namespace

std::string key_id(const SymmetricKey& key) { return hex(id_bytes(key)); }

struct Sealer::Key {
  std::string bytes;  ///< of the id
  std::string id;
  crypto::SealingKey seals;
  SymmetricKey places;

  explicit Key(const SymmetricKey& key)
      : bytes(id_bytes(key)),
        id(hex(bytes)),
        seals(derive_key(key, "seal secrets")),
        places(derive_key(key, "places of secrets")) {}

  crypto::KeyedDigest digest_of(const Place& place) const {
    return keyed_hash(places, "place", {place.tenant, place.purpose, place.name});
  }
};

Result<Sealer> Sealer::make(std::span<const SymmetricKey> keys) {
  if (keys.empty()) return invalid("there is no key to seal secrets with: name one");
  std::vector<std::shared_ptr<const Key>> made;
  for (const SymmetricKey& key : keys) {
    auto one = std::make_shared<const Key>(key);
    const bool is_known =
        std::ranges::any_of(made, [&](const auto& other) { return other->id == one->id; });
    if (is_known) return invalid(fmt::format("the key `{}` is named twice", one->id));
    made.push_back(std::move(one));
  }
  return Sealer(std::move(made));
}

std::string Sealer::seal(const Place& place, std::string_view text) const {
  const Key& key = *keys_.front();
  const crypto::KeyedDigest digest = key.digest_of(place);
  std::string out(1, kVersion);
  out += key.bytes;
  out += text_of(digest).substr(0, kTagBytes);
  return out + key.seals.seal(text, out + std::string(text_of(digest)));
}

Result<std::string> Sealer::open(const Place& place, std::string_view sealed) const {
  if (sealed.size() < kHeadBytes) return damaged(place, "is cut off");
  if (sealed.front() != kVersion) {
    return damaged(place, "was changed, or sealed by another version of Wardlock");
  }
  const std::string id = hex(sealed.substr(1, kIdBytes));
  const Key* key = find(id);
  if (key == nullptr) {
    return fail(ErrorCode::kFailedPrecondition,
                fmt::format("the secret `{}` of `{}` is sealed under the key `{}`, and known are "
                            "only `{}`: name that key, too",
                            place.name, place.purpose, id, fmt::join(key_ids(), "`, `")));
  }
  const crypto::KeyedDigest digest = key->digest_of(place);
  const std::string_view head = sealed.substr(0, kHeadBytes);
  if (head.substr(1 + kIdBytes) != text_of(digest).substr(0, kTagBytes)) {
    return damaged(place, "was sealed for another place, and moved here");
  }
  auto text =
      key->seals.open(sealed.substr(kHeadBytes), std::string(head) + std::string(text_of(digest)));
  if (!text) return damaged(place, "was changed since it was sealed");
  return std::move(*text);
}

const std::string& Sealer::current() const { return keys_.front()->id; }

bool Sealer::knows(std::string_view key_id) const { return find(key_id) != nullptr; }

std::vector<std::string> Sealer::key_ids() const {
  std::vector<std::string> ids;
  for (const auto& key : keys_) ids.push_back(key->id);
  return ids;
}

const Sealer::Key* Sealer::find(std::string_view id) const {
  const auto found =
      std::ranges::find(keys_, id, [](const auto& key) -> const std::string& { return key->id; });
  return found == keys_.end() ? nullptr : found->get();
}

}  // namespace wardlock::secrets
