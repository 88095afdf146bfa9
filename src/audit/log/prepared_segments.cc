#include "audit/log/prepared_segments.h"

#include <algorithm>
#include <utility>

namespace wardlock::audit {
namespace {

constexpr std::uint64_t kStepBytes = 1024UL * 1024;

}  // namespace

PreparedSegments::PreparedSegments(Files& files, LogPaths paths, std::uint64_t segment_bytes,
                                   std::uint32_t wanted)
    : files_(files), paths_(std::move(paths)), segment_bytes_(segment_bytes), wanted_(wanted) {}

Result<void> PreparedSegments::clear() {
  for (const std::string& name : TRY(files_.list(paths_.segments()))) {
    if (!name.starts_with(kPreparedPrefix)) continue;
    TRY_VOID(files_.remove(paths_.segments() + "/" + name));
  }
  return {};
}

Result<bool> PreparedSegments::advance() {
  if (ready_.size() >= wanted_) return false;
  if (auto grown = grow(); !grown) {
    // Whether what was written is on the disk is not known any more. That removing it may fail too
    // is no matter: the next run removes it.
    growing_.file.reset();
    [[maybe_unused]] const auto removed = files_.remove(growing_.path);
    return std::unexpected(std::move(grown).error());
  }
  if (growing_bytes_ == segment_bytes_) ready_.push_back(std::exchange(growing_, {}));
  return ready_.size() < wanted_;
}

Result<void> PreparedSegments::grow() {
  if (growing_.file == nullptr) {
    growing_.path = paths_.prepared(next_number_++);
    growing_.file = TRY(files_.open(growing_.path, OpenMode::kCreate));
    growing_bytes_ = 0;
    TRY_VOID(growing_.file->claim(segment_bytes_));
  }
  // The zeros are written although the file reads as zeros: in space that is only claimed, the
  // first sync of each block would change the filesystem's records too.
  const std::string zeros(std::min(kStepBytes, segment_bytes_ - growing_bytes_), '\0');
  TRY_VOID(growing_.file->write(growing_bytes_, zeros));
  TRY_VOID(growing_.file->sync());
  growing_bytes_ += zeros.size();
  return {};
}

double PreparedSegments::progress() const {
  const double growing = growing_.file == nullptr ? 0 : static_cast<double>(growing_bytes_);
  return (static_cast<double>(ready_.size()) + growing / static_cast<double>(segment_bytes_)) /
         wanted_;
}

Result<PreparedSegment> PreparedSegments::take() {
  while (ready_.empty()) TRY(advance());
  PreparedSegment first = std::move(ready_.front());
  ready_.pop_front();
  return first;
}

}  // namespace wardlock::audit
