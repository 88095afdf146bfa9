#include "cli/audit_report_check.h"

#include <fmt/format.h>

#include "audit/report/verify_report.h"
#include "base/utf8.h"
#include "cli/audit_inputs.h"
#include "server/policy_files.h"

namespace wardlock::cli {
namespace {

codec::Json to_json(const audit::ReportVerification& result) {
  boost::json::array faults;
  for (const std::string& each : result.faults) faults.emplace_back(printable(each));
  const audit::ReportRequest& request = result.heading.request;
  return boost::json::object{{"proven", result.is_proven()},
                             {"report", request.report->name},
                             {"origin", printable(result.origin)},
                             {"records", result.head.size},
                             {"root", merkle::to_base64(result.head.root)},
                             {"events", result.events},
                             {"events_not_shown_whole", result.unopened},
                             {"masked", request.is_masked},
                             {"faults", std::move(faults)}};
}

StyledText to_text(const audit::ReportVerification& result) {
  StyledText text;
  for (const std::string& each : result.faults) {
    text.add("fault:", Style::kRed).add(fmt::format(" {}\n", each));
  }
  if (!result.is_proven()) return text.add("not proven", Style::kRed);
  text.add("proven", Style::kGreen)
      .add(fmt::format(": {}, {} event{} of the log `{}`, which had {} records then\n",
                       result.heading.request.report->title, result.events,
                       result.events == 1 ? "" : "s", result.origin, result.head.size));
  if (result.unopened > 0) {
    text.add(
        fmt::format("of {} not everything is shown: what is said to be masked, erased or "
                    "locked is not proven to be so\n",
                    result.unopened));
  }
  text.add("that nothing was left out is not proven: whoever has the log makes the report again");
  return text;
}

}  // namespace

Result<Exit> verify_report_file(const std::string& path, const merkle::VerifierKey& key,
                                const std::optional<merkle::VerifierKey>& witness,
                                const Output& output) {
  const std::string report = TRY(server::read_source(path)).text;
  std::string data;
  if (audit::form_of(report) == audit::ReportForm::kTable) {
    auto beside = server::read_source(path + std::string(kReportProofsEnding));
    if (!beside) {
      return std::unexpected(beside.error().in(
          fmt::format("`{}` is no report with its proofs in it, nor are they beside it", path)));
    }
    data = std::move(beside->text);
  }
  const auto result = audit::verify_report(report, data, key, witness);
  if (!result) return std::unexpected(result.error().in(fmt::format("`{}`", path)));
  output.print(to_json(*result), to_text(*result));
  return result->is_proven() ? Exit::kOk : Exit::kInvalid;
}

}  // namespace wardlock::cli
