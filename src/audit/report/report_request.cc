#include "audit/report/report_request.h"

#include <fmt/format.h>

#include <algorithm>

namespace wardlock::audit {

Result<void> check_request(const ReportRequest& request) {
  const auto needs = [&](std::string_view what) {
    return invalid(fmt::format("the report `{0}` is about one {1}: name it with `--{1}`",
                               request.report->name, what));
  };
  if (request.report->names == Naming::kPatient && request.patient.empty()) return needs("patient");
  if (request.report->names == Naming::kDevice && request.device.empty()) return needs("device");
  if (request.from && request.to && *request.from >= *request.to) {
    return invalid("the period of the report ends before it begins: see `--from` and `--to`");
  }
  return {};
}

bool may_belong(const ReportRequest& request, const event::Event& event) {
  const auto kinds = request.report->kinds;
  return (kinds.empty() || std::ranges::find(kinds, event.kind) != kinds.end()) &&
         event.tenant == request.tenant &&
         (request.device.empty() || event.device == request.device) &&
         event.time >= request.from.value_or(event.time) &&
         (!request.to || event.time < *request.to);
}

bool belongs(const ReportRequest& request, const event::Event& event) {
  return may_belong(request, event) &&
         (request.patient.empty() || event.patient == request.patient);
}

}  // namespace wardlock::audit
