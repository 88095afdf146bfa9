#include "access/consent/kept_open_consents.h"

#include <cstddef>
#include <string>
#include <utility>

#include "access/consent/consent_document.h"
#include "access/consent/consent_rows.h"
#include "access/delegation/party.h"
#include "codec/json.h"
#include "directory/model/moment.h"

namespace wardlock::access {
namespace {

using directory::OpenGrant;

constexpr std::size_t kBatch = 1000;

/// Of a patient who was merged it is of the one who is left. Nothing: the patient is not there any
/// more.
Result<std::optional<OpenGrant>> seen(storage::Work& work, const KeptConsent& kept) {
  auto patient = TRY(find_party(work, kept.tenant, kept.patient));
  if (!patient) return std::nullopt;
  OpenGrant open{.id = kept.id,
                 .person = {},
                 .target = std::move(patient->id),
                 .actions = {},
                 .reason = {},
                 .expires_ms = directory::kEndOfTime};
  const auto json = codec::parse_json(kept.document);
  auto written = json ? read_consent(*json) : std::unexpected(json.error());
  if (written) {
    // What is over stays over, though the clock is set back.
    open.expires_ms = written->provisions.front().ends_ms.value_or(open.expires_ms);
    open.consent = std::move(written->provisions);
  } else {
    // A version of this program that no more understands it lets nobody do what it may refuse.
    open.consent.emplace({directory::OpenProvision{.place = "1"}});
  }
  return open;
}

}  // namespace

Result<std::vector<OpenGrant>> KeptOpenConsents::read_all(storage::Work& work,
                                                          std::string_view tenant) const {
  std::vector<OpenGrant> all = TRY(rights_.read_all(work, tenant));
  std::string after;
  for (;;) {
    const auto some = TRY(find_active_consents(work, tenant, after, kBatch));
    for (const KeptConsent& each : some) {
      after = each.id;
      auto open = TRY(seen(work, each));
      if (open) all.push_back(*std::move(open));
    }
    if (some.size() < kBatch) return all;
  }
}

Result<std::optional<OpenGrant>> KeptOpenConsents::read(storage::Work& work,
                                                        std::string_view tenant,
                                                        std::string_view id) const {
  auto right = TRY(rights_.read(work, tenant, id));
  if (right) return right;
  const auto kept = TRY(find_consent(work, tenant, id));
  if (!kept || !kept->is_active()) return std::nullopt;
  return seen(work, *kept);
}

}  // namespace wardlock::access
