#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace wardlock::audit {

/// Records one after another as a segment holds them: each its length as big-endian uint16, then
/// itself, so that 256 of them are an entry bundle of C2SP tlog-tiles. Its memory is used again.
class Records {
 public:
  /// At most so long is a record.
  static constexpr std::size_t kMaxRecordBytes = 0xFFFF;

  void clear();

  /// Errors: invalid_argument where the record is too long; then nothing was added.
  Result<void> add(std::string_view record);

  std::size_t size() const { return ends_.size(); }
  bool empty() const { return ends_.empty(); }
  /// Borrows until the next change.
  std::string_view operator[](std::size_t index) const;
  /// All of them with their lengths.
  std::string_view bytes() const { return bytes_; }
  /// Some of them with their lengths. Requires that there are so many.
  std::string_view bytes(std::size_t first, std::size_t count) const;

  /// The same from such bytes. Errors: data_loss where they are cut off.
  Result<void> assign(std::string_view bytes);

 private:
  std::size_t start_of(std::size_t index) const { return index == 0 ? 0 : ends_[index - 1]; }

  std::string bytes_;
  std::vector<std::uint32_t> ends_;  // of each record, in bytes_
};

}  // namespace wardlock::audit
