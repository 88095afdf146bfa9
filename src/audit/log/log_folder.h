#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "audit/files/files.h"
#include "audit/log/records.h"
#include "base/error.h"
#include "merkle/tile_reader.h"

namespace wardlock::audit {

/// What the names of files begin with that are to become segments.
inline constexpr std::string_view kPreparedPrefix = "prepared-";

/// Where the files of a log are.
class LogPaths {
 public:
  explicit LogPaths(std::string folder) : folder_(std::move(folder)) {}

  const std::string& folder() const { return folder_; }
  std::string lock() const { return folder_ + "/lock"; }
  std::string origin() const { return folder_ + "/origin"; }
  std::string public_key() const { return folder_ + "/public.key"; }
  std::string key_changes() const { return folder_ + "/key-changes"; }
  std::string checkpoint() const { return folder_ + "/checkpoint"; }
  std::string cosigned() const { return folder_ + "/cosigned"; }
  std::string segments() const { return folder_ + "/segments"; }
  std::string segment(std::uint64_t first) const;
  std::string prepared(std::uint32_t number) const;
  std::string hashes() const { return folder_ + "/hashes"; }
  std::string hashes(std::uint32_t level) const;
  std::string offsets() const { return folder_ + "/offsets"; }
  /// Where `audit/index` keeps what it makes of the log.
  std::string index() const { return folder_ + "/index.db"; }

 private:
  std::string folder_;
};

/// No origin is longer.
inline constexpr std::size_t kMaxOriginBytes = 1024;

/// What the file `origin` holds: the format, and the origin below.
std::string origin_text(std::string_view origin);
/// Back; nothing for any other text.
std::optional<std::string> parse_origin_text(std::string_view text);
/// The origin of the log that lies there. Errors: not_found, none says so; data_loss, the file is
/// not as a log writes it; the files'.
Result<std::string> read_origin(Files& files, const LogPaths& paths);

/// The tiles of a log, out of the files in which they lie side by side. Errors: not_found where
/// they are not there yet. Not thread-safe; `files` must outlive it. Also while the log is written.
class TileFiles final : public merkle::TileSource {
 public:
  TileFiles(Files& files, const std::string& folder);

  Result<std::string> tile(const merkle::TileCoordinate& tile) override;

 private:
  Files& files_;
  LogPaths paths_;
  std::vector<std::unique_ptr<File>>
      levels_;  // null before the first tile of the level was asked for
};

/// The records of a log by their number. Not thread-safe; `files` must outlive it. Also while the
/// log is written, up to `Log::head().size`.
class RecordReader {
 public:
  RecordReader(Files& files, const std::string& folder);

  /// The records `[first, first + count)` into `out`, as the segments have them: their hashes are
  /// not checked. Errors: not_found where there are not so many (or their segment was removed);
  /// data_loss where the files contradict each other; the files'.
  Result<void> read(std::uint64_t first, std::uint32_t count, Records& out);

 private:
  /// Opens the segment that holds the record.
  Result<void> open_segment_of(std::uint64_t record);
  /// So many bytes at that place of the open segment, or as many as there are; valid until the next
  /// call. Reads ahead: most records are short.
  Result<std::string_view> bytes_at(std::uint64_t offset, std::size_t bytes);
  /// The record at that place of the open segment.
  Result<void> read_at(std::uint64_t offset, Records& out);

  Files& files_;
  LogPaths paths_;
  std::unique_ptr<File> offsets_;
  std::unique_ptr<File> segment_;
  std::uint64_t segment_first_ = 0;
  std::uint64_t segment_end_ = 0;  // the first record of the segment after it
  std::string ahead_;              // of the segment, from there on
  std::uint64_t ahead_begin_ = 0;
};

}  // namespace wardlock::audit
