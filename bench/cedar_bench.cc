// Times decisions over the reference's benchmarking corpus, beside the reference itself. See
// README.md.

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
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
  Outcome out;
  out.measurement.task = task.name;
  out.measurement.kilobytes = task.kilobytes;
  for (const cedar::Request& request : task.requests) {
    const Engine::Answer answer = task.engine->decide(request);
    out.measurement.allows.push_back(answer.allows);
    out.errors += answer.errs ? 1 : 0;
    out.measurement.micros.push_back(time_call([&] {
      // The compiler must not see that nobody needs the answer.
      volatile bool allows = task.engine->decide(request).allows;
      static_cast<void>(allows);
    }));
  }
  const double all = time_call([&] {
    for (const cedar::Request& request : task.requests) {
      volatile bool allows = task.engine->decide(request).allows;
      static_cast<void>(allows);
    }
  });
  out.measurement.in_turn_micros = all / static_cast<double>(task.requests.size());
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

/// A task, what we needed for it, and what the comparators did, in their order.
struct Row {
  const CedarTask* task;
  Outcome ours;
  std::vector<Measurement> others;
};

double allow_share(const Measurement& measurement) {
  return static_cast<double>(std::ranges::count(measurement.allows, true)) /
         static_cast<double>(measurement.allows.size());
}

void print_table(const std::vector<Row>& rows, const std::vector<Comparator>& columns) {
  fmt::print("{:26}{:>9}{:>9}{:>7}{:>7}{:>7}{:>9}{:>9}{:>9}{:>9}", "task", "policies", "entities",
             "drawn", "allow", "erring", "p50 us", "p99 us", "mean us", "in turn");
  for (const Comparator& column : columns)
    fmt::print("{:>12}{:>12}", column.name + " p50", "ratio");
  fmt::print("\n");
  for (const Row& row : rows) {
    const Measurement& ours = row.ours.measurement;
    const Summary summary = summarize(ours);
    fmt::print(
        "{:26}{:>9}{:>9}{:>6.1f}%{:>6.1f}%{:>6.1f}%{:>9.3f}{:>9.3f}{:>9.3f}{:>9.3f}",
        row.task->name, row.task->policies->policies().size(), row.task->entities->size(),
        100 * row.task->drawn_allow_share, 100 * allow_share(ours),
        100.0 * static_cast<double>(row.ours.errors) / static_cast<double>(ours.allows.size()),
        summary.p50, summary.p99, summary.mean, *ours.in_turn_micros);
    for (const Measurement& other : row.others) {
      const double p50 = summarize(other).p50;
      fmt::print("{:>12.2f}{:>11.1f}x", p50, p50 / summary.p50);
    }
    fmt::print("\n");
  }
}

/// The geometric mean over the tasks of a comparator's figure by ours.
template <typename Figure>
double geometric_mean(const std::vector<Row>& rows, std::size_t column, Figure figure) {
  double logs = 0;
  for (const Row& row : rows) {
    logs += std::log(figure(row.others[column]) / figure(row.ours.measurement));
  }
  return std::exp(logs / static_cast<double>(rows.size()));
}

object to_json(const Measurement& measurement) {
  const Summary summary = summarize(measurement);
  object out{{"p50_us", summary.p50}, {"p99_us", summary.p99}, {"mean_us", summary.mean}};
  if (measurement.in_turn_micros) out["in_turn_us"] = *measurement.in_turn_micros;
  if (measurement.kilobytes) out["kilobytes"] = *measurement.kilobytes;
  return out;
}

codec::Json results_to_json(const std::vector<Row>& rows, const std::vector<Comparator>& columns,
                            const Options& options) {
  array tasks;
  for (const Row& row : rows) {
    object out{{"task", row.task->name},
               {"policies", row.task->policies->policies().size()},
               {"entities", row.task->entities->size()},
               {"environments", row.task->environments},
               {"environments_without_entities", row.task->empty_environments},
               {"drawn_allow_share", row.task->drawn_allow_share},
               {"allow_share", allow_share(row.ours.measurement)},
               {"erring", row.ours.errors},
               {"wardlock", to_json(row.ours.measurement)}};
    for (std::size_t i = 0; i < columns.size(); ++i) out[columns[i].name] = to_json(row.others[i]);
    tasks.push_back(std::move(out));
  }
  return object{{"requests", options.selection.requests},
                {"seed", options.selection.seed},
                {"tasks", std::move(tasks)}};
}

Result<std::string> write_requests(const CedarTask& task) {
  std::string file =
      (std::filesystem::temp_directory_path() / fmt::format("cedar-bench-{}.json", ::getpid()))
          .string();
  std::ofstream out(file);
  out << codec::to_json_text(object{{"tasks", array{TRY(to_json(task))}}});
  if (!out.flush()) return fail(ErrorCode::kInternal, fmt::format("cannot write `{}`", file));
  return file;
}

/// The comparators that can run and are wanted, built.
std::vector<Comparator> ready_comparators(const Options& options) {
  std::vector<Comparator> ready;
  for (const Comparator& comparator : comparators()) {
    if (std::ranges::count(options.without, comparator.name) > 0) continue;
    if (!can_run(comparator)) {
      fmt::print("{} is left out: {}\n", comparator.name, comparator.needs_hint);
      continue;
    }
    if (const auto built = prepare(comparator); !built) {
      fmt::print("{} is left out: {}\n", comparator.name, built.error().message);
      continue;
    }
    fmt::print("{}: {}\n", comparator.name, comparator.what);
    ready.push_back(comparator);
  }
  return ready;
}

/// Times a task with every engine, one after the other. Error: one decided otherwise than we did.
Result<Row> measure_task(const CedarTask& task, const std::vector<Comparator>& columns) {
  if (task.empty_environments > 0) {
    fmt::print("{}: {} of {} environments have no entities\n", task.name, task.empty_environments,
               task.environments + task.empty_environments);
  }
  Row row{.task = &task, .ours = time_task(task), .others = {}};
  const std::string file = TRY(write_requests(task));
  for (const Comparator& column : columns) {
    const std::vector<Measurement> found = TRY(measure(column, file));
    if (found.size() != 1 || found.front().allows != row.ours.measurement.allows) {
      return fail(ErrorCode::kInternal,
                  fmt::format("{} decides otherwise on {}", column.name, task.name));
    }
    row.others.push_back(found.front());
  }
  std::filesystem::remove(file);
  return row;
}

Result<int> run(const Options& options) {
  std::vector<std::string> left_out;
  const std::vector<CedarTask> tasks = TRY(read_tasks(options.folder, options.selection, left_out));
  if (tasks.empty()) return fail(ErrorCode::kNotFound, "no task with entities and a schema");
  for (const std::string& name : left_out) fmt::print("{}: no entities, left out\n", name);
  const std::vector<Comparator> columns = ready_comparators(options);
  std::vector<Row> rows;
  for (const CedarTask& task : tasks) rows.push_back(TRY(measure_task(task, columns)));
  print_table(rows, columns);
  const auto p50 = [](const Measurement& it) { return summarize(it).p50; };
  const auto mean = [](const Measurement& it) { return summarize(it).mean; };
  for (std::size_t i = 0; i < columns.size(); ++i) {
    fmt::print("{}: {:.1f} times our p50, {:.1f} times our mean (geometric means over the tasks)\n",
               columns[i].name, geometric_mean(rows, i, p50), geometric_mean(rows, i, mean));
  }
  if (!options.json_file.empty()) {
    std::ofstream(options.json_file)
        << codec::to_pretty_json_text(results_to_json(rows, columns, options)) << '\n';
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
