#include "audit/log/frame.h"

#include <fmt/format.h>

#include <algorithm>

#include "audit/log/big_endian.h"
#include "audit/log/records.h"
#include "base/check.h"
#include "crypto/sha256.h"

namespace wardlock::audit {
namespace {

// 0xFF is in no UTF-8: a text never looks like the start of a frame.
constexpr std::string_view kBatchMagic = "\xFFwlbatch";
constexpr std::string_view kCheckpointMagic = "\xFFwlcheck";
constexpr std::size_t kMagicBytes = 8;
constexpr std::size_t kFirstOffset = kMagicBytes;
constexpr std::size_t kCountOffset = kFirstOffset + sizeof(std::uint64_t);
constexpr std::size_t kPayloadBytesOffset = kCountOffset + sizeof(std::uint32_t);
constexpr std::size_t kTailBytes = 2 * merkle::kHashBytes;  // root and digest

static_assert(kFrameHeadBytes == kPayloadBytesOffset + sizeof(std::uint32_t));
static_assert(kBatchMagic.size() == kMagicBytes && kCheckpointMagic.size() == kMagicBytes);

std::unexpected<Error> damaged(std::string message) {
  return fail(ErrorCode::kDataLoss, std::move(message));
}

std::string_view view(const auto& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

merkle::Hash hash_at(std::string_view bytes, std::size_t offset) {
  merkle::Hash hash;
  std::ranges::copy(bytes.substr(offset, hash.size()), hash.begin());
  return hash;
}

/// The digest of a frame with that payload. A batch's records are in it by their leaf hashes.
merkle::Hash frame_digest(std::string_view head, const Frame& frame, std::string_view payload,
                          const FramePlace& place, std::span<const merkle::Hash> leaves) {
  crypto::Sha256 digest;
  digest.update(view(place.salt));
  std::string offset;
  append_number(offset, place.offset);
  digest.update(offset);
  digest.update(head);
  if (frame.kind == FrameKind::kBatch) {
    const std::span<const std::uint8_t> all(leaves.empty() ? nullptr : leaves.front().data(),
                                            leaves.size() * merkle::kHashBytes);
    digest.update(view(all));
  } else {
    digest.update(payload);
  }
  digest.update(view(frame.root_after));
  return digest.finish();
}

std::string frame_head(const Frame& frame, std::size_t payload_bytes) {
  std::string head(frame.kind == FrameKind::kBatch ? kBatchMagic : kCheckpointMagic);
  append_number(head, frame.first);
  append_number(head, frame.count);
  append_number(head, static_cast<std::uint32_t>(payload_bytes));
  return head;
}

/// The leaf hashes of a batch's records.
Result<void> hash_records(const Frame& frame, std::vector<merkle::Hash>& leaves) {
  std::string_view rest = frame.payload;
  for (std::uint32_t i = 0; i < frame.count; ++i) {
    const std::size_t length =
        rest.size() < sizeof(std::uint16_t) ? rest.size() : read_number<std::uint16_t>(rest);
    if (rest.size() < sizeof(std::uint16_t) + length) {
      return damaged(fmt::format("its record {} is cut off", i));
    }
    leaves.push_back(merkle::leaf_hash(rest.substr(sizeof(std::uint16_t), length)));
    rest.remove_prefix(sizeof(std::uint16_t) + length);
  }
  if (rest.empty()) return {};
  return damaged(fmt::format("{} bytes follow its last record", rest.size()));
}

}  // namespace

std::size_t frame_bytes(std::size_t payload_bytes) {
  const std::size_t bytes = kFrameHeadBytes + payload_bytes + kTailBytes;
  return (bytes + kFrameAlignment - 1) / kFrameAlignment * kFrameAlignment;
}

void write_frame(const Frame& frame, const FramePlace& place, std::span<const merkle::Hash> leaves,
                 std::string& out) {
  std::string bytes(kFrameHeadBytes, '\0');
  bytes += frame.payload;
  complete_frame(frame, place, leaves, bytes);
  out += bytes;
}

void complete_frame(const Frame& frame, const FramePlace& place,
                    std::span<const merkle::Hash> leaves, std::string& bytes) {
  CHECK(bytes.size() >= kFrameHeadBytes && leaves.size() == frame.count);
  const std::size_t payload_bytes = bytes.size() - kFrameHeadBytes;
  CHECK(payload_bytes <= kMaxPayloadBytes);
  const std::string head = frame_head(frame, payload_bytes);
  std::ranges::copy(head, bytes.begin());
  const merkle::Hash digest =
      frame_digest(head, frame, std::string_view(bytes).substr(kFrameHeadBytes), place, leaves);
  bytes.reserve(frame_bytes(payload_bytes));
  bytes += view(frame.root_after);
  bytes += view(digest);
  bytes.resize(frame_bytes(payload_bytes), '\0');
}

std::optional<std::size_t> frame_bytes_from_head(std::string_view head) {
  if (head.size() < kFrameHeadBytes) return std::nullopt;
  const std::string_view magic = head.substr(0, kMagicBytes);
  if (magic != kBatchMagic && magic != kCheckpointMagic) return std::nullopt;
  const auto payload_bytes = read_number<std::uint32_t>(head.substr(kPayloadBytesOffset));
  if (payload_bytes > kMaxPayloadBytes) return std::nullopt;
  return frame_bytes(payload_bytes);
}

Result<void> read_frame(std::string_view bytes, const FramePlace& place, ReadFrame& out) {
  const auto whole = frame_bytes_from_head(bytes);
  if (!whole) return damaged("no batch or checkpoint begins there");
  if (bytes.size() < *whole) return damaged("what begins there is cut off");
  bytes = bytes.substr(0, *whole);

  Frame& frame = out.frame;
  const std::string_view head = bytes.substr(0, kFrameHeadBytes);
  frame.kind = head.starts_with(kBatchMagic) ? FrameKind::kBatch : FrameKind::kCheckpoint;
  frame.first = read_number<std::uint64_t>(head.substr(kFirstOffset));
  frame.count = read_number<std::uint32_t>(head.substr(kCountOffset));
  frame.payload =
      bytes.substr(kFrameHeadBytes, read_number<std::uint32_t>(head.substr(kPayloadBytesOffset)));
  const std::size_t tail = kFrameHeadBytes + frame.payload.size();
  frame.root_after = hash_at(bytes, tail);
  out.bytes = bytes.size();
  out.leaves.clear();

  const bool is_batch = frame.kind == FrameKind::kBatch;
  if (is_batch == (frame.count == 0)) return damaged("its count of records is wrong");
  if (is_batch) TRY_VOID(hash_records(frame, out.leaves));
  if (frame_digest(head, frame, frame.payload, place, out.leaves) !=
      hash_at(bytes, tail + merkle::kHashBytes)) {
    return damaged(is_batch ? "the batch there was changed" : "the checkpoint there was changed");
  }
  if (bytes.find_first_not_of('\0', tail + kTailBytes) != std::string_view::npos) {
    return damaged("what fills up its last sector is not zeros");
  }
  return {};
}

}  // namespace wardlock::audit
