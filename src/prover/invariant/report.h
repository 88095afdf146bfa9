#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "prover/invariant/check.h"

namespace wardlock::prover {

/// A file of sentences, its text, and what became of each. Borrows the sentences.
struct InvariantFile {
  std::string name;
  std::string text;
  std::vector<CheckResult> results = {};
};

/// How many there are of each standing.
struct StandingCount {
  std::size_t holding = 0;
  std::size_t failing = 0;
  std::size_t undecided = 0;

  std::size_t total() const { return holding + failing + undecided; }
};
StandingCount count_standings(std::span<const InvariantFile> files);

/// For people: those that do not hold, with counterexample or reason (`is_verbose`: those that do,
/// too), and how many there are of each. `given`: how many entities were taken as they are.
std::string text_report(std::span<const InvariantFile> files, std::size_t given, bool is_verbose);

boost::json::object json_report(std::span<const InvariantFile> files, std::size_t given);

/// JUnit's XML: an invariant is a test; one that is undecided has failed.
std::string junit_report(std::span<const InvariantFile> files);

}  // namespace wardlock::prover
