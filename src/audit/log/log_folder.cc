#include "audit/log/log_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "audit/log/big_endian.h"
#include "audit/log/segment.h"
#include "merkle/hash.h"

namespace wardlock::audit {
namespace {

constexpr std::size_t kLengthBytes = sizeof(std::uint16_t);
constexpr std::string_view kFormatLine = "wardlock audit log 1\n";

/// Opened when it is first needed.
Result<File*> opened(Files& files, std::unique_ptr<File>& file, const std::string& path) {
  if (file == nullptr) file = TRY(files.open(path, OpenMode::kRead));
  return file.get();
}

}  // namespace

std::string LogPaths::segment(std::uint64_t first) const {
  return fmt::format("{}/{}", segments(), segment_name(first));
}

std::string LogPaths::prepared(std::uint32_t number) const {
  return fmt::format("{}/{}{}", segments(), kPreparedPrefix, number);
}

std::string LogPaths::hashes(std::uint32_t level) const {
  return fmt::format("{}/{}", hashes(), level);
}

std::string origin_text(std::string_view origin) {
  return fmt::format("{}{}\n", kFormatLine, origin);
}

std::optional<std::string> parse_origin_text(std::string_view text) {
  if (!text.starts_with(kFormatLine)) return std::nullopt;
  text.remove_prefix(kFormatLine.size());
  if (text.size() < 2 || text.find('\n') != text.size() - 1) return std::nullopt;
  return std::string(text.substr(0, text.size() - 1));
}

Result<std::string> read_origin(Files& files, const LogPaths& paths) {
  const std::size_t most = origin_text("").size() + kMaxOriginBytes;
  const std::string text = TRY(read_file(files, paths.origin(), most));
  if (auto origin = parse_origin_text(text)) return *std::move(origin);
  return fail(ErrorCode::kDataLoss,
              fmt::format("`{}` is not as a log writes it: see what `wardlock audit verify` says",
                          paths.origin()));
}

TileFiles::TileFiles(Files& files, const std::string& folder)
    : files_(files), paths_(folder), levels_(merkle::kTileLevels) {}

Result<std::string> TileFiles::tile(const merkle::TileCoordinate& tile) {
  if (tile.level >= levels_.size() || tile.width == 0 || tile.width > merkle::kTileWidth ||
      tile.index > INT64_MAX / merkle::kFullTileBytes) {
    return fail(ErrorCode::kNotFound, "there is no such tile");
  }
  File* const file = TRY(opened(files_, levels_[tile.level], paths_.hashes(tile.level)));
  std::string bytes(tile.width * merkle::kHashBytes, '\0');
  const std::size_t got = TRY(file->read(tile.index * merkle::kFullTileBytes, bytes));
  if (got == bytes.size()) return bytes;
  return fail(ErrorCode::kNotFound, fmt::format("the log has no {} yet", tile_path(tile)));
}

RecordReader::RecordReader(Files& files, const std::string& folder)
    : files_(files), paths_(folder) {}

Result<void> RecordReader::open_segment_of(std::uint64_t record) {
  if (segment_ != nullptr && record >= segment_first_ && record < segment_end_) return {};
  const std::vector<std::uint64_t> firsts = TRY(list_segments(files_, paths_.segments()));
  const auto after = std::ranges::upper_bound(firsts, record);
  if (after == firsts.begin()) {
    return fail(ErrorCode::kNotFound, fmt::format("the log does not hold record {}", record));
  }
  segment_first_ = *std::prev(after);
  segment_end_ = after == firsts.end() ? UINT64_MAX : *after;
  segment_ = TRY(files_.open(paths_.segment(segment_first_), OpenMode::kRead));
  ahead_.clear();
  return {};
}

Result<std::string_view> RecordReader::bytes_at(std::uint64_t offset, std::size_t bytes) {
  constexpr std::size_t kAhead = std::size_t{32} << 10;
  const bool is_there = offset >= ahead_begin_ && offset + bytes <= ahead_begin_ + ahead_.size();
  if (!is_there) {
    ahead_.resize(std::max(bytes, kAhead));
    ahead_.resize(TRY(segment_->read(offset, ahead_)));
    ahead_begin_ = offset;
  }
  return std::string_view(ahead_).substr(offset - ahead_begin_, bytes);
}

Result<void> RecordReader::read(std::uint64_t first, std::uint32_t count, Records& out) {
  out.clear();
  constexpr std::size_t kOffsetBytes = sizeof(std::uint32_t);
  File* const file = TRY(opened(files_, offsets_, paths_.offsets()));
  std::string offsets(count * kOffsetBytes, '\0');
  const bool can_be = first < INT64_MAX / kOffsetBytes - count;
  if (!can_be || TRY(file->read(first * kOffsetBytes, offsets)) < offsets.size()) {
    return fail(ErrorCode::kNotFound,
                fmt::format("the log does not hold {} records from {} on", count, first));
  }
  // The segment that was the last one when it was opened may not be it any more.
  if (segment_end_ == UINT64_MAX) segment_.reset();
  ahead_.clear();  // what was read ahead before may have been written since
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint64_t number = first + i;
    TRY_VOID(open_segment_of(number));
    const auto offset =
        read_number<std::uint32_t>(std::string_view(offsets).substr(i * kOffsetBytes));
    if (auto read = read_at(offset, out); !read) {
      return std::unexpected(read.error().in(fmt::format("record {}", number)));
    }
  }
  return {};
}

Result<void> RecordReader::read_at(std::uint64_t offset, Records& out) {
  if (offset < kSegmentHeaderBytes) {
    return fail(ErrorCode::kDataLoss,
                fmt::format("`{}` has no place for it: rebuild it", paths_.offsets()));
  }
  const auto is_missing = [&] {
    return fail(ErrorCode::kDataLoss,
                fmt::format("is not at byte {} of `{}`", offset, paths_.segment(segment_first_)));
  };
  const std::string_view size = TRY(bytes_at(offset, kLengthBytes));
  if (size.size() < kLengthBytes) return is_missing();
  const std::size_t length = kLengthBytes + read_number<std::uint16_t>(size);
  const std::string_view framed = TRY(bytes_at(offset, length));
  if (framed.size() < length) return is_missing();
  return out.add(framed.substr(kLengthBytes));
}

}  // namespace wardlock::audit
