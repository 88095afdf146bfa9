#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>

#include "audit/inspect/event_line.h"
#include "audit/inspect/event_reader.h"
#include "audit/inspect/export.h"
#include "base/utf8.h"
#include "cli/audit_commands.h"
#include "cli/audit_inputs.h"

namespace wardlock::cli {
namespace {

struct TailOptions {
  std::string folder;
  std::string keys;
  unsigned count = 10;
  bool follows = false;
};

constexpr auto kPollInterval = std::chrono::milliseconds(200);

/// An event that cannot be read is told of in its place: those after it can.
std::string line_of(audit::EventReader& events, std::uint64_t number, bool is_json) {
  std::string line;
  auto event = events.event(number);
  if (event && is_json) {
    if (auto written = audit::append_ndjson(*event, number, line); !written) {
      event = std::unexpected(written.error());
    }
  } else if (event) {
    line = audit::event_line(*event, number) + "\n";
  }
  if (!event && is_json) {
    line = codec::to_json_text(boost::json::object{{"record", number},
                                                   {"error", printable(event.error().message)}}) +
           "\n";
  } else if (!event) {
    line = fmt::format("#{}: {}\n", number, event.error().message);
  }
  return line;
}

Result<Exit> tail(const TailOptions& options, const Output& output) {
  const auto keys = TRY(open_audit_keys(options.folder, options.keys));
  audit::PosixFiles files;
  audit::EventReader events(files, options.folder, *keys);
  std::uint64_t end = TRY(events.end());
  const std::uint64_t oldest = TRY(events.begin());
  std::uint64_t next = end - std::min<std::uint64_t>(end - std::min(oldest, end), options.count);
  while (true) {
    for (; next < end; ++next) {
      const std::string line = printable(line_of(events, next, output.is_json()));
      if (std::fwrite(line.data(), 1, line.size(), stdout) < line.size()) return Exit::kFailure;
    }
    if (!options.follows) return Exit::kOk;
    if (std::fflush(stdout) != 0) return Exit::kFailure;
    std::this_thread::sleep_for(kPollInterval);
    end = TRY(events.end());
  }
}

}  // namespace

void add_audit_tail(Commands& group) {
  auto [command, options] =
      group.add<TailOptions>("tail", "Show the last events of a log, and those that come",
                             "  wardlock audit tail /var/lib/wardlock/audit\n"
                             "  wardlock audit tail /var/lib/wardlock/audit -f -n 100\n"
                             "With `--json` each event is a document on a line of its own.",
                             tail);
  constexpr unsigned kMost = 1'000'000'000;
  command.option("folder", options.folder, "DIR", "folder of the log", true)
      .flag("-f,--follow", options.follows, "wait for more, until interrupted")
      .number("-n,--lines", options.count, 0, kMost, "so many of the last events (default: 10)")
      .option("--keys", options.keys, "DIR",
              "folder of the log's keys (default: its own `keys`, where it is there)");
}

}  // namespace wardlock::cli
