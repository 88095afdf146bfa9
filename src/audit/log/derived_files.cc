#include "audit/log/derived_files.h"

#include <algorithm>

#include "audit/log/big_endian.h"

namespace wardlock::audit {
namespace {

constexpr std::uint64_t kOffsetBytes = sizeof(std::uint32_t);

Result<std::unique_ptr<File>> open_or_create(Files& files, const std::string& path) {
  auto opened = files.open(path, OpenMode::kReadWrite);
  if (opened || opened.error().code != ErrorCode::kNotFound) return opened;
  return files.open(path, OpenMode::kCreate);
}

}  // namespace

Result<DerivedFiles> DerivedFiles::open(Files& files, const LogPaths& paths) {
  DerivedFiles derived;
  TRY_VOID(files.make_folder(paths.hashes()));
  derived.offsets_.file = TRY(open_or_create(files, paths.offsets()));
  for (std::uint32_t level = 0; level < derived.levels_.size(); ++level) {
    derived.levels_[level].file = TRY(open_or_create(files, paths.hashes(level)));
  }
  TRY_VOID(files.sync_folder(paths.hashes()));
  TRY_VOID(files.sync_folder(paths.folder()));
  return derived;
}

Result<std::uint64_t> DerivedFiles::records() const {
  std::uint64_t records = TRY(offsets_.file->size()) / kOffsetBytes;
  for (std::uint32_t level = 0; level < levels_.size(); ++level) {
    const std::uint32_t height = merkle::kTileHeight * level;
    const std::uint64_t hashes = TRY(levels_[level].file->size()) / merkle::kHashBytes;
    // So many hashes are missing only where the next one would be complete.
    records = std::min(records, ((hashes + 1) << height) - 1);
  }
  return records;
}

void DerivedFiles::restart(std::uint64_t size) {
  offsets_.offset = size * kOffsetBytes;
  offsets_.bytes.clear();
  for (std::uint32_t level = 0; level < levels_.size(); ++level) {
    Run& run = levels_[level];
    run.offset = (size >> (merkle::kTileHeight * level)) * merkle::kHashBytes;
    run.bytes.clear();
  }
}

void grow(merkle::CompactRange& tree, std::span<const merkle::Hash> leaves,
          std::vector<TileHash>& completed) {
  const merkle::CompactRange::NodeVisitor keep = [&](merkle::NodeId id, const merkle::Hash& hash) {
    if (id.height % merkle::kTileHeight != 0) return;
    completed.push_back({.level = id.height / merkle::kTileHeight, .hash = hash});
  };
  for (const merkle::Hash& leaf : leaves) tree.append(leaf, keep);
}

void DerivedFiles::stage(std::string_view payload, std::uint64_t frame_offset,
                         std::span<const merkle::Hash> leaves,
                         std::span<const TileHash> completed) {
  const auto keep = [&](std::uint32_t level, const merkle::Hash& hash) {
    levels_[level].bytes.append(reinterpret_cast<const char*>(hash.data()), hash.size());
  };
  std::uint64_t offset = frame_offset + kFrameHeadBytes;
  for (const merkle::Hash& leaf : leaves) {
    keep(0, leaf);
    append_number(offsets_.bytes, static_cast<std::uint32_t>(offset));
    const std::size_t entry = sizeof(std::uint16_t) + read_number<std::uint16_t>(payload);
    offset += entry;
    payload.remove_prefix(entry);
  }
  for (const TileHash& hash : completed) keep(hash.level, hash.hash);
}

void DerivedFiles::discard() {
  for (Run& run : levels_) run.bytes.clear();
  offsets_.bytes.clear();
}

Result<void> DerivedFiles::flush(Run& run) {
  if (run.bytes.empty()) return {};
  TRY_VOID(run.file->write(run.offset, run.bytes));
  run.offset += run.bytes.size();
  run.bytes.clear();
  run.is_synced = false;
  return {};
}

Result<void> DerivedFiles::flush() {
  for (Run& run : levels_) TRY_VOID(flush(run));
  return flush(offsets_);
}

Result<void> DerivedFiles::claim(std::uint64_t records) {
  for (std::uint32_t level = 0; level < levels_.size(); ++level) {
    const std::uint64_t hashes = records >> (merkle::kTileHeight * level);
    if (hashes > 0) TRY_VOID(levels_[level].file->claim(hashes * merkle::kHashBytes));
  }
  return offsets_.file->claim(records * kOffsetBytes);
}

Result<void> DerivedFiles::sync() {
  const auto sync_run = [](Run& run) -> Result<void> {
    if (run.is_synced) return {};
    TRY_VOID(run.file->sync());
    run.is_synced = true;
    return {};
  };
  for (Run& run : levels_) TRY_VOID(sync_run(run));
  return sync_run(offsets_);
}

}  // namespace wardlock::audit
