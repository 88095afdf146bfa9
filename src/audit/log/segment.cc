#include "audit/log/segment.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>

#include "audit/log/big_endian.h"
#include "audit/log/zeros.h"
#include "crypto/sha256.h"

namespace wardlock::audit {
namespace {

constexpr std::string_view kMagic("\xFFwlseg\0\1", 8);
constexpr std::string_view kNameEnd = ".seg";
constexpr std::size_t kNameDigits = 20;
constexpr std::size_t kReadBytes = 256UL * 1024;
/// Far more than one that can be written, and far from where their numbers or the places in files
/// that follow from them overflow.
constexpr std::uint64_t kMostRecords = std::uint64_t{1} << 48;
/// What `find_frame` reads of things that look like frames and are none, in one segment. Nothing
/// that is recorded looks like one.
constexpr std::size_t kMostDecoyBytes = std::size_t{64} << 20;

std::unexpected<Error> damaged(std::string message) {
  return fail(ErrorCode::kDataLoss, std::move(message));
}

std::string_view view(const auto& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Takes the first bytes of `rest` away, into `out`.
void take(std::string_view& rest, auto& out) {
  std::ranges::copy(rest.substr(0, out.size()), out.begin());
  rest.remove_prefix(out.size());
}

std::uint64_t take_number(std::string_view& rest) {
  const auto number = read_number<std::uint64_t>(rest);
  rest.remove_prefix(sizeof(number));
  return number;
}

}  // namespace

std::string write_segment_header(const SegmentHeader& header) {
  std::string bytes(kMagic);
  bytes += view(header.salt);
  bytes += view(header.origin);
  append_number(bytes, header.bytes);
  append_number(bytes, header.before.size());
  for (const merkle::Hash& node : header.before.nodes()) bytes += view(node);
  bytes += view(crypto::sha256(bytes));
  bytes.resize(kSegmentHeaderBytes, '\0');
  return bytes;
}

Result<SegmentHeader> read_segment_header(std::string_view bytes) {
  if (bytes.size() < kSegmentHeaderBytes) return damaged("its header is cut off");
  bytes = bytes.substr(0, kSegmentHeaderBytes);
  if (!bytes.starts_with(kMagic)) return damaged("it does not begin with a segment's header");
  std::string_view rest = bytes.substr(kMagic.size());
  SegmentHeader header;
  take(rest, header.salt);
  take(rest, header.origin);
  header.bytes = take_number(rest);
  const std::uint64_t size = take_number(rest);
  if (header.bytes > kMaxSegmentBytes || size > kMostRecords) {
    return damaged("its header says what no log can have");
  }
  std::vector<merkle::Hash> nodes(static_cast<std::size_t>(std::popcount(size)));
  for (merkle::Hash& node : nodes) take(rest, node);
  merkle::Hash digest;
  const std::string_view covered = bytes.substr(0, bytes.size() - rest.size());
  take(rest, digest);
  if (crypto::sha256(covered) != digest || !is_zeros(rest)) {
    return damaged("its header was changed");
  }
  header.before = TRY(merkle::CompactRange::from_nodes(size, std::move(nodes)));
  return header;
}

std::string segment_name(std::uint64_t first) { return fmt::format("{:020}{}", first, kNameEnd); }

std::optional<std::uint64_t> parse_segment_name(std::string_view name) {
  if (name.size() != kNameDigits + kNameEnd.size() || !name.ends_with(kNameEnd)) {
    return std::nullopt;
  }
  std::uint64_t first = 0;
  const char* const end = name.data() + kNameDigits;
  const auto [stopped, error] = std::from_chars(name.data(), end, first);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return first;
}

Result<std::vector<std::uint64_t>> list_segments(Files& files, const std::string& folder) {
  std::vector<std::uint64_t> firsts;
  for (const std::string& name : TRY(files.list(folder))) {
    if (const auto first = parse_segment_name(name)) firsts.push_back(*first);
  }
  return firsts;  // ascending, since names are sorted and as long as each other
}

SegmentReader::SegmentReader(std::string path, std::unique_ptr<File> file, std::uint64_t size,
                             SegmentHeader header)
    : path_(std::move(path)), file_(std::move(file)), size_(size), header_(std::move(header)) {}

Result<SegmentReader> SegmentReader::open(Files& files, const std::string& path) {
  std::unique_ptr<File> file = TRY(files.open(path, OpenMode::kRead));
  const std::uint64_t size = TRY(file->size());
  std::string bytes(kSegmentHeaderBytes, '\0');
  bytes.resize(TRY(file->read(0, bytes)));
  auto header = read_segment_header(bytes);
  if (!header) return std::unexpected(header.error().in(fmt::format("`{}`", path)));
  if (size != header->bytes) {
    return damaged(
        fmt::format("`{}` has {} bytes; it was made with {}", path, size, header->bytes));
  }
  return SegmentReader(path, std::move(file), size, std::move(*header));
}

Result<std::string_view> SegmentReader::bytes_at(std::uint64_t offset, std::size_t bytes) {
  const auto have = [&]() -> std::string_view {
    if (offset < buffer_offset_ || offset - buffer_offset_ > buffer_.size()) return {};
    return std::string_view(buffer_).substr(offset - buffer_offset_, bytes);
  };
  if (have().size() < bytes) {
    buffer_.resize(std::max(bytes, kReadBytes));
    buffer_offset_ = offset;
    const auto got = file_->read(offset, buffer_);
    buffer_.resize(got.value_or(0));
    if (!got) return std::unexpected(got.error());
  }
  return have();
}

Result<bool> SegmentReader::next(ReadFrame& frame) {
  const std::string_view head = TRY(bytes_at(offset_, kFrameAlignment));
  if (is_zeros(head)) return false;
  const std::size_t bytes = frame_bytes_from_head(head).value_or(kFrameAlignment);
  const auto read =
      read_frame(TRY(bytes_at(offset_, bytes)), {.salt = header_.salt, .offset = offset_}, frame);
  if (!read) {
    return std::unexpected(read.error().in(fmt::format("`{}`, byte {}", path_, offset_)));
  }
  offset_ += bytes;
  return true;
}

Result<std::optional<std::uint64_t>> SegmentReader::first_non_zero(std::uint64_t from) {
  while (true) {
    const std::string_view bytes = TRY(bytes_at(from, kReadBytes));
    if (bytes.empty()) return std::nullopt;
    const std::size_t found = find_non_zero(bytes);
    if (found != std::string_view::npos) return from + found;
    from += bytes.size();
  }
}

Result<std::optional<std::uint64_t>> SegmentReader::find_frame(std::uint64_t from,
                                                               ReadFrame& frame) {
  for (std::uint64_t offset = from; offset < size_; offset += kFrameAlignment) {
    const auto bytes = frame_bytes_from_head(TRY(bytes_at(offset, kFrameAlignment)));
    if (!bytes) continue;
    const FramePlace place{.salt = header_.salt, .offset = offset};
    if (read_frame(TRY(bytes_at(offset, *bytes)), place, frame)) return offset;
    decoy_bytes_ += *bytes;
    if (decoy_bytes_ > kMostDecoyBytes) {
      return damaged(fmt::format("`{}`, byte {}: too much there looks like a batch and is none",
                                 path_, offset));
    }
  }
  return std::nullopt;
}

}  // namespace wardlock::audit
