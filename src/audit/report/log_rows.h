#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "audit/files/files.h"
#include "audit/inspect/event_reader.h"
#include "audit/inspect/evidence.h"
#include "audit/report/heading.h"
#include "audit/report/rows.h"
#include "base/error.h"
#include "event/sealed_record.h"

namespace wardlock::audit {

/// No report has more: who needs more asks for shorter periods.
inline constexpr std::uint64_t kMostReportEvents = 100'000;

/// So much of so much is done.
using Progress = std::function<void(std::uint64_t done, std::uint64_t all)>;

/// The events that a report asks for, out of a log, as far as its checkpoint covers it. The log may
/// be in use. Not thread-safe.
class LogRows final : public Rows {
 public:
  /// `files` and `keys` outlive it. Errors: those of `Prover::open`.
  static Result<std::unique_ptr<LogRows>> open(Files& files, const std::string& folder,
                                               event::KeyLookup& keys);

  /// Finds the events, and fills the heading's `public_key`, `checkpoint`, `counts` and `gaps`; its
  /// request is given. A masked one does not name its patient any more then. Errors: not_found, the
  /// log holds nothing of that tenant, but of others; resource_exhausted, they are more than
  /// `kMostReportEvents`; those of the keys and files.
  Result<void> find(Heading& heading, const Progress& report);

  /// Told of how many of how many events were gone through, each time they are.
  void on_progress(Progress report) { report_ = std::move(report); }

  Result<void> each(const std::function<Result<void>(const Row&)>& take) override;
  Result<void> each_proven(const std::function<Result<void>(const ProvenRow&)>& take) override;

 private:
  class Search;

  LogRows(Files& files, const std::string& folder, event::KeyLookup& keys, Prover prover)
      : keys_(&keys), events_(files, folder, keys), prover_(std::move(prover)) {}

  Result<event::Event> shown(std::string_view record);
  void tell(std::size_t done) const;

  event::KeyLookup* keys_;
  EventReader events_;
  Prover prover_;
  bool is_masked_ = false;
  std::vector<std::uint64_t> found_;
  Progress report_;
  Arena arena_;
};

}  // namespace wardlock::audit
