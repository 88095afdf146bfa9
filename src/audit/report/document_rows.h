#pragma once

#include "audit/report/document.h"
#include "audit/report/rows.h"
#include "base/error.h"
#include "merkle/hash.h"

namespace wardlock::audit {

/// The events of a document, each believed only after it was checked against its record. Borrows
/// the document. Error: data_loss, what is shown is not what the record says.
class DocumentRows final : public Rows {
 public:
  explicit DocumentRows(const Document& document) : document_(document) {}

  Result<void> each(const std::function<Result<void>(const Row&)>& take) override;
  Result<void> each_proven(const std::function<Result<void>(const ProvenRow&)>& take) override;

  /// The event as it is shown, if its record says just that. Valid until the next call.
  Result<event::Event> shown(const DocumentEvent& event);

 private:
  const Document& document_;
  Arena arena_;
};

/// Whether the record is in that tree, and the event of the report. Errors: data_loss.
Result<void> check_place(const DocumentEvent& event, const merkle::TreeHead& head);

}  // namespace wardlock::audit
