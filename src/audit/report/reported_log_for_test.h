#pragma once

#include <string>
#include <vector>

#include "audit/files/posix_files.h"
#include "audit/inspect/inspected_log_for_test.h"
#include "audit/report/heading.h"
#include "audit/report/log_rows.h"
#include "audit/report/verify_report.h"

namespace wardlock::audit {

/// A log in which all happened that reports speak of: people and their credentials, accesses to
/// two patients, an override with all that belongs to it. And reports of it.
class ReportedLog {
 public:
  ReportedLog();

  /// The heading of a report on it, without its period.
  Heading ask(std::string_view report, std::string patient = "", std::string device = "") const;

  /// The report as the function renders it, or the message of what keeps it from being made.
  std::string make(const Heading& asked,
                   Result<void> (*render)(const Heading&, Rows&, const Write&));
  std::string document(const Heading& asked);
  std::string page(const Heading& asked);

  /// `proven`, or the first fault, or why it is no report.
  std::string verify(std::string_view text, std::string_view data = {});

  InspectedLog log;
  /// The last that was made, with its counts.
  Heading made;

 private:
  PosixFiles files_;
};

/// The events of that log, in order.
std::vector<event::Event> reported_events_for_test();

inline constexpr std::int64_t kReportedFrom = 1'795'330'000'000;

}  // namespace wardlock::audit
