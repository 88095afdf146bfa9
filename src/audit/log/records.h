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
  /// `room`: so many bytes are left free before them, for what they are written with.
  explicit Records(std::size_t room = 0) : room_(room), bytes_(room, '\0') {}

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
  std::string_view bytes() const { return std::string_view(bytes_).substr(room_, end() - room_); }

  /// The room, and all of them. What is put into the room and after them stays until the next
  /// change.
  std::string& bytes_with_room() { return bytes_; }

  /// The same from such bytes. Errors: data_loss where they are cut off.
  Result<void> assign(std::string_view bytes);

 private:
  std::size_t start_of(std::size_t index) const { return index == 0 ? room_ : ends_[index - 1]; }
  std::size_t end() const { return start_of(size()); }

  std::size_t room_;
  std::string bytes_;
  std::vector<std::uint32_t> ends_;  // of each record, in bytes_
};

}  // namespace wardlock::audit
