#include "access/consent/consent_document.h"

#include <algorithm>
#include <array>
#include <utility>

#include "access/consent/fhir_element.h"
#include "access/consent/provision_reader.h"
#include "directory/model/fhir_time.h"

namespace wardlock::access {
namespace {

using boost::json::object;
using directory::Kind;

constexpr std::string_view kScope = "http://terminology.hl7.org/CodeSystem/consentscope";
constexpr std::string_view kActCode = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
constexpr auto kStatuses = std::to_array<std::string_view>(
    {"draft", "proposed", "active", "rejected", "inactive", "entered-in-error"});

Result<void> check_scope(const FhirElement& scope) {
  if (!scope.is_there()) return scope.fault("is missing");
  const FhirCode code = TRY(concept_in(scope));
  const bool is_known =
      code.system == kScope && (code.code == "patient-privacy" || code.code == "research");
  if (!is_known) return scope.fault("must be `patient-privacy` or `research` of consentscope");
  return {};
}

/// What the root does; nothing: there is no `policyRule`.
Result<std::optional<bool>> base_in(const FhirElement& rule) {
  if (!rule.is_there()) return std::nullopt;
  const FhirCode code = TRY(concept_in(rule));
  if (code.system == kActCode && (code.code == "OPTIN" || code.code == "OPTINR")) return true;
  if (code.system == kActCode && (code.code == "OPTOUT" || code.code == "OPTOUTE")) return false;
  return rule.fault("must be OPTIN, OPTINR, OPTOUT or OPTOUTE of v3-ActCode");
}

/// FHIR's constraint ppc-1, and what consents are about: a patient.
Result<void> check_whole(const FhirElement& consent) {
  if (!consent["policy"].is_there() && !consent["policyRule"].is_there()) {
    return consent["policyRule"].fault("is missing: FHIR asks for a `policy` or a `policyRule`");
  }
  if (TRY(consent["category"].members()).empty()) return consent["category"].fault("is missing");
  if (!consent["patient"].is_there()) return consent["patient"].fault("is missing");
  const FhirElement time = consent["dateTime"];
  if (time.is_there() && !directory::parse_fhir_time(TRY(time.text()))) {
    return time.fault("must be a time such as `2026-11-23`");
  }
  return check_scope(consent["scope"]);
}

/// Without what is not the sender's to say.
object own_part(const object& given) {
  object document = given;
  document.erase("id");
  if (auto* const meta = document.if_contains("meta"); meta != nullptr && meta->is_object()) {
    for (const std::string_view ours : {"versionId", "lastUpdated", "source"}) {
      meta->get_object().erase(ours);
    }
    if (meta->get_object().empty()) document.erase("meta");
  }
  return document;
}

std::string_view fhir_type(Kind kind) {
  switch (kind) {
    case Kind::kPatient: return "Patient";
    case Kind::kRole: return "PractitionerRole";
    case Kind::kOrganisation: return "Organization";
    case Kind::kDevice: return "Device";
    case Kind::kGroup: return "Group";
    default: return "Practitioner";
  }
}

void refer(codec::Json& reference, Kind kind, std::string_view id) {
  object& out = reference.get_object();
  out["reference"] = std::string(fhir_type(kind)) + "/" + std::string(id);
  out.erase("type");
}

/// Goes through the actors as `ProvisionReader` does: a provision's own, then its exceptions'.
class Referring {
 public:
  Referring(const WrittenConsent& consent, const std::vector<std::string>& ids)
      : consent_(consent), ids_(ids) {}

  void refer_all(object& provision) {
    if (auto* const actors = provision.if_contains("actor")) {
      for (codec::Json& each : actors->get_array()) refer_next(each.get_object()["reference"]);
    }
    if (auto* const exceptions = provision.if_contains("provision")) {
      for (codec::Json& each : exceptions->get_array()) refer_all(each.get_object());
    }
  }

 private:
  void refer_next(codec::Json& reference) {
    const std::size_t at = next_++;
    if (consent_.actors.at(at).name == directory::kOwnCareTeam) return;
    refer(reference, consent_.actors.at(at).kind, ids_.at(at));
  }

  const WrittenConsent& consent_;
  const std::vector<std::string>& ids_;
  std::size_t next_ = 0;
};

}  // namespace

bool is_consent_status(std::string_view code) {
  return std::ranges::find(kStatuses, code) != kStatuses.end();
}

Result<WrittenConsent> read_consent(const codec::Json& json) {
  const FhirElement consent(&json, "Consent");
  TRY_VOID(consent.check_members(
      {"resourceType",    "id",         "meta",       "language",     "text",
       "extension",       "identifier", "status",     "scope",        "category",
       "patient",         "dateTime",   "performer",  "organization", "sourceAttachment",
       "sourceReference", "policy",     "policyRule", "verification", "provision"}));
  if (TRY(consent["resourceType"].text()) != "Consent") {
    return consent["resourceType"].fault("must be `Consent`");
  }
  WrittenConsent out{.document = own_part(json.get_object())};
  if (consent["id"].is_there()) out.id = TRY(consent["id"].text());
  out.status = TRY(consent["status"].text());
  if (!is_consent_status(out.status)) return consent["status"].fault("is no state of a consent");
  TRY_VOID(check_whole(consent));
  out.patient = TRY(reference_in(consent["patient"]));
  if (out.patient.kind != Kind::kPatient || out.patient.name == directory::kOwnCareTeam) {
    return consent["patient"].fault("must be a patient");
  }
  ProvisionReader reader;
  const auto base = TRY(base_in(consent["policyRule"]));
  TRY_VOID(reader.read(consent["provision"], base));
  out.provisions = std::move(reader.provisions);
  out.actors = std::move(reader.actors);
  return out;
}

object with_ids(const WrittenConsent& consent, std::string_view patient,
                const std::vector<std::string>& actors) {
  object document = consent.document;
  refer(document["patient"], Kind::kPatient, patient);
  if (auto* const provision = document.if_contains("provision")) {
    Referring(consent, actors).refer_all(provision->get_object());
  }
  return document;
}

}  // namespace wardlock::access
