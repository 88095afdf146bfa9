#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "codec/json.h"
#include "compare/decisions/access_matrix.h"
#include "compare/decisions/decision_table.h"

namespace wardlock::compare {

/// One of the two sets that are compared.
struct ComparedSet {
  std::string name;        ///< where it is from, e.g. its folder
  std::string policy_set;  ///< `sha256:…`
  std::size_t policies = 0;
};

/// A comparison as it is reported.
struct DiffReport {
  std::int64_t made_at = 0;  ///< milliseconds since the epoch
  std::string program = {};  ///< with its version
  ComparedSet before = {};
  ComparedSet after = {};
  std::vector<std::string> questions = {};  ///< where they came from, e.g. `the tests of …`
  std::optional<std::int64_t> from = {};    ///< of recorded decisions; milliseconds
  std::optional<std::int64_t> until = {};
  DecisionTable table = {};
  AccessMatrix matrix = {};
};

/// The report as a document (docs/formats/policy-diff.md).
codec::Json diff_document(const DiffReport& report);

/// The groups of changes as a table (RFC 4180), a line each. What a spreadsheet would take for a
/// formula gets an apostrophe in front.
std::string diff_csv(const DiffReport& report);

/// The report as a page: one file that runs no script, loads nothing, and shows in light and dark.
/// The same report gives the same page.
std::string diff_page(const DiffReport& report);

/// A line of a summary, and how much it matters.
struct SummaryLine {
  enum class Weight : std::uint8_t { kPlain, kFaint, kGood, kBad, kWarning };
  std::string text;
  Weight weight = Weight::kPlain;
};

/// For terminals: what was asked, what changed, the first groups, what was left out.
std::vector<SummaryLine> diff_summary(const DiffReport& report);

/// The group in one sentence, without its full stop: `Role::"Physician" loses view on LabReport`.
std::string sentence_of(const ChangeGroup& group);

/// An answer in short: `allow (permit: a, b)`.
std::string answer_text(const AnswerSide& side);

}  // namespace wardlock::compare
