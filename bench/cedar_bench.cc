// Times decisions over the reference's benchmarking corpus, beside the reference itself. See
// README.md.

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bench/cedar_task.h"
#include "bench/comparator.h"
#include "cedar/authorizer/authorizer.h"
#include "codec/json.h"

namespace wardlock::bench {
namespace {

using boost::json::array;
using boost::json::object;
using Clock = std::chrono::steady_clock;

double micros_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
}

/// The best of five samples, each long enough for the clock not to matter.
template <typename Call>
double time_call(const Call& call) {
  constexpr double kSampleMicros = 100;
  std::size_t calls = 1;
  const auto sample = [&] {
    const auto begin = Clock::now();
    for (std::size_t i = 0; i < calls; ++i) call();
    return micros_since(begin);
  };
  while (sample() < kSampleMicros) calls *= 2;
  double best = std::numeric_limits<double>::infinity();
  for (int i = 0; i < 5; ++i) best = std::min(best, sample() / static_cast<double>(calls));
  return best;
}

struct Outcome {
  Measurement measurement;
  std::size_t errors = 0;  ///< requests with a policy that erred
};

Outcome time_task(const CedarTask& task) {
  Outcome out{.measurement = {.task = task.name, .micros = {}, .allows = {}}};
  std::array<std::byte, 4096> scratch;
  for (const cedar::Request& request : task.requests) {
    const auto decide = [&] {
      Arena arena(scratch);
      const cedar::Response response =
          cedar::authorize(task.policies.policies(), request, task.entities, arena);
      return std::pair(response.decision == cedar::Decision::kAllow, !response.errors.empty());
    };
    const auto [allows, errs] = decide();
    out.measurement.allows.push_back(allows);
    out.errors += errs ? 1 : 0;
    out.measurement.micros.push_back(time_call([&] {
      // The compiler must not see that nobody needs the answer.
      volatile bool answer = decide().first;
      static_cast<void>(answer);
    }));
  }
  return out;
}

struct Options {
  std::string folder;
  std::string json_file;
  std::vector<std::string> without;  ///< comparators not to run
  TaskSelection selection;
};

constexpr std::string_view kUsage =
    "usage: wardlock_cedar_bench DIR [--requests N] [--seed N] [--only TASK] [--json FILE]\n"
    "                            [--without wasm|rust]…\n"
    "DIR is an unpacked cedar-benchmarking-corpus.\n";

std::optional<Options> parse_options(std::span<char*> arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string argument = arguments[i];
    if (!argument.starts_with("--")) {
      options.folder = argument;
      continue;
    }
    if (++i == arguments.size()) return std::nullopt;
    const std::string value = arguments[i];
    if (argument == "--requests") {
      options.selection.requests = std::strtoull(value.c_str(), nullptr, 10);
    } else if (argument == "--seed") {
      options.selection.seed = std::strtoull(value.c_str(), nullptr, 10);
    } else if (argument == "--only") {
      options.selection.only = value;
    } else if (argument == "--json") {
      options.json_file = value;
    } else if (argument == "--without") {
      options.without.push_back(value);
    } else {
      return std::nullopt;
    }
  }
  if (options.folder.empty() || options.selection.requests == 0) return std::nullopt;
  return options;
}

/// One engine's measurements, in the order of the tasks; empty where it was not run.
struct Column {
  std::string name;
  std::vector<Measurement> measurements;
};

void print_table(const std::vector<CedarTask>& tasks, const std::vector<Outcome>& outcomes,
                 const std::vector<Column>& columns) {
  fmt::print("{:26}{:>9}{:>9}{:>9}{:>7}{:>7}{:>9}{:>9}{:>9}", "task", "policies", "entities",
             "requests", "allow", "erring", "p50 us", "p99 us", "mean us");
  for (const Column& column : columns) fmt::print("{:>12}{:>12}", column.name + " us", "ratio");
  fmt::print("\n");
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const Measurement& ours = outcomes[i].measurement;
    const Summary summary = summarize(ours);
    const auto share = [&](std::size_t count) {
      return 100.0 * static_cast<double>(count) / static_cast<double>(ours.allows.size());
    };
    fmt::print("{:26}{:>9}{:>9}{:>9}{:>6.1f}%{:>6.1f}%{:>9.3f}{:>9.3f}{:>9.3f}", tasks[i].name,
               tasks[i].policies.policies().size(), tasks[i].entities.size(), ours.allows.size(),
               share(static_cast<std::size_t>(std::ranges::count(ours.allows, true))),
               share(outcomes[i].errors), summary.p50, summary.p99, summary.mean);
    for (const Column& column : columns) {
      const double mean = summarize(column.measurements[i]).mean;
      fmt::print("{:>12.2f}{:>11.1f}x", mean, mean / summary.mean);
    }
    fmt::print("\n");
  }
}

/// The geometric mean of the ratios of the means.
double overall_ratio(const std::vector<Outcome>& outcomes, const Column& column) {
  double logs = 0;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    logs +=
        std::log(summarize(column.measurements[i]).mean / summarize(outcomes[i].measurement).mean);
  }
  return std::exp(logs / static_cast<double>(outcomes.size()));
}

object to_json(const Summary& summary) {
  return {{"p50_us", summary.p50}, {"p99_us", summary.p99}, {"mean_us", summary.mean}};
}

codec::Json results_to_json(const std::vector<CedarTask>& tasks,
                            const std::vector<Outcome>& outcomes,
                            const std::vector<Column>& columns, const Options& options) {
  array rows;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    object row{{"task", tasks[i].name},
               {"policies", tasks[i].policies.policies().size()},
               {"entities", tasks[i].entities.size()},
               {"environments", tasks[i].environments},
               {"environments_without_entities", tasks[i].empty_environments},
               {"allows", std::ranges::count(outcomes[i].measurement.allows, true)},
               {"erring", outcomes[i].errors},
               {"wardlock", to_json(summarize(outcomes[i].measurement))}};
    for (const Column& column : columns) {
      row[column.name] = to_json(summarize(column.measurements[i]));
    }
    rows.push_back(std::move(row));
  }
  return object{{"requests", options.selection.requests},
                {"seed", options.selection.seed},
                {"tasks", std::move(rows)}};
}

/// Whether another engine decided each request as we did. Says where not.
bool same_decisions(const std::vector<Outcome>& outcomes, const Column& column) {
  bool same = column.measurements.size() == outcomes.size();
  for (std::size_t i = 0; same && i < outcomes.size(); ++i) {
    const Measurement& ours = outcomes[i].measurement;
    if (column.measurements[i].task != ours.task || column.measurements[i].allows != ours.allows) {
      fmt::print("DIFFERENT DECISIONS: {} on {}\n", column.name, ours.task);
      same = false;
    }
  }
  return same;
}

Result<std::string> write_requests(const std::vector<CedarTask>& tasks) {
  array list;
  for (const CedarTask& task : tasks) list.push_back(TRY(to_json(task)));
  std::string file =
      (std::filesystem::temp_directory_path() / fmt::format("cedar-bench-{}.json", ::getpid()))
          .string();
  std::ofstream out(file);
  out << codec::to_json_text(object{{"tasks", std::move(list)}});
  if (!out.flush()) return fail(ErrorCode::kInternal, fmt::format("cannot write `{}`", file));
  return file;
}

Result<std::vector<Column>> run_comparators(const std::vector<CedarTask>& tasks,
                                            const Options& options) {
  const std::string file = TRY(write_requests(tasks));
  std::vector<Column> columns;
  for (const Comparator& comparator : comparators()) {
    if (std::ranges::count(options.without, comparator.name) > 0) continue;
    if (!can_run(comparator)) {
      fmt::print("{} is left out: {}\n", comparator.name, comparator.needs_hint);
      continue;
    }
    fmt::print("{}: {}\n", comparator.name, comparator.what);
    columns.push_back({comparator.name, TRY(measure(comparator, file))});
  }
  std::filesystem::remove(file);
  return columns;
}

Result<int> run(const Options& options) {
  std::vector<std::string> left_out;
  const std::vector<CedarTask> tasks = TRY(read_tasks(options.folder, options.selection, left_out));
  if (tasks.empty()) return fail(ErrorCode::kNotFound, "no task with entities and a schema");
  for (const std::string& name : left_out) fmt::print("{}: no entities, left out\n", name);
  std::vector<Outcome> outcomes;
  for (const CedarTask& task : tasks) {
    if (task.empty_environments > 0) {
      fmt::print("{}: {} of {} environments have no entities\n", task.name, task.empty_environments,
                 task.environments + task.empty_environments);
    }
    outcomes.push_back(time_task(task));
  }
  const std::vector<Column> columns = TRY(run_comparators(tasks, options));
  for (const Column& column : columns) {
    if (!same_decisions(outcomes, column)) return 1;
  }
  print_table(tasks, outcomes, columns);
  for (const Column& column : columns) {
    fmt::print("{}: {:.1f} times our mean, geometric mean over the tasks\n", column.name,
               overall_ratio(outcomes, column));
  }
  if (!options.json_file.empty()) {
    std::ofstream(options.json_file)
        << codec::to_pretty_json_text(results_to_json(tasks, outcomes, columns, options)) << '\n';
  }
  return 0;
}

}  // namespace
}  // namespace wardlock::bench

int main(int argc, char** argv) {
  const auto options =
      wardlock::bench::parse_options(std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
  if (!options) {
    fmt::print(stderr, "{}", wardlock::bench::kUsage);
    return 2;
  }
  const auto result = wardlock::bench::run(*options);
  if (!result) fmt::print(stderr, "{}\n", result.error().message);
  return result ? *result : 1;
}
