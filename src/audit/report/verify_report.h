#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/report/heading.h"
#include "base/error.h"
#include "merkle/hash.h"
#include "merkle/note_key.h"

namespace wardlock::audit {

/// What came of verifying a report.
struct ReportVerification {
  Heading heading;
  std::string origin;               ///< of the log
  merkle::TreeHead head;            ///< that the log has signed; all proofs lead to it
  std::uint64_t events = 0;         ///< that were looked at
  std::uint64_t unopened = 0;       ///< proven, with a part of which nothing is shown
  std::vector<std::string> faults;  ///< what is wrong, and where; no more than a few

  bool is_proven() const { return faults.empty(); }
};

/// The form of a report that may be verified, told by how it begins.
enum class ReportForm : std::uint8_t { kJson, kPage, kTable };
ReportForm form_of(std::string_view text);

/// Checks a report with nothing but the log's public key, and a witness's where the checkpoint must
/// be cosigned: that each record is in the log's tree,
/// that what is shown is what the records say and belongs to the report, that events are in order
/// and counted; and of a page or a table that it is what the data give. `data`: those of a table,
/// from beside it; a document or page has its own. Any text may be hostile.
///
/// Not proven is that nothing was left out, nor who made it, nor what is said not to be readable.
///
/// Errors: invalid_argument, it is no report.
Result<ReportVerification> verify_report(std::string_view text, std::string_view data,
                                         const merkle::VerifierKey& key,
                                         const std::optional<merkle::VerifierKey>& witness = {});

}  // namespace wardlock::audit
