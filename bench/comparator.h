#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace wardlock::bench {

/// What one engine needed for each request of a task, and what it decided.
struct Measurement {
  std::string task;
  std::vector<double> micros;  ///< the same request again and again
  std::vector<bool> allows;
  std::optional<double> in_turn_micros = {};  ///< the mean when all requests are asked in turn
  std::optional<double> kilobytes = {};       ///< allocated for policies and entities
};

struct Summary {
  double p50 = 0;
  double p99 = 0;
  double mean = 0;
};
/// Requires a measurement of at least one request.
Summary summarize(const Measurement& measurement);

/// Another engine, as a program that reads the requests from a file.
struct Comparator {
  std::string name;
  std::string what;        ///< for people
  std::string needs;       ///< shell test that says whether it can run
  std::string needs_hint;  ///< what to do where it cannot
  std::string build;       ///< shell command, may be empty
  std::string run;         ///< shell command, to which the file's name is added
};

/// The reference as npm package and as crate.
std::vector<Comparator> comparators();

bool can_run(const Comparator& comparator);

/// Builds the program where it must be. Error: that failed.
Result<void> prepare(const Comparator& comparator);

/// Runs the program over the tasks of a file. Error: it failed.
Result<std::vector<Measurement>> measure(const Comparator& comparator, const std::string& file);

/// Bytes that this process has allocated and not freed.
double allocated_bytes();

}  // namespace wardlock::bench
