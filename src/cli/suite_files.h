#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "cli/output.h"
#include "suite/run.h"

namespace wardlock::cli {

/// The files of tests that were named (files, or folders of `*.test.yaml`), or else those beside
/// the policies and in `tests` below them. Error: there is none, or a folder cannot be read.
Result<std::vector<std::string>> find_suites(const std::string& policies,
                                             std::vector<std::string> places);

/// Adds what is wrong with a suite, as it is shown: the first few mistakes, and how many there are
/// besides. One that is repeated in each row would hide all others, and take long to print.
void add_findings(std::string name, std::string text, Diagnostics mistakes,
                  std::vector<Findings>& findings);

/// Reads the suites. What is wrong with them is in `findings`.
Result<std::vector<suite::SuiteFile>> read_suites(const std::vector<std::string>& paths,
                                                  std::vector<Findings>& findings);

}  // namespace wardlock::cli
