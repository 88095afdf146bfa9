// Draws decisions and compares what the Evaluator and compiled policies say, for as long as asked.
// See README.md.

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <span>
#include <string_view>
#include <vector>

#include "cedar/ast/policy_text.h"
#include "cedar/authorizer/engines_agree_for_test.h"
#include "cedar/authorizer/random_decision_for_test.h"

namespace wardlock::cedar {
namespace {

struct Options {
  std::uint64_t seconds = 60;
  std::uint64_t seed = 1;
};

std::optional<Options> parse_options(std::span<char*> arguments) {
  Options options;
  for (std::size_t i = 0; i + 1 < arguments.size(); i += 2) {
    const std::string_view name = arguments[i], text = arguments[i + 1];
    std::uint64_t& value = name == "--seconds" ? options.seconds : options.seed;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool is_number = error == std::errc() && end == text.data() + text.size();
    if (!is_number || (name != "--seconds" && name != "--seed")) return std::nullopt;
  }
  if (arguments.size() % 2 != 0) return std::nullopt;
  return options;
}

/// Every round has a generator of its own, so that one can be repeated alone.
std::vector<std::uint8_t> bytes_of_round(std::uint64_t seed, std::uint64_t round) {
  std::mt19937_64 random(seed * 1'000'003 + round);
  std::vector<std::uint8_t> bytes(1000 + random() % 12'000);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

void report(std::uint64_t round, const RandomDecision& decision, std::string_view difference) {
  fmt::print("DIFFERENT in round {}: {}\n", round, difference);
  const Request& request = decision.request();
  fmt::print("{} {} {} {}\n", to_text(*request.principal), to_text(*request.action),
             to_text(*request.resource), to_text(request.context));
  for (const Policy& policy : decision.policies()) {
    fmt::print("// {}\n{}\n", policy.id, to_text(policy).value_or("a tree that no text says"));
  }
}

int run(const Options& options) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::seconds(options.seconds);
  std::uint64_t round = 0;
  for (; Clock::now() < end; ++round) {
    const auto bytes = bytes_of_round(options.seed, round);
    RandomDecision decision(bytes);
    const std::string difference = difference_of_engines(decision);
    if (!difference.empty()) return report(round, decision, difference), 1;
  }
  fmt::print("{} worlds, seed {}: no difference\n", round, options.seed);
  return round > 0 ? 0 : 1;
}

}  // namespace
}  // namespace wardlock::cedar

int main(int argc, char** argv) {
  const auto options =
      wardlock::cedar::parse_options(std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
  if (!options) {
    fmt::print(stderr, "usage: wardlock_compare_engines [--seconds N] [--seed N]\n");
    return 2;
  }
  return wardlock::cedar::run(*options);
}
