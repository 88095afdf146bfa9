#include "audit/format/fhir_coding.h"

#include <algorithm>
#include <array>

namespace wardlock::audit {
namespace {

constexpr std::string_view kDicom = "http://dicom.nema.org/resources/ontology/DCM";
constexpr std::string_view kInteraction = "http://hl7.org/fhir/restful-interaction";
constexpr std::string_view kActReason = "http://terminology.hl7.org/CodeSystem/v3-ActReason";

constexpr FhirCoding of_dicom(const DicomCode& code) { return {kDicom, code.code, code.meaning}; }

constexpr FhirCoding kCustodian{"http://terminology.hl7.org/CodeSystem/provenance-participant-type",
                                "custodian", "Custodian"};

// What flows from whom to whom is as BALP has it, also where one would have thought otherwise.
constexpr auto kPatterns = std::to_array<BalpPattern>({
    {"Create",
     {kInteraction, "create", "create"},
     of_dicom(kSource),
     of_dicom(kDestination),
     fhir::kAuthor},
    {"Read",
     {kInteraction, "read", "read"},
     of_dicom(kDestination),
     of_dicom(kSource),
     fhir::kRecipient},
    {"Update",
     {kInteraction, "update", "update"},
     of_dicom(kSource),
     of_dicom(kDestination),
     fhir::kAuthor},
    {"Delete",
     {kInteraction, "delete", "delete"},
     of_dicom(kApplication),
     kCustodian,
     fhir::kAuthor},
});
constexpr BalpPattern kQueryPattern{"Query",
                                    {kInteraction, "search", "search"},
                                    of_dicom(kSource),
                                    of_dicom(kDestination),
                                    fhir::kRecipient};

constexpr auto kPurposes = std::to_array<FhirCoding>({
    {kActReason, "BTG", "break the glass"},
    {kActReason, "ERTREAT", "Emergency Room Treatment"},
    {kActReason, "ETREAT", "Emergency Treatment"},
    {kActReason, "HMARKT", "healthcare marketing"},
    {kActReason, "HOPERAT", "healthcare operations"},
    {kActReason, "HPAYMT", "healthcare payment"},
    {kActReason, "HRESCH", "healthcare research"},
    {kActReason, "HSYSADMIN", "health system administration"},
    {kActReason, "PATRQT", "patient requested"},
    {kActReason, "PUBHLTH", "public health"},
    {kActReason, "TREAT", "treatment"},
});

}  // namespace

FhirCoding fhir_coding(const DicomCode& code) { return of_dicom(code); }

const BalpPattern* balp_pattern_of(Verb verb) {
  return verb == Verb::kExecute ? nullptr : &kPatterns[static_cast<std::size_t>(verb)];
}

const BalpPattern& balp_query_pattern() { return kQueryPattern; }

FhirCoding purpose_coding(std::string_view purpose) {
  const auto found = std::ranges::find(kPurposes, purpose, &FhirCoding::code);
  return found == kPurposes.end() ? FhirCoding() : *found;
}

}  // namespace wardlock::audit
