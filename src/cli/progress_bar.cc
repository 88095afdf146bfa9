#include "cli/progress_bar.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace wardlock::cli {
namespace {

using Clock = std::chrono::steady_clock;

/// Work that is done sooner needs no bar.
constexpr auto kPatience = std::chrono::milliseconds(300);
constexpr auto kInterval = std::chrono::milliseconds(100);
constexpr std::uint64_t kWidth = 40;

void write_error(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace

ProgressBar::ProgressBar(std::string what)
    : what_(std::move(what)),
      is_shown_(isatty(STDERR_FILENO) == 1),
      next_(Clock::now() + kPatience) {}

ProgressBar::~ProgressBar() {
  if (has_line_) write_error("\r\033[K");
}

void ProgressBar::show(std::uint64_t done, std::uint64_t all) {
  if (!is_shown_ || all == 0 || Clock::now() < next_) return;
  next_ = Clock::now() + kInterval;
  has_line_ = true;
  const double part = std::min(1.0, static_cast<double>(done) / static_cast<double>(all));
  const auto full = static_cast<std::uint64_t>(part * static_cast<double>(kWidth));
  write_error(fmt::format("\r{} [{:#<{}}{:-<{}}] {:3.0f} %\033[K", what_, "", full, "",
                          kWidth - full, part * 100));
}

}  // namespace wardlock::cli
