#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit/keys/subject_keys.h"
#include "base/error.h"

namespace wardlock::audit {

/// Makes drafts into records, a batch at a time: the subjects' keys are on disk before a record
/// that needs them is given out. For one thread: the log's.
class RecordSealer {
 public:
  /// The keys outlive it.
  explicit RecordSealer(SubjectKeys& keys) : keys_(keys) {}

  using Add = std::function<Result<void>(std::string_view record)>;

  /// Calls `add` for each draft, in order; the record is borrowed for the call. Errors, after which
  /// the batch counts for nothing: those of `SubjectKeys::find_or_create`, and of `add`. Requires
  /// drafts of `event::write_draft`.
  Result<void> seal(std::span<const std::string_view> drafts, const Add& add);

 private:
  void read(std::span<const std::string_view> drafts);
  Result<void> seal_all(const Add& add);

  SubjectKeys& keys_;
  // Of the batch; its memory is used again.
  std::vector<event::DraftView> views_;
  std::vector<event::Subject> subjects_;
  std::vector<event::SubjectKey> subject_keys_;
  std::vector<event::RecordRandom> random_;
  std::string record_;
};

}  // namespace wardlock::audit
