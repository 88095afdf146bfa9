#include "merkle/entry_bundle.h"

#include <fmt/format.h>

#include "merkle/tile.h"

namespace wardlock::merkle {
namespace {

constexpr std::size_t kLengthBytes = 2;

}  // namespace

Result<void> append_entry(std::string& bundle, std::string_view entry) {
  if (entry.size() > kMaxEntryBytes) {
    return invalid(fmt::format("an entry of {} bytes is longer than {}, the most that a log holds",
                               entry.size(), kMaxEntryBytes));
  }
  bundle += static_cast<char>(entry.size() >> 8);
  bundle += static_cast<char>(entry.size() & 0xFF);
  bundle += entry;
  return {};
}

Result<std::vector<std::string_view>> read_entry_bundle(std::string_view bytes,
                                                        std::uint32_t width) {
  std::vector<std::string_view> entries;
  while (entries.size() < width && bytes.size() >= kLengthBytes) {
    const auto high = static_cast<unsigned char>(bytes[0]);
    const auto low = static_cast<unsigned char>(bytes[1]);
    const std::size_t length = (std::size_t{high} << 8) | low;
    if (bytes.size() - kLengthBytes < length) break;
    entries.push_back(bytes.substr(kLengthBytes, length));
    bytes.remove_prefix(kLengthBytes + length);
  }
  if (entries.size() == width && bytes.empty()) return entries;
  return fail(
      ErrorCode::kDataLoss,
      entries.size() < width
          ? fmt::format("entry {} of {} in the bundle is cut off", entries.size(), width)
          : fmt::format("{} bytes follow the {} entries of the bundle", bytes.size(), width));
}

}  // namespace wardlock::merkle
