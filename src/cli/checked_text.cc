#include "cli/checked_text.h"

#include <utility>

#include "base/utf8.h"

namespace wardlock::cli {

std::chrono::year this_year() {
  const auto now = std::chrono::system_clock::now();
  return std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(now)).year();
}

boost::json::object refused_json(const std::string& text, const Diagnostics& faults) {
  boost::json::array errors;
  for (const Diagnostic& fault : faults) {
    boost::json::object entry = {{"column", position_at(text, fault.span.begin).column},
                                 {"message", printable(fault.message)}};
    if (!fault.help.empty()) entry["help"] = printable(fault.help);
    errors.push_back(std::move(entry));
  }
  return {{"text", printable(text)}, {"valid", false}, {"errors", errors}};
}

}  // namespace wardlock::cli
