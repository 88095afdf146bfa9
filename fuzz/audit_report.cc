// Reports, which strangers may have made: nothing is proven that no log has signed; what is shown
// is either refused or what the record says, and renders.
#include <string>

#include "audit/report/document_rows.h"
#include "audit/report/page.h"
#include "audit/report/table.h"
#include "audit/report/verify_report.h"
#include "base/check.h"

using namespace wardlock;
using namespace wardlock::audit;

namespace {

const merkle::VerifierKey& some_key() {
  static const merkle::VerifierKey key =
      merkle::VerifierKey::make("log", merkle::SignatureType::kEd25519, {}).value();
  return key;
}

Result<void> ignore(std::string_view) { return {}; }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto result = verify_report(bytes, bytes, some_key()); result) {
    CHECK(!result->is_proven());
  }
  const auto document = read_document(bytes);
  if (!document) return 0;
  DocumentRows rows(*document);
  for (const auto render : {write_page, write_table, write_document}) {
    (void)render(document->heading, rows, ignore);
  }
  return 0;
}
