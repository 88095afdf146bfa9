#include "merkle/tree_for_test.h"

#include <array>
#include <bit>

#include "base/check.h"

namespace wardlock::merkle {

std::vector<Hash> leaves_for_test(std::uint64_t count) {
  std::vector<Hash> leaves;
  leaves.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) leaves.push_back(leaf_hash(std::to_string(i)));
  return leaves;
}

std::vector<std::string> known_entries() {
  using namespace std::string_literals;
  return {"",
          "\x00"s,
          "\x10",
          "\x20\x21",
          "\x30\x31",
          "\x40\x41\x42\x43",
          "\x50\x51\x52\x53\x54\x55\x56\x57",
          "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"};
}

std::string_view known_root(std::size_t size) {
  static constexpr std::array<std::string_view, 9> kRoots = {
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
      "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
      "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
      "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  return kRoots.at(size);
}

Hash defined_root(std::span<const Hash> leaves) {
  if (leaves.empty()) return crypto::sha256("");
  if (leaves.size() == 1) return leaves.front();
  const std::size_t left = std::bit_floor(leaves.size() - 1);
  return node_hash(defined_root(leaves.first(left)), defined_root(leaves.subspan(left)));
}

Result<Hash> MemoryTree::node(NodeId id) {
  const std::uint64_t size = std::uint64_t{1} << id.height;
  CHECK((id.index + 1) * size <= leaves_.size());
  return defined_root(std::span(leaves_).subspan(id.index * size, size));
}

Result<std::string> MemoryTiles::tile(const TileCoordinate& tile) {
  ++reads_;
  const std::string path = tile_path(tile);
  const auto found = tiles_.find(path);
  if (found == tiles_.end()) return fail(ErrorCode::kNotFound, "there is no `" + path + "`");
  return found->second;
}

std::string hex(const Hash& hash) { return crypto::to_hex(hash); }

Hash from_base64_for_test(std::string_view text) {
  const auto hash = hash_from_base64(text);
  CHECK(hash);
  return *hash;
}

}  // namespace wardlock::merkle
