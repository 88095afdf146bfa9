#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "audit/report/saved_report.h"
#include "base/error.h"
#include "event/event.h"

namespace wardlock::audit {

/// Which report, and of what.
struct ReportRequest {
  const SavedReport* report = nullptr;    ///< never null
  std::string tenant = {};                ///< empty: events that are no tenant's
  std::string patient = {};               ///< empty: any
  std::string device = {};                ///< empty: any
  std::optional<std::int64_t> from = {};  ///< milliseconds since the epoch, inclusive
  std::optional<std::int64_t> to = {};    ///< exclusive
  bool is_masked = false;                 ///< shows that there is what is sealed, not what it is

  bool operator==(const ReportRequest&) const = default;
};

/// Error: invalid_argument, it does not name what its report needs, or its period is none.
Result<void> check_request(const ReportRequest& request);

/// As far as it can be told without opening what is sealed: whether the event is of the report.
bool may_belong(const ReportRequest& request, const event::Event& event);

/// Whether the event, as far as it was opened, is of the report.
bool belongs(const ReportRequest& request, const event::Event& event);

}  // namespace wardlock::audit
