#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>

#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/man_page.h"
#include "server/wall_clock.h"

namespace wardlock::cli {
namespace {

/// Today, or the day that a reproducible build names: https://reproducible-builds.org/specs/
std::chrono::year_month_day page_day() {
  std::chrono::milliseconds since_epoch(server::wall_clock_ms());
  if (const char* named = std::getenv("SOURCE_DATE_EPOCH")) {
    std::int64_t seconds = 0;
    const char* end = named + std::strlen(named);
    constexpr std::int64_t kYear9999 = 253'402'300'799;
    const auto read = std::from_chars(named, end, seconds);
    if (read.ec == std::errc() && read.ptr == end && seconds >= 0 && seconds <= kYear9999) {
      since_epoch = std::chrono::seconds(seconds);
    }
  }
  return std::chrono::floor<std::chrono::days>(std::chrono::sys_time(since_epoch));
}

}  // namespace

Exit run(const CompletionOptions& options, const Output& output) {
  const std::string script = completion(options.shell, options.tree);
  output.print(boost::json::object{{"completion", script}}, script);
  return Exit::kOk;
}

Exit run(const ManOptions& options, const Output& output) {
  const std::string page = man_page(options.tree, page_day());
  output.print(boost::json::object{{"man", page}}, page);
  return Exit::kOk;
}

}  // namespace wardlock::cli
