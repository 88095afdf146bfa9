// Entry bundles, tiles and their paths. The first byte is the width, 0 for 256.
#include "merkle/tile.h"
#include "base/check.h"
#include "merkle/entry_bundle.h"

using namespace wardlock;
using namespace wardlock::merkle;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::uint32_t width = data[0] == 0 ? kTileWidth : data[0];
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (const auto entries = read_entry_bundle(bytes, width); entries) {
    std::string again;
    for (const std::string_view entry : *entries) CHECK(append_entry(again, entry));
    CHECK(again == bytes);
  }
  if (const auto hashes = tile_hashes(bytes, width); hashes) {
    CHECK(bytes.starts_with(tile_bytes(*hashes)));
  }
  if (const auto tile = parse_tile_path(bytes); tile) CHECK(tile_path(*tile) == bytes);
  if (const auto bundle = parse_bundle_path(bytes); bundle) CHECK(bundle_path(*bundle) == bytes);
  return 0;
}
