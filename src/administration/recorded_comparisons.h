#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "compare/report/diff_report.h"

namespace wardlock::administration {

/// A draft that is to be compared with what was in force when it was written, over what was decided
/// in a period. Times are milliseconds since the epoch.
struct RecordedWish {
  std::string draft;
  std::string base;     ///< a content, by its name
  std::string content;  ///< the draft's
  std::optional<std::int64_t> from = {};
  std::optional<std::int64_t> until = {};
};

/// How far it is.
enum class ComparisonState : std::uint8_t { kWaiting, kRunning, kDone, kFailed };
/// `waiting`, `running`, `done`, `failed`.
std::string_view to_string(ComparisonState state);

/// A comparison that was begun.
struct RecordedComparison {
  std::string id;
  RecordedWish wish;
  ComparisonState state = ComparisonState::kWaiting;
  std::uint64_t done = 0;                                  ///< records that were looked at
  std::uint64_t all = 0;                                   ///< of so many; 0: not known yet
  std::string fault = {};                                  ///< why it failed
  std::shared_ptr<const compare::DiffReport> report = {};  ///< null until it is done
};

/// Compares drafts of one tenant over the audit log of this process, one after another, aside from
/// whoever asks. Thread-safe.
class RecordedComparisons {
 public:
  virtual ~RecordedComparisons() = default;

  /// Begins one, and returns at once. Errors: kFailedPrecondition, nothing is recorded here;
  /// kResourceExhausted, too many wait; kUnavailable, the server starts or stops.
  virtual Result<RecordedComparison> begin(RecordedWish wish) = 0;
  /// Errors: kNotFound, there is none, or it was given up for later ones; kUnavailable.
  virtual Result<RecordedComparison> find(std::string_view id) = 0;
};

}  // namespace wardlock::administration
