#include "merkle/hash.h"

#include <algorithm>
#include <array>
#include <bit>
#include <ranges>

#include "base/check.h"
#include "codec/base64.h"

namespace wardlock::merkle {
namespace {

constexpr std::uint8_t kLeafPrefix = 0x00;
constexpr std::uint8_t kNodePrefix = 0x01;

}  // namespace

Hash leaf_hash(std::string_view entry) { return crypto::sha256_prefixed(kLeafPrefix, entry); }

Hash node_hash(const Hash& left, const Hash& right) {
  std::array<char, 1 + 2 * kHashBytes> message;
  message[0] = static_cast<char>(kNodePrefix);
  std::ranges::copy(left, message.begin() + 1);
  std::ranges::copy(right, message.begin() + 1 + kHashBytes);
  return crypto::sha256({message.data(), message.size()});
}

const Hash& empty_root() {
  static const Hash root = crypto::sha256("");
  return root;
}

Hash subtree_root(std::span<const Hash> hashes) {
  CHECK(std::has_single_bit(hashes.size()));
  if (hashes.size() == 1) return hashes.front();
  const std::size_t half = hashes.size() / 2;
  return node_hash(subtree_root(hashes.first(half)), subtree_root(hashes.last(half)));
}

Hash joined_root(std::span<const Hash> subtrees) {
  CHECK(!subtrees.empty());
  Hash root = subtrees.back();
  for (const Hash& left : subtrees | std::views::reverse | std::views::drop(1)) {
    root = node_hash(left, root);
  }
  return root;
}

std::string to_base64(const Hash& hash) { return codec::to_base64(hash); }

Result<Hash> hash_from_base64(std::string_view text) {
  const auto bytes = codec::from_base64(text);
  if (!bytes || bytes->size() != kHashBytes) {
    return invalid("there is no hash: it must be the base64 of 32 bytes");
  }
  Hash hash;
  std::ranges::copy(*bytes, hash.begin());
  return hash;
}

}  // namespace wardlock::merkle
