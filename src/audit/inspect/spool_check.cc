#include "audit/inspect/spool_check.h"

#include <fmt/format.h>

#include <string>

#include "audit/log/segment.h"
#include "crypto/sha256.h"

namespace wardlock::audit {
namespace {

class SpoolCheck {
 public:
  SpoolCheck(SegmentReader& reader, LogIdentity identity, Findings& findings)
      : reader_(reader), identity_(std::move(identity)), findings_(findings) {
    identity_.origin += "/spool";
  }

  std::uint64_t run(bool is_open) {
    if (reader_.header().origin != crypto::sha256(identity_.origin)) {
      fault(0, "is the spool of another log");
    }
    ReadFrame read;
    Result<bool> more = reader_.next(read);
    while (more && *more) {
      take(read);
      more = reader_.next(read);
    }
    if (!is_open) check_end(more);
    return signed_size_;
  }

 private:
  void fault(std::uint64_t byte, std::string what) {
    findings_.add({.file = reader_.path(), .byte = byte, .what = std::move(what)});
  }

  void take(const ReadFrame& read) {
    const std::uint64_t offset = reader_.offset() - read.bytes;
    if (read.frame.kind == FrameKind::kBatch) {
      for (const merkle::Hash& leaf : read.leaves) tree_.append(leaf);
      return;
    }
    const auto head = identity_.open_checkpoint(read.frame.payload);
    if (!head) return fault(offset, head.error().message);
    if (*head != tree_.head()) return fault(offset, "holds other records than those signed for");
    signed_size_ = head->size;
    signed_end_ = reader_.offset();
  }

  /// What follows the last signed batch was not confirmed to anybody, unless the spool goes on.
  void check_end(const Result<bool>& stopped) {
    const auto rest = reader_.first_non_zero(signed_end_);
    if (!rest) return fault(signed_end_, rest.error().message);
    if (!*rest) return;
    ReadFrame read;
    const auto later = reader_.find_frame(reader_.offset() + kFrameAlignment, read);
    const bool goes_on = later && *later;
    findings_.add({.is_fault = goes_on,
                   .file = reader_.path(),
                   .byte = *rest,
                   .what = fmt::format(
                       "{} {}",
                       stopped ? "something follows the end of the spool"
                               : "what is there was changed or cut off",
                       goes_on ? "and the spool goes on behind it" : "as a crash can leave it")});
  }

  SegmentReader& reader_;
  LogIdentity identity_;
  Findings& findings_;
  merkle::CompactRange tree_;
  std::uint64_t signed_size_ = 0;
  std::uint64_t signed_end_ = kSegmentHeaderBytes;
};

}  // namespace

std::uint64_t check_spool(Files& files, const LogPaths& paths, const LogIdentity& identity,
                          bool is_open, Findings& findings) {
  const std::string path = paths.folder() + "/spool/spool";
  auto reader = SegmentReader::open(files, path);
  if (reader) return SpoolCheck(*reader, identity, findings).run(is_open);
  if (reader.error().code != ErrorCode::kNotFound) {
    findings.add({.file = path, .what = reader.error().message});
  }
  return 0;
}

}  // namespace wardlock::audit
