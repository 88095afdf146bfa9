#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace wardlock::bench {

/// What one engine needed for each request of a task, and what it decided.
struct Measurement {
  std::string task;
  std::vector<double> micros;
  std::vector<bool> allows;
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

/// Runs the program. Error: it failed, or answered something else than was asked.
Result<std::vector<Measurement>> measure(const Comparator& comparator, const std::string& file);

}  // namespace wardlock::bench
