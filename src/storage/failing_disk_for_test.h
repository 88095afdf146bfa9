#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>

namespace wardlock::storage {

/// A disk whose power may fail: while it is there, SQLite's files below a folder are watched, in
/// this process, and what would be left of them can be written elsewhere at any moment. What a
/// killed process leaves is not the same: there the kernel writes later what was not synced.
///
/// One at a time. Databases below the folder are opened after it was made, and closed before it
/// goes. Thread-safe.
class FailingDisk {
 public:
  explicit FailingDisk(std::string folder);
  ~FailingDisk();
  FailingDisk(const FailingDisk&) = delete;
  FailingDisk& operator=(const FailingDisk&) = delete;

  /// Called before each write, truncation, sync and deletion, by the thread that does it.
  void before_each(std::function<void()> call);

  /// Writes into an empty folder what the disk may have if the power fails now: what was synced,
  /// and of what was written since then some, in any order, some of it torn at a sector; files that
  /// were deleted may be there.
  void leave_image(const std::string& folder, std::mt19937_64& random) const;

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace wardlock::storage
