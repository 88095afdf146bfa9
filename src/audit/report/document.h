#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "audit/report/heading.h"
#include "audit/report/rows.h"
#include "base/error.h"
#include "codec/json.h"

namespace wardlock::audit {

// A report as JSON (docs/formats/audit-report.md): its heading, and each event as it is shown, with
// the record, the record's place in the tree, and the keys of the parts that are shown.

inline constexpr std::int64_t kDocumentVersion = 1;

/// Writes it, an event a line. Errors: aborted, events are not as they were counted, e.g. since a
/// key was erased meanwhile; those of `rows` and `write`.
Result<void> write_document(const Heading& heading, Rows& rows, const Write& write);

/// An event as a document has it: nothing of it is to be believed.
struct DocumentEvent {
  std::uint64_t record = 0;
  boost::json::object shown;
  std::string leaf;
  event::PartKeys keys;
  merkle::Proof inclusion;
};

struct Document {
  Heading heading;
  std::vector<DocumentEvent> events;
};

/// Reads one; any text may be hostile. Errors: invalid_argument, it is no report, and why.
Result<Document> read_document(std::string_view json);

}  // namespace wardlock::audit
