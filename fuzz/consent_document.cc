// Consents of FHIR: what is understood is understood again, and says the same, once it has the
// directory's ids.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "access/consent/consent_document.h"
#include "base/check.h"
#include "codec/json.h"

using namespace wardlock;
using namespace wardlock::access;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto json = codec::parse_json(input, {.max_bytes = kMostConsentBytes, .max_depth = 32});
  if (!json) return 0;
  const auto consent = read_consent(*json);
  if (!consent) {
    CHECK(consent.error().code == ErrorCode::kInvalidArgument);
    CHECK(consent.error().message.starts_with("`Consent"));
    return 0;
  }
  CHECK(!consent->provisions.empty() && consent->provisions.size() <= kMostProvisions);
  const std::vector<std::string> ids(consent->actors.size(), "someone");
  const auto again = read_consent(with_ids(*consent, "patient", ids));
  CHECK(again.has_value());
  CHECK(again->provisions.size() == consent->provisions.size());
  for (std::size_t i = 0; i < again->provisions.size(); ++i) {
    const auto& one = consent->provisions[i];
    const auto& other = again->provisions[i];
    CHECK(one.place == other.place && one.permits == other.permits);
    CHECK(one.begins_ms == other.begins_ms && one.ends_ms == other.ends_ms);
    CHECK(one.purposes == other.purposes && one.labels == other.labels);
    CHECK(one.actions == other.actions && one.classes == other.classes);
    CHECK(one.actors.has_value() == other.actors.has_value());
  }
  return 0;
}
