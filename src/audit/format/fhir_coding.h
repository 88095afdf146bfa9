#pragma once

#include <string_view>

#include "audit/format/dicom_code.h"
#include "audit/format/verb.h"

namespace wardlock::audit {

/// A Coding of FHIR: a code, the system that it is of, and what it means.
struct FhirCoding {
  std::string_view system = {};
  std::string_view code = {};
  std::string_view display = {};
};

/// DICOM's codes as FHIR names their system.
FhirCoding fhir_coding(const DicomCode& code);

/// How BALP codes an interaction: its subtype, and what client, server and user are in it.
struct BalpPattern {
  std::string_view profile;  ///< the end of its name: `Read`, with a patient `PatientRead`
  FhirCoding subtype;
  FhirCoding client;
  FhirCoding server;
  FhirCoding user;
};

/// BALP 1.1.4 of what the verb does; null for what is executed.
const BalpPattern* balp_pattern_of(Verb verb);
const BalpPattern& balp_query_pattern();

/// The code of HL7 v3 ActReason for a purpose of use that an application gave; an empty code where
/// it is none that we know.
FhirCoding purpose_coding(std::string_view purpose);

namespace fhir {
inline constexpr FhirCoding kRest{"http://terminology.hl7.org/CodeSystem/audit-event-type", "rest",
                                  "RESTful Operation"};
inline constexpr FhirCoding kRecipient{"http://terminology.hl7.org/CodeSystem/v3-ParticipationType",
                                       "IRCP", "information recipient"};
inline constexpr FhirCoding kAuthor{"http://terminology.hl7.org/CodeSystem/v3-ParticipationType",
                                    "AUT", "author (originator)"};
inline constexpr FhirCoding kAuthorizationServer{
    "http://terminology.hl7.org/CodeSystem/extra-security-role-type", "authserver",
    "authorization server"};
inline constexpr FhirCoding kSecurityServer{
    "http://terminology.hl7.org/CodeSystem/security-source-type", "6", "Security Server"};
inline constexpr FhirCoding kPerson{"http://terminology.hl7.org/CodeSystem/audit-entity-type", "1",
                                    "Person"};
inline constexpr FhirCoding kSystemObject{"http://terminology.hl7.org/CodeSystem/audit-entity-type",
                                          "2", "System Object"};
inline constexpr FhirCoding kOther{"http://terminology.hl7.org/CodeSystem/audit-entity-type", "4",
                                   "Other"};
inline constexpr FhirCoding kDevice{"http://hl7.org/fhir/resource-types", "Device", "Device"};
inline constexpr FhirCoding kPatientRole{"http://terminology.hl7.org/CodeSystem/object-role", "1",
                                         "Patient"};
inline constexpr FhirCoding kDomainResource{"http://terminology.hl7.org/CodeSystem/object-role",
                                            "4", "Domain Resource"};
inline constexpr FhirCoding kUserRole{"http://terminology.hl7.org/CodeSystem/object-role", "6",
                                      "User"};
inline constexpr FhirCoding kSecurityResource{"http://terminology.hl7.org/CodeSystem/object-role",
                                              "13", "Security Resource"};
inline constexpr FhirCoding kQueryRole{"http://terminology.hl7.org/CodeSystem/object-role", "24",
                                       "Query"};
}  // namespace fhir

}  // namespace wardlock::audit
