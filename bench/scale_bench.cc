// How a decision's cost grows with the policies and the entities there are. See README.md.

#include <fmt/format.h>
#include <malloc.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <fstream>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "base/check.h"
#include "bench/bare_reads.h"
#include "bench/engine.h"
#include "bench/scale_world.h"
#include "cedar/parser/parser.h"
#include "codec/json.h"

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_START_INSTRUMENTATION
#define CALLGRIND_STOP_INSTRUMENTATION
#endif

namespace wardlock::bench {
namespace {

using boost::json::object;
using Clock = std::chrono::steady_clock;

struct Options {
  std::size_t small = 0;
  std::size_t large = 0;
  std::size_t requests = 0;
  std::size_t rounds = 7;
};

double nanos_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::nano>(Clock::now() - begin).count();
}

/// Processor time of this thread: what others do on the machine counts only by what it does to the
/// caches.
double processor_nanos() {
  std::timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

std::size_t decide_all(Engine& engine, const std::vector<cedar::Request>& requests) {
  std::size_t allowed = 0;
  for (const cedar::Request& request : requests) allowed += engine.decide(request).allows ? 1 : 0;
  return allowed;
}

/// Nanoseconds a decision, over all requests in turn.
double time_pass(Engine& engine, const std::vector<cedar::Request>& requests) {
  const double begin = processor_nanos();
  volatile std::size_t allowed = decide_all(engine, requests);
  static_cast<void>(allowed);
  return (processor_nanos() - begin) / static_cast<double>(requests.size());
}

double median(std::vector<double> values) {
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
  return values[values.size() / 2];
}

double allow_share(Engine& engine, const std::vector<cedar::Request>& requests) {
  return static_cast<double>(decide_all(engine, requests)) / static_cast<double>(requests.size());
}

/// Decides in both worlds in turns. The ratio is the median of the rounds'.
object compare(const ScaleWorld& small, const ScaleWorld& large, std::size_t rounds) {
  Engine few(small.policies, small.entities);
  Engine many(large.policies, large.entities);
  const double small_share = allow_share(few, small.requests);
  const double large_share = allow_share(many, large.requests);
  std::vector<double> few_ns;
  std::vector<double> many_ns;
  std::vector<double> ratios;
  for (std::size_t i = 0; i < rounds; ++i) {
    few_ns.push_back(time_pass(few, small.requests));
    many_ns.push_back(time_pass(many, large.requests));
    ratios.push_back(many_ns.back() / few_ns.back());
  }
  return {{"small_ns", median(few_ns)},
          {"large_ns", median(many_ns)},
          {"time_ratio", median(ratios)},
          {"small_allow_share", small_share},
          {"large_allow_share", large_share}};
}

/// Nanoseconds a pair, over pairs of entities drawn uniformly: what of a decision is waiting for
/// memory, whoever decides.
double time_bare_reads(const Options& options, double bytes_per_entity) {
  const BareReads reads(options.large, static_cast<std::size_t>(bytes_per_entity));
  const std::vector<std::uint32_t> pairs = draw_pairs(options.requests, options.large, 1);
  std::vector<double> found;
  for (std::size_t i = 0; i < options.rounds; ++i) {
    const double begin = processor_nanos();
    volatile std::uint64_t read = reads.read(pairs);
    static_cast<void>(read);
    found.push_back((processor_nanos() - begin) / static_cast<double>(options.requests));
  }
  return median(std::move(found));
}

/// That as many policies fit each request as the world promises.
void check_matching(const ScaleWorld& world) {
  const Engine engine(world.policies, world.entities);
  for (const cedar::Request& request : world.requests) CHECK(engine.matching(request) == kMatching);
}

object bench_policies(const Options& options) {
  const ScaleWorld small = world_of_policies(options.small, options.requests, 1);
  const ScaleWorld large = world_of_policies(options.large, options.requests, 1);
  check_matching(small);
  check_matching(large);
  return compare(small, large, options.rounds);
}

/// Resident memory of this process in bytes, what was freed given back first.
double resident_bytes() {
  malloc_trim(0);
  std::ifstream file("/proc/self/statm");
  double pages = 0;
  file >> pages >> pages;
  return pages * 4096;
}

object bench_entities(const Options& options) {
  ScaleWorld small = world_of_entities(options.small);
  small.requests = requests_about_entities(options.small, options.requests, 1, *small.arena);
  const double before = resident_bytes();
  const auto begin = Clock::now();
  ScaleWorld large = world_of_entities(options.large);
  const double load_ms = nanos_since(begin) / 1e6;
  const double bytes = resident_bytes() - before;
  large.requests = requests_about_entities(options.large, options.requests, 1, *large.arena);
  object found = compare(small, large, options.rounds);
  found["load_ms"] = load_ms;
  const double bytes_per_entity = bytes / static_cast<double>(large.entities.size());
  found["bytes_per_entity"] = bytes_per_entity;
  found["bare_reads_ns"] = time_bare_reads(options, bytes_per_entity);
  return found;
}

double best_of(int samples, const std::function<void()>& work) {
  double best = std::numeric_limits<double>::infinity();
  for (int i = 0; i < samples; ++i) {
    const auto begin = Clock::now();
    work();
    best = std::min(best, nanos_since(begin) / 1e6);
  }
  return best;
}

/// What it takes to make policies ready, in milliseconds.
object bench_compile(const Options& options) {
  const std::string text = policy_text(options.large);
  const ScaleWorld world = world_of_policies(options.large, 1, 1);
  return {{"policies", world.policies.policies().size()},
          {"parse_ms", best_of(3, [&] { CHECK(cedar::parse_policies(text).has_value()); })},
          {"compile_ms", best_of(3, [&] { Engine(world.policies, world.entities); })}};
}

/// For callgrind with `--instr-atstart=no`: it counts the decisions only.
object count_instructions(const Options& options) {
  const ScaleWorld world = world_of_policies(options.large, options.requests, 1);
  Engine engine(world.policies, world.entities);
  CALLGRIND_START_INSTRUMENTATION;
  const std::size_t allowed = decide_all(engine, world.requests);
  CALLGRIND_STOP_INSTRUMENTATION;
  return {{"decisions", world.requests.size()}, {"allowed", allowed}};
}

void print(const object& found) { fmt::print("{}\n", codec::to_json_text(found)); }

}  // namespace
}  // namespace wardlock::bench

int main(int argc, char** argv) {
  using namespace wardlock::bench;
  CLI::App app{"decisions in a small world and in a large one"};
  app.require_subcommand(1);
  Options options;
  const auto add = [&](const char* name, const char* what, Options defaults,
                       object (*bench)(const Options&)) {
    CLI::App* command = app.add_subcommand(name, what);
    command->preparse_callback([&options, defaults](std::size_t) { options = defaults; });
    command->add_option("--small", options.small);
    command->add_option("--large", options.large);
    command->add_option("--requests", options.requests);
    command->add_option("--rounds", options.rounds);
    command->callback([&options, bench] { print(bench(options)); });
  };
  add("policies", "few policies and many, ten of which fit each request",
      {.small = 100, .large = 100'000, .requests = 10'000}, bench_policies);
  add("entities", "few entities and many, drawn uniformly",
      {.small = 1'000, .large = 1'000'000, .requests = 100'000}, bench_entities);
  add("compile", "how long it takes to make `--large` policies ready", {.large = 10'000},
      bench_compile);
  add("count", "decides over `--large` policies, for callgrind --instr-atstart=no",
      {.large = 100, .requests = 1'000}, count_instructions);
  CLI11_PARSE(app, argc, argv);
}
