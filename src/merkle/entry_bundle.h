#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace wardlock::merkle {

/// An entry of a bundle is at most so long: its length is written in two bytes.
inline constexpr std::size_t kMaxEntryBytes = 0xFFFF;

/// Appends an entry to a bundle's bytes: its length as big-endian uint16, then itself (C2SP
/// tlog-tiles, log entries). Errors: invalid_argument above `kMaxEntryBytes`.
Result<void> append_entry(std::string& bundle, std::string_view entry);

/// The entries of a bundle of `width`, as views into `bytes`. Errors: data_loss where there are
/// fewer or more, or an entry is cut off; what comes after a partial bundle's last entry is an
/// error too.
Result<std::vector<std::string_view>> read_entry_bundle(std::string_view bytes,
                                                        std::uint32_t width);

}  // namespace wardlock::merkle
