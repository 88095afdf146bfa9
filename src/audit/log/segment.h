#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/files/files.h"
#include "audit/log/frame.h"
#include "base/error.h"
#include "merkle/compact_range.h"
#include "merkle/hash.h"

namespace wardlock::audit {

/// A segment begins with its header, padded to this.
inline constexpr std::size_t kSegmentHeaderBytes = 4096;

/// No segment is longer: places in it are four bytes.
inline constexpr std::uint64_t kMaxSegmentBytes = UINT32_MAX;

/// What stands at the start of a segment: all that is needed to read on from there.
struct SegmentHeader {
  SegmentSalt salt{};
  merkle::Hash origin{};        ///< SHA-256 of the log's origin line
  std::uint64_t bytes = 0;      ///< the segment's length
  merkle::CompactRange before;  ///< the tree before its first record
};

std::string write_segment_header(const SegmentHeader& header);
/// Errors: data_loss, saying what is wrong.
Result<SegmentHeader> read_segment_header(std::string_view bytes);

/// `00000000000000000042.seg`: named by the number of its first record.
std::string segment_name(std::uint64_t first);
/// Back; nothing for any other name.
std::optional<std::uint64_t> parse_segment_name(std::string_view name);

/// The numbers of the first records of a folder's segments, ascending. Errors: the files'.
Result<std::vector<std::uint64_t>> list_segments(Files& files, const std::string& folder);

/// Reads a segment from its start. Not thread-safe.
class SegmentReader {
 public:
  /// Errors: data_loss where the header is not valid or the file has another length than it says;
  /// the files'. Messages name the path.
  static Result<SegmentReader> open(Files& files, const std::string& path);

  const SegmentHeader& header() const { return header_; }
  const std::string& path() const { return path_; }

  /// Where the frame begins that `next` reads.
  std::uint64_t offset() const { return offset_; }
  std::uint64_t size() const { return size_; }

  /// Goes on there, e.g. where `find_frame` found one.
  void go_to(std::uint64_t offset) { offset_ = offset; }

  /// The next frame; false after the last, which is where the header of a frame would be zeros, or
  /// the segment ends. It borrows from this reader until the next call. Errors: data_loss where
  /// there is neither; the files'.
  Result<bool> next(ReadFrame& frame);

  /// The offset of the first byte that is not zero, from there on; nothing where there is none.
  Result<std::optional<std::uint64_t>> first_non_zero(std::uint64_t from);

  /// The first valid frame from there on, whatever stands before it: its offset, and itself in
  /// `frame`; nothing where there is none. Errors: data_loss where so much looks like a frame that
  /// it was put there to keep the reader busy; the files'.
  Result<std::optional<std::uint64_t>> find_frame(std::uint64_t from, ReadFrame& frame);

 private:
  SegmentReader(std::string path, std::unique_ptr<File> file, std::uint64_t size,
                SegmentHeader header);

  /// The bytes `[offset, offset + bytes)`, fewer where the segment ends. Borrows until the next
  /// call.
  Result<std::string_view> bytes_at(std::uint64_t offset, std::size_t bytes);

  std::string path_;
  std::unique_ptr<File> file_;
  std::uint64_t size_;
  SegmentHeader header_;
  std::uint64_t offset_ = kSegmentHeaderBytes;
  std::string buffer_;  // what is read ahead
  std::uint64_t buffer_offset_ = 0;
  std::size_t decoy_bytes_ = 0;
};

}  // namespace wardlock::audit
