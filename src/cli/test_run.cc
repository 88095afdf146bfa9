#include "cli/test_run.h"

#include <algorithm>
#include <utility>

#include "cli/suite_files.h"

namespace wardlock::cli {
std::optional<Findings> fault_in_entities(const suite::SuiteFile& file, const Error& error) {
  if (!file.suite.entities || !error.message.starts_with(file.name)) return std::nullopt;
  const std::string message = error.message.substr(file.name.size());
  return Findings{
      file.name,
      file.text,
      {{Severity::kError, message.substr(std::min(message.find_first_not_of(": "), message.size())),
        file.suite.entities->span, ""}}};
}

Result<void> TestRun::run(const suite::SuiteFile& file) {
  const auto snapshot = TRY(snapshot_for(file));
  Diagnostics unknown = suite::check_names(file.suite, *snapshot);
  if (!unknown.empty()) {
    add_findings(file.name, file.text, std::move(unknown), findings_);
    return {};
  }
  suite::SuiteResult result{.file = &file, .results = {}};
  for (const suite::Test& test : file.suite.tests) {
    if (filter_ && !filter_->is_in(file.suite.name_of(test))) continue;
    result.results.push_back(suite::run_test(test, *snapshot));
    cover(*snapshot, result.results.back());
  }
  if (!result.results.empty()) results_.push_back(std::move(result));
  return {};
}

void TestRun::excuse(const suite::SuiteFile& file) {
  if (!coverage_) return;
  Diagnostics wrong = coverage_->excuse(file.suite);
  if (!wrong.empty()) add_findings(file.name, file.text, std::move(wrong), findings_);
}

Result<std::shared_ptr<const pdp::Snapshot>> TestRun::snapshot_for(const suite::SuiteFile& file) {
  const auto& own = file.suite.entities;
  if (!shared_ && (!own || own->are_added)) {
    shared_ = TRY(pdp::build_snapshot(folder_, options_.mode));
  }
  if (!own) return shared_;
  return pdp::build_snapshot(suite::sources_for(file, folder_), options_.mode);
}

void TestRun::cover(const pdp::Snapshot& snapshot, const suite::TestResult& result) {
  if (!options_.wants_coverage) return;
  if (!coverage_) coverage_.emplace(snapshot, folder_);
  if (result.answer && *result.answer) coverage_->add(snapshot, *result.test, **result.answer);
}

}  // namespace wardlock::cli
