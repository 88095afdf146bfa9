#include "audit/log/records.h"

#include <fmt/format.h>

#include "audit/log/big_endian.h"

namespace wardlock::audit {
namespace {

constexpr std::size_t kLengthBytes = sizeof(std::uint16_t);

}  // namespace

void Records::clear() {
  bytes_.resize(room_);
  ends_.clear();
}

Result<void> Records::add(std::string_view record) {
  if (record.size() > kMaxRecordBytes) {
    return invalid(fmt::format("a record of {} bytes is too long: at most {} can be kept",
                               record.size(), kMaxRecordBytes));
  }
  bytes_.resize(end());
  append_number(bytes_, static_cast<std::uint16_t>(record.size()));
  bytes_ += record;
  ends_.push_back(static_cast<std::uint32_t>(bytes_.size()));
  return {};
}

std::string_view Records::operator[](std::size_t index) const {
  const std::size_t start = start_of(index) + kLengthBytes;
  return std::string_view(bytes_).substr(start, ends_[index] - start);
}

Result<void> Records::assign(std::string_view bytes) {
  clear();
  while (!bytes.empty()) {
    if (bytes.size() < kLengthBytes) break;
    const auto length = read_number<std::uint16_t>(bytes);
    if (bytes.size() - kLengthBytes < length) break;
    TRY_VOID(add(bytes.substr(kLengthBytes, length)));
    bytes.remove_prefix(kLengthBytes + length);
  }
  if (bytes.empty()) return {};
  return fail(ErrorCode::kDataLoss, fmt::format("record {} of a batch is cut off", size()));
}

}  // namespace wardlock::audit
