// Writes a log as C2SP tlog-tiles serves it, for other people's verifiers. See README.md.
#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "merkle/checkpoint.h"
#include "merkle/entry_bundle.h"
#include "merkle/proof.h"
#include "merkle/tile_frontier.h"
#include "merkle/tlog_proof.h"
#include "merkle/witness.h"

namespace wardlock::merkle {
namespace {

using Path = std::filesystem::path;

constexpr std::string_view kOrigin = "wardlock.example/log";
constexpr std::uint64_t kTime = 1'679'315'147;

void write_file(const Path& path, std::string_view bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

/// All lengths that matter to a hash, and bytes of every kind.
std::string entry(std::uint64_t index) {
  std::string text = fmt::format("entry {}\n", index);
  for (std::uint64_t i = 0; i < index % 300; ++i) text += static_cast<char>(i * 7);
  return text;
}

class LogWriter final : public TileSource {
 public:
  explicit LogWriter(Path folder) : folder_(std::move(folder)) {
    write_file(folder_ / "log.vkey", log_.verifier().text() + "\n");
    write_file(folder_ / "witness.vkey", witness_.verifier().text() + "\n");
  }

  void grow(std::uint64_t size) {
    for (std::uint64_t index = frontier_.size(); index < size; ++index) {
      const std::string bytes = entry(index);
      frontier_.append(leaf_hash(bytes));
      CHECK(append_entry(bundle_, bytes));
      if ((index + 1) % kTileWidth == 0) write_bundle(index / kTileWidth, kTileWidth);
    }
    for (const Tile& tile : frontier_.take_full_tiles()) write_tile(tile);
  }

  /// Writes partial tiles, and the signed tree head to that file.
  void publish(const Path& file) {
    for (const Tile& tile : frontier_.partial_tiles()) write_tile(tile);
    const auto width = static_cast<std::uint32_t>(frontier_.size() % kTileWidth);
    if (width != 0) write_bundle(frontier_.size() / kTileWidth, width);
    const Checkpoint checkpoint{std::string(kOrigin), frontier_.head(), {}};
    const NoteSignature cosignature = witness_.sign(*format_checkpoint(checkpoint), kTime);
    checkpoint_ = *add_signatures(*sign_checkpoint(checkpoint, log_, kTime), {&cosignature, 1});
    write_file(folder_ / file, checkpoint_);
  }

  void prove(std::uint64_t index) {
    TileReader reader(*this, frontier_.size());
    const TlogProof proof{
        .extra = entry(index),
        .index = index,
        .inclusion = *inclusion_proof(index, frontier_.size(), reader),
        .checkpoint = checkpoint_,
    };
    write_file(folder_ / fmt::format("proofs/{}{}", index, kTlogProofExtension),
               *format_tlog_proof(proof));
  }

  void prove_continuation(std::uint64_t old_size) {
    TileReader reader(*this, frontier_.size());
    const AddCheckpoint request{
        .old_size = old_size,
        .consistency = *consistency_proof(old_size, frontier_.size(), reader),
        .checkpoint = checkpoint_,
    };
    write_file(folder_ / fmt::format("continuations/{}", old_size),
               *format_add_checkpoint(request));
  }

  Result<std::string> tile(const TileCoordinate& tile) override { return tiles_.at(tile); }

 private:
  void write_tile(const Tile& tile) {
    tiles_[tile.at] = tile.bytes;
    write_file(folder_ / tile_path(tile.at), tile.bytes);
  }
  void write_bundle(std::uint64_t index, std::uint32_t width) {
    write_file(folder_ / bundle_path({index, width}), bundle_);
    if (width == kTileWidth) bundle_.clear();
  }

  Path folder_;
  SignerKey log_ = *SignerKey::generate(kOrigin, SignatureType::kEd25519);
  SignerKey witness_ =
      *SignerKey::generate("wardlock.example/witness", SignatureType::kEd25519Cosignature);
  TileFrontier frontier_;
  std::map<TileCoordinate, std::string> tiles_;
  std::string bundle_;
  std::string checkpoint_;
};

void write_log(const Path& folder, std::uint64_t size) {
  LogWriter writer(folder);
  std::vector<std::uint64_t> sizes;
  for (std::uint64_t older = size - 1; older != 0; older = older * 2 / 3) sizes.push_back(older);
  for (auto older = sizes.rbegin(); older != sizes.rend(); ++older) {
    writer.grow(*older);
    writer.publish(fmt::format("older/{}", *older));
  }
  writer.grow(size);
  writer.publish("checkpoint");
  for (const std::uint64_t older : sizes) {
    writer.prove_continuation(older);
    writer.prove(older);
  }
  writer.prove(0);
}

}  // namespace
}  // namespace wardlock::merkle

int main(int argc, char** argv) {
  std::uint64_t size = 0;
  const std::string_view number = argc == 3 ? argv[2] : "";
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), size);
  if (error != std::errc() || end != number.data() + number.size() || size == 0) {
    fmt::print(stderr, "usage: wardlock_tlog_sample DIR SIZE\n");
    return 2;
  }
  try {
    wardlock::merkle::write_log(argv[1], size);
    return 0;
  } catch (const std::exception& failure) {
    fmt::print(stderr, "{}: {}\n", argv[1], failure.what());
    return 1;
  }
}
