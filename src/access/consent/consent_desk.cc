#include "access/consent/consent_desk.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "access/consent/consent_rows.h"
#include "access/consent/fhir_element.h"
#include "access/delegation/party.h"
#include "base/utf8.h"
#include "codec/json.h"
#include "directory/feed/open_grants.h"
#include "directory/registry/change_rows.h"
#include "directory/registry/read_from.h"
#include "directory/registry/told_event.h"

namespace wardlock::access {
namespace {

using directory::Kind;
using directory::Mandate;
using directory::Thing;
using storage::Work;

constexpr std::size_t kMostConsentsListed = 500;
/// So many are tended at a time, and others who write come in between.
constexpr std::size_t kBatch = 100;

/// The consent, at the expected version.
Result<KeptConsent> consent_of(Work& work, std::string_view tenant, std::string_view id,
                               std::optional<std::int64_t> expected = {}) {
  auto found = TRY(find_consent(work, tenant, id));
  if (!found) {
    return fail(ErrorCode::kNotFound, fmt::format("there is no consent `{}`", printable(id)));
  }
  if (expected && *expected != found->version) {
    return fail(ErrorCode::kAborted,
                fmt::format("the consent is at version {}, and not {}", found->version, *expected));
  }
  return *std::move(found);
}

/// Names that are nobody's are faults of the element.
Result<Thing> named_by(Work& work, std::string_view tenant, const ConsentReference& reference) {
  auto found = find_party(work, tenant, reference.kind, reference.name);
  if (found) return found;
  const ErrorCode code = found.error().code;
  if (code != ErrorCode::kNotFound && code != ErrorCode::kInvalidArgument) return found;
  return FhirElement(nullptr, reference.element)
      .fault(fmt::format("is nobody: {}", found.error().message));
}

/// The document with another status.
Result<std::string> with_status(const std::string& document, std::string_view status) {
  codec::Json json = TRY(codec::parse_json(document));
  if (!json.is_object()) return fail(ErrorCode::kDataLoss, "a consent cannot be read");
  json.get_object()["status"] = status;
  return codec::to_json_text(json);
}

}  // namespace

Result<std::uint64_t> ConsentDesk::tell(Work& work, const Mandate& mandate,
                                        const KeptConsent& consent, directory::What what,
                                        std::string_view action, std::string_view before) {
  const std::string after = fmt::format("{}, version {}", consent.status, consent.version);
  const std::string entry = codec::to_json_text(boost::json::object{
      {"patient", consent.patient}, {"status", consent.status}, {"version", consent.version}});
  const std::string name = consent.id;
  const std::array<std::string_view, 1> ids = {name};
  event::Event event;
  event.kind = event::Kind::kUserChange;
  event.action = action;
  event.changed = "consent";
  event.consents = ids;
  event.value_before = before;
  event.value_after = after;
  directory::name_in(event, Kind::kPatient, consent.patient);
  directory::Journal journal(work, mandate, directory_);
  TRY_VOID(journal.add({what, directory::kOpenConsentEntry, consent.id, entry}, event));
  return journal.revision();
}

Result<void> ConsentDesk::fill(Work& work, const WrittenConsent& written, const Thing& patient,
                               KeptConsent& consent) {
  std::vector<std::string> ids;
  for (const ConsentReference& each : written.actors) {
    if (each.name == directory::kOwnCareTeam) {
      ids.emplace_back();
      continue;
    }
    const Thing actor = TRY(named_by(work, consent.tenant, each));
    ids.push_back(actor.id);
  }
  consent.patient = patient.id;
  consent.status = written.status;
  consent.document = codec::to_json_text(with_ids(written, patient.id, ids));
  if (consent.document.size() > kMostConsentBytes) {
    return invalid(fmt::format("`Consent` has more than {} bytes", kMostConsentBytes));
  }
  return {};
}

Result<ChangedConsent> ConsentDesk::enter(const Mandate& mandate, const WrittenConsent& consent) {
  ChangedConsent entered;
  const auto written = store_.write([&](Work& work) -> Result<void> {
    const std::int64_t now = directory_.clock();
    const Thing patient = TRY(named_by(work, mandate.tenant, consent.patient));
    if (!may_be_party(patient)) {
      return fail(ErrorCode::kFailedPrecondition,
                  fmt::format("the patient is `{}`", patient.state));
    }
    KeptConsent kept{.id = directory::new_id(now, directory_),
                     .tenant = mandate.tenant,
                     .made_by = mandate.actor_id,
                     .made_through = mandate.caller,
                     .made_ms = now};
    TRY_VOID(fill(work, consent, patient, kept));
    if (TRY(count_active_consents(work, mandate.tenant, patient.id)) >= kMostActiveConsents) {
      return fail(
          ErrorCode::kFailedPrecondition,
          fmt::format("{} consents of the patient are active: end some", kMostActiveConsents));
    }
    TRY_VOID(insert_consent(work, kept));
    entered.revision = TRY(tell(work, mandate, kept, directory::What::kCreated, "put_consent", ""));
    entered.consent = std::move(kept);
    return {};
  });
  TRY_VOID(written);
  return entered;
}

Result<ChangedConsent> ConsentDesk::write_next(Work& work, const Mandate& mandate, KeptConsent next,
                                               const KeptConsent& before, std::string_view action) {
  next.version = before.version + 1;
  next.made_by = mandate.actor_id;
  next.made_through = mandate.caller;
  next.made_ms = directory_.clock();
  TRY_VOID(replace_consent(work, next));
  const auto what = next.is_active() ? directory::What::kChanged : directory::What::kEnded;
  const std::uint64_t revision =
      TRY(tell(work, mandate, next, what, action,
               fmt::format("{}, version {}", before.status, before.version)));
  return ChangedConsent{.consent = std::move(next), .revision = revision};
}

Result<ChangedConsent> ConsentDesk::replace(const Mandate& mandate, std::string_view id,
                                            std::optional<std::int64_t> expected,
                                            const WrittenConsent& consent) {
  ChangedConsent changed;
  const auto written = store_.write([&](Work& work) -> Result<void> {
    const KeptConsent before = TRY(consent_of(work, mandate.tenant, id, expected));
    const Thing patient = TRY(named_by(work, mandate.tenant, consent.patient));
    const auto own = TRY(find_party(work, mandate.tenant, before.patient));
    if (!own || own->id != patient.id) {
      return invalid("`Consent.patient` must stay as it is: enter another consent");
    }
    KeptConsent next = before;
    TRY_VOID(fill(work, consent, patient, next));
    const bool is_more = next.is_active() && !before.is_active();
    if (is_more &&
        TRY(count_active_consents(work, mandate.tenant, patient.id)) >= kMostActiveConsents) {
      return fail(ErrorCode::kFailedPrecondition, "too many consents of the patient are active");
    }
    changed = TRY(write_next(work, mandate, std::move(next), before, "put_consent"));
    return {};
  });
  TRY_VOID(written);
  return changed;
}

Result<ChangedConsent> ConsentDesk::withdraw(const Mandate& mandate, std::string_view id,
                                             std::optional<std::int64_t> expected) {
  ChangedConsent changed;
  const auto written = store_.write([&](Work& work) -> Result<void> {
    const KeptConsent before = TRY(consent_of(work, mandate.tenant, id, expected));
    changed = {.consent = before, .revision = TRY(directory::read_revision(work))};
    if (before.status == "inactive" || before.status == "entered-in-error") return {};
    KeptConsent next = before;
    next.status = "inactive";
    next.document = TRY(with_status(before.document, next.status));
    changed = TRY(write_next(work, mandate, std::move(next), before, "end_consent"));
    return {};
  });
  TRY_VOID(written);
  return changed;
}

Result<std::size_t> ConsentDesk::tend(const Mandate& own, const std::function<bool()>& go_on) {
  std::size_t carried = 0;
  std::string after;
  for (;;) {
    if (!go_on()) return fail(ErrorCode::kCancelled, "consents are tended elsewhere");
    const auto due = TRY(directory::read_from<std::vector<KeptConsent>>(
        store_, [&](Work& work) { return find_merged_consents(work, own.tenant, after, kBatch); }));
    if (due.empty()) return carried;
    after = due.back().id;
    std::size_t some = 0;
    const auto written = store_.write([&](Work& work) -> Result<void> {
      some = 0;
      for (const KeptConsent& each : due) {
        const KeptConsent before = TRY(consent_of(work, own.tenant, each.id));
        const auto patient = TRY(find_party(work, own.tenant, before.patient));
        if (!patient || patient->id == before.patient) continue;
        KeptConsent next = before;
        next.patient = patient->id;
        codec::Json document = TRY(codec::parse_json(before.document));
        document.at("patient").get_object()["reference"] = "Patient/" + patient->id;
        next.document = codec::to_json_text(document);
        TRY(write_next(work, own, std::move(next), before, "carry_over"));
        ++some;
      }
      return {};
    });
    TRY_VOID(written);
    carried += some;
  }
}

Result<Thing> ConsentDesk::find_patient(std::string_view tenant, std::string_view name) const {
  return directory::read_from<Thing>(
      store_, [&](Work& work) { return find_party(work, tenant, Kind::kPatient, name); });
}

Result<KeptConsent> ConsentDesk::find(std::string_view tenant, std::string_view id,
                                      std::optional<std::int64_t> version) const {
  return directory::read_from<KeptConsent>(store_, [&](Work& work) -> Result<KeptConsent> {
    if (!version) return consent_of(work, tenant, id);
    auto found = TRY(find_consent_version(work, tenant, id, *version));
    if (found) return *std::move(found);
    return fail(ErrorCode::kNotFound, "there is no such version of a consent");
  });
}

Result<std::vector<KeptConsent>> ConsentDesk::versions(std::string_view tenant,
                                                       std::string_view id) const {
  return directory::read_from<std::vector<KeptConsent>>(store_, [&](Work& work) {
    return find_consent_versions(work, tenant, id, kMostConsentsListed);
  });
}

Result<std::vector<KeptConsent>> ConsentDesk::of(std::string_view tenant, std::string_view patient,
                                                 std::string_view status, std::string_view before,
                                                 std::size_t most) const {
  return directory::read_from<std::vector<KeptConsent>>(store_, [&](Work& work) {
    return find_consents_of(work, tenant, patient, status, before,
                            std::min(most, kMostConsentsListed));
  });
}

}  // namespace wardlock::access
