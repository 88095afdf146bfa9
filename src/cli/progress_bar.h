#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace wardlock::cli {

/// How far long work is, on standard error where that is a terminal; otherwise it says nothing.
/// Goes away when it ends. Not thread-safe.
class ProgressBar {
 public:
  /// `what` is being done, e.g. `verifying`.
  explicit ProgressBar(std::string what);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// So much is done of so much. Cheap: shows it a few times a second.
  void show(std::uint64_t done, std::uint64_t all);

 private:
  std::string what_;
  bool is_shown_;
  bool has_line_ = false;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace wardlock::cli
