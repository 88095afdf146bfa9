#include "access/consent/provision_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/identifier.h"
#include "base/utf8.h"
#include "directory/model/fhir_time.h"
#include "pdp/consent_codes.h"

namespace wardlock::access {
namespace {

using directory::Kind;
using directory::OpenProvision;

constexpr int kMostDepth = 8;
constexpr std::string_view kActReason = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
constexpr std::string_view kActCode = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
constexpr std::string_view kConfidentiality =
    "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";
constexpr std::string_view kParticipation =
    "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
constexpr std::string_view kConsentAction = "http://terminology.hl7.org/CodeSystem/consentaction";
constexpr std::string_view kOwnAction = "urn:wardlock:action";
constexpr std::string_view kResourceTypes = "http://hl7.org/fhir/resource-types";

constexpr auto kConsentActions =
    std::to_array<std::string_view>({"access", "collect", "correct", "disclose", "use"});
/// Those that get something. Of others it would be unclear what they are refused.
constexpr auto kRecipients = std::to_array<std::string_view>({"IRCP", "PRCP"});
/// Those that a patient's data is in.
constexpr auto kResources = std::to_array<std::string_view>({"AllergyIntolerance",
                                                             "CarePlan",
                                                             "ClinicalImpression",
                                                             "Communication",
                                                             "Composition",
                                                             "Condition",
                                                             "DetectedIssue",
                                                             "Device",
                                                             "DeviceMetric",
                                                             "DeviceRequest",
                                                             "DeviceUseStatement",
                                                             "DiagnosticReport",
                                                             "DocumentReference",
                                                             "Encounter",
                                                             "EpisodeOfCare",
                                                             "FamilyMemberHistory",
                                                             "Flag",
                                                             "Goal",
                                                             "ImagingStudy",
                                                             "Immunization",
                                                             "List",
                                                             "Media",
                                                             "MedicationAdministration",
                                                             "MedicationDispense",
                                                             "MedicationRequest",
                                                             "MedicationStatement",
                                                             "NutritionOrder",
                                                             "Observation",
                                                             "Patient",
                                                             "Procedure",
                                                             "QuestionnaireResponse",
                                                             "RiskAssessment",
                                                             "ServiceRequest",
                                                             "Specimen"});

/// What FHIR calls them.
constexpr auto kReferences =
    std::to_array<std::pair<std::string_view, Kind>>({{"Patient", Kind::kPatient},
                                                      {"Practitioner", Kind::kPerson},
                                                      {"RelatedPerson", Kind::kPerson},
                                                      {"PractitionerRole", Kind::kRole},
                                                      {"Organization", Kind::kOrganisation},
                                                      {"Device", Kind::kDevice},
                                                      {"Group", Kind::kGroup}});

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& all, std::string_view code) {
  return std::ranges::find(all, code) != all.end();
}

bool is_label(const FhirCode& code) {
  if (code.system == kConfidentiality) return pdp::confidentiality_level(code.code).has_value();
  return code.system == kActCode && pdp::is_sensitivity(code.code);
}

bool is_purpose(const FhirCode& code) {
  return code.system == kActReason && pdp::is_purpose(code.code);
}

bool is_action(const FhirCode& code) {
  if (code.system == kOwnAction) return !find_identifier_fault(code.code);
  return code.system == kConsentAction && is_one_of(kConsentActions, code.code);
}

bool is_class(const FhirCode& code) {
  return code.system == kResourceTypes && is_one_of(kResources, code.code);
}

/// Nothing: the list is not there.
Result<std::optional<std::vector<std::string>>> codes_in(
    const FhirElement& list, Result<FhirCode> (*read)(const FhirElement&),
    bool (*is_known)(const FhirCode&)) {
  if (!list.is_there()) return std::nullopt;
  std::vector<std::string> codes;
  for (const FhirElement& each : TRY(list.members())) {
    FhirCode code = TRY(read(each));
    if (!is_known(code)) {
      return each.fault(fmt::format("is a code that is not known here: `{}` of `{}`",
                                    printable(code.code), printable(code.system)));
    }
    codes.push_back(std::move(code.code));
  }
  return codes;
}

Result<void> read_period(const FhirElement& period, OpenProvision& provision) {
  if (!period.is_there()) return {};
  TRY_VOID(period.check_members({"id", "start", "end"}));
  for (const std::string_view name : {"start", "end"}) {
    const FhirElement element = period[name];
    if (!element.is_there()) continue;
    const auto time = directory::parse_fhir_time(TRY(element.text()));
    if (!time)
      return element.fault("must be a time such as `2026-11-23` or `2026-11-23T08:00:00Z`");
    (name == "start" ? provision.begins_ms : provision.ends_ms) =
        name == "start" ? time->first : time->end;
  }
  if (provision.begins_ms && provision.ends_ms && *provision.ends_ms <= *provision.begins_ms) {
    return period.fault("ends before it begins");
  }
  return {};
}

/// `permit` or `deny`; nothing: it does not say.
Result<std::optional<bool>> type_in(const FhirElement& type) {
  if (!type.is_there()) return std::nullopt;
  const std::string code = TRY(type.text());
  if (code != "permit" && code != "deny") return type.fault("must be `permit` or `deny`");
  return code == "permit";
}

}  // namespace

Result<ConsentReference> reference_in(const FhirElement& element) {
  TRY_VOID(element.check_members({"id", "reference", "type", "identifier", "display"}));
  std::string type;
  std::string name;
  if (element["reference"].is_there()) {
    const std::string text = TRY(element["reference"].text());
    const std::size_t slash = std::min(text.find('/'), text.size());
    type.assign(text, 0, slash);
    if (slash < text.size()) name.assign(text, slash + 1);
  } else {
    type = TRY(element["type"].text());
    const FhirElement identifier = element["identifier"];
    TRY_VOID(identifier.check_members({"id", "use", "type", "system", "value", "period"}));
    name = TRY(identifier["value"].text());
  }
  if (type == "CareTeam" && name == "own") {
    return ConsentReference{.element = element.path(),
                            .name = std::string(directory::kOwnCareTeam)};
  }
  const auto* const found =
      std::ranges::find(kReferences, type, &std::pair<std::string_view, Kind>::first);
  if (found == kReferences.end() || name.empty() || name.contains('/') ||
      find_identifier_fault(name)) {
    return element.fault(
        "must be a reference such as `Practitioner/NAME`: to a Patient, Practitioner, "
        "RelatedPerson, PractitionerRole, Organization, Device or Group of the directory, or to "
        "`CareTeam/own`");
  }
  return ConsentReference{
      .element = element.path(), .kind = found->second, .name = std::move(name)};
}

Result<void> ProvisionReader::read(const FhirElement& root, std::optional<bool> permits) {
  if (!root.is_there()) {
    if (!permits) return root.fault("is missing, and no `policyRule` says whether it is OPTIN");
    provisions.push_back({.place = "1", .permits = *permits});
    return {};
  }
  if (!root.value().is_object()) return root.fault("must be an object");
  const auto type = TRY(type_in(root["type"]));
  if (!type && !permits) {
    return root["type"].fault("is missing, and no `policyRule` says whether it is OPTIN");
  }
  if (type && permits && *type != *permits) return root["type"].fault("contradicts `policyRule`");
  return read_one(root, "1", type.value_or(permits.value_or(false)), 0);
}

Result<void> ProvisionReader::read_one(const FhirElement& element, const std::string& place,
                                       bool permits, int depth) {
  TRY_VOID(element.check_members({"id", "type", "period", "actor", "action", "securityLabel",
                                  "purpose", "class", "provision"}));
  if (depth == kMostDepth || provisions.size() == kMostProvisions) {
    return element.fault("is one provision too many");
  }
  OpenProvision provision{.place = place, .permits = permits};
  TRY_VOID(read_period(element["period"], provision));
  provision.purposes = TRY(codes_in(element["purpose"], &coding_in, &is_purpose));
  provision.actions = TRY(codes_in(element["action"], &concept_in, &is_action));
  provision.labels = TRY(codes_in(element["securityLabel"], &coding_in, &is_label));
  provision.classes = TRY(codes_in(element["class"], &coding_in, &is_class));
  TRY_VOID(read_actors(element["actor"], provision));
  provisions.push_back(std::move(provision));
  return read_exceptions(element, place, permits, depth);
}

Result<void> ProvisionReader::read_exceptions(const FhirElement& element, const std::string& place,
                                              bool permits, int depth) {
  int number = 0;
  for (const FhirElement& each : TRY(element["provision"].members())) {
    if (!each.value().is_object()) return each.fault("must be an object");
    const auto type = TRY(type_in(each["type"]));
    if (!type || *type == permits) {
      return each["type"].fault(permits ? "must be `deny`: it is an exception to a permit"
                                        : "must be `permit`: it is an exception to a deny");
    }
    TRY_VOID(read_one(each, fmt::format("{}.{}", place, ++number), *type, depth + 1));
  }
  return {};
}

Result<void> ProvisionReader::read_actors(const FhirElement& element, OpenProvision& provision) {
  if (!element.is_there()) return {};
  provision.actors.emplace();
  for (const FhirElement& each : TRY(element.members())) {
    TRY_VOID(each.check_members({"id", "role", "reference"}));
    const FhirCode role = TRY(concept_in(each["role"]));
    if (role.system != kParticipation || !is_one_of(kRecipients, role.code)) {
      return each["role"].fault("must be `IRCP` or `PRCP` of v3-ParticipationType: who gets it");
    }
    if (!each["reference"].is_there()) return each["reference"].fault("is missing");
    ConsentReference actor = TRY(reference_in(each["reference"]));
    provision.actors->push_back(actor.name);
    actors.push_back(std::move(actor));
  }
  return {};
}

}  // namespace wardlock::access
