#include "cli/tune_command.h"

#include <fmt/format.h>

#include <chrono>

#include "authn/password/cost_tuning.h"

namespace wardlock::cli {
namespace {

constexpr unsigned kKib = 1024;

struct TuneOptions {
  unsigned time_ms = 100;
  /// RFC 9106, 4: safe everywhere. What is more takes the caches from decisions made beside it.
  unsigned memory_mib = 64;
};

Result<Exit> tune(const TuneOptions& options, const Output& output) {
  const auto tuned = authn::tune_cost(
      &authn::measure_hash, std::chrono::milliseconds(options.time_ms), options.memory_mib * kKib);
  const double taken_ms = std::chrono::duration<double, std::milli>(tuned.taken).count();
  const unsigned mib = tuned.cost.memory_kib / kKib;
  std::string text = fmt::format(
      "authentication:\n  password:\n    passes: {}\n    memory: {}MiB\n"
      "# one hash takes {:.0f} ms and {} MiB here; each thread of `authentication.hashing` "
      "computes "
      "one at a time",
      tuned.cost.passes, mib, taken_ms, mib);
  if (!tuned.is_within) {
    text += fmt::format("\n# more than {} ms, and the least that is allowed", options.time_ms);
  }
  output.print(boost::json::object{{"passes", tuned.cost.passes},
                                   {"memory", fmt::format("{}MiB", mib)},
                                   {"milliseconds", taken_ms},
                                   {"within", tuned.is_within}},
               text);
  return Exit::kOk;
}

}  // namespace

void add_tune(Commands& group) {
  auto [command, options] = group.add<TuneOptions>(
      "tune-passwords", "Find what a password's hash may cost on this machine",
      "  wardlock config tune-passwords --time 150 --memory 128\n"
      "Run it where the server runs, when nothing else does.",
      tune);
  command
      .number("--time", options.time_ms, 10, 10'000,
              "milliseconds that one hash may take (default: 100)")
      .number("--memory", options.memory_mib, 19, 1024, "MiB that it may take (default: 64)");
}

}  // namespace wardlock::cli
