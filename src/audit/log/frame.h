#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "merkle/hash.h"

namespace wardlock::audit {

/// The frames that a segment is made of; docs/formats/audit-log.md has their bytes.

/// Frames begin at multiples of this, so that writing one never touches a disk's sector that holds
/// another's bytes.
inline constexpr std::size_t kFrameAlignment = 512;

/// Before a frame's payload.
inline constexpr std::size_t kFrameHeadBytes = 24;

/// At most so much payload has a frame.
inline constexpr std::size_t kMaxPayloadBytes = 1024 * 1024;

/// Drawn for each segment, and part of each of its frames' digests: nobody who only chooses what a
/// record says can make it look like a frame.
using SegmentSalt = std::array<std::uint8_t, 16>;

enum class FrameKind : std::uint8_t {
  kBatch,       ///< records that were synced at once; its payload is their entry bundle
  kCheckpoint,  ///< its payload is a signed checkpoint of the tree as it stands there
};

/// What a frame says. Borrows its payload.
struct Frame {
  FrameKind kind = FrameKind::kBatch;
  std::uint64_t first = 0;  ///< the tree's size before it, which is its first record's number
  std::uint32_t count = 0;  ///< of its records; 0 in a checkpoint
  std::string_view payload;
  merkle::Hash root_after{};

  std::uint64_t size_after() const { return first + count; }
};

/// So many bytes a frame with that much payload takes up in its segment.
std::size_t frame_bytes(std::size_t payload_bytes);

/// Where a frame stands, which its digest covers.
struct FramePlace {
  const SegmentSalt& salt;
  std::uint64_t offset = 0;  ///< in the segment
};

/// Appends a frame to `out`. `leaves` are the leaf hashes of its records. Requires at most
/// `kMaxPayloadBytes` of payload.
void write_frame(const Frame& frame, const FramePlace& place, std::span<const merkle::Hash> leaves,
                 std::string& out);

/// Makes `bytes`, which is `kFrameHeadBytes` of room and the payload, a frame where it lies. The
/// frame's own payload is not looked at. Requires as `write_frame`.
void complete_frame(const Frame& frame, const FramePlace& place,
                    std::span<const merkle::Hash> leaves, std::string& bytes);

/// A frame that was read, and the leaf hashes of its records.
struct ReadFrame {
  Frame frame;
  std::size_t bytes = 0;  ///< that it takes up
  std::vector<merkle::Hash> leaves;
};

/// Reads the frame at the start of `bytes`, which need go no further than the frame. True where it
/// is one, `out` then borrows from `bytes` and its memory is used again. Errors: data_loss, saying
/// what is wrong. That its root follows from the tree before it is for the caller to check.
Result<void> read_frame(std::string_view bytes, const FramePlace& place, ReadFrame& out);

/// How much of a segment must be read to have the frame whose first `kFrameAlignment` bytes are
/// `head`; nothing where no frame begins so.
std::optional<std::size_t> frame_bytes_from_head(std::string_view head);

}  // namespace wardlock::audit
