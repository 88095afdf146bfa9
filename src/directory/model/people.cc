#include "directory/model/relation.h"
#include "directory/model/schema_rows.h"
#include "directory/model/shared_attributes.h"

namespace wardlock::directory {
namespace {

constexpr auto kNameParts = std::to_array<Attribute>({
    {.name = "formatted", .about = "The whole name, as it is shown", .is_searchable = true},
    {.name = "familyName", .about = "The family name", .is_searchable = true},
    {.name = "givenName", .about = "The given name", .is_searchable = true},
    {.name = "middleName", .about = "Names between them"},
    {.name = "honorificPrefix", .about = "A title before the name, e.g. `Dr.`"},
    {.name = "honorificSuffix", .about = "What comes behind the name, e.g. `MD`"},
});
constexpr Attribute kNameOfPerson = {
    .name = "name", .type = Type::kComplex, .about = "The name in its parts", .parts = kNameParts};

constexpr Attribute kIsPrimary = {
    .name = "primary", .type = Type::kBoolean, .about = "The one to use; at most one of a list is"};

constexpr auto kEmailParts = std::to_array<Attribute>({
    {.name = "value",
     .type = Type::kIdentifier,
     .about = "The address",
     .identifier = NaturalIdentifier::kEmail,
     .is_required = true,
     .is_unique = true,
     .is_searchable = true},
    {.name = "type",
     .about = "What it is used for",
     .choices = {"work", "home", "other"},
     .is_searchable = true},
    {.name = "display", .about = "How it is shown"},
    kIsPrimary,
});

constexpr auto kPhoneParts = std::to_array<Attribute>({
    {.name = "value",
     .about = "The number, best as RFC 3966 has it",
     .is_required = true,
     .is_searchable = true},
    {.name = "type",
     .about = "What it is used for",
     .choices = {"work", "home", "mobile", "fax", "pager", "other"}},
    {.name = "display", .about = "How it is shown"},
    kIsPrimary,
});

constexpr auto kAddressParts = std::to_array<Attribute>({
    {.name = "formatted", .about = "The whole address, as it is shown"},
    {.name = "streetAddress", .about = "Street and number"},
    {.name = "locality", .about = "The town"},
    {.name = "region", .about = "The state or region"},
    {.name = "postalCode", .about = "The postal code"},
    {.name = "country", .about = "The country (ISO 3166-1 alpha-2)", .most = 2},
    {.name = "type", .about = "What it is used for", .choices = {"work", "home", "other"}},
    kIsPrimary,
});

constexpr auto kPersonAttributes = std::to_array<Attribute>({
    {.name = "userName",
     .type = Type::kIdentifier,
     .about = "The name to sign in with (RFC 8265, case-mapped)",
     .identifier = NaturalIdentifier::kUserName,
     .is_required = true,
     .is_unique = true,
     .is_searchable = true,
     .cedar = "userName"},
    {.name = "displayName",
     .about = "The name that others see",
     .is_searchable = true,
     .cedar = "name"},
    kNameOfPerson,
    {.name = "nickName", .about = "What the person is called"},
    {.name = "profileUrl", .about = "A page about the person", .most = 1024},
    {.name = "title", .about = "The position, e.g. `Senior physician`", .is_searchable = true},
    {.name = "userType",
     .about = "How the person belongs here, e.g. `Employee`",
     .is_searchable = true,
     .cedar = "userType"},
    {.name = "preferredLanguage", .about = "The language to write in (RFC 5646)", .most = 64},
    {.name = "locale", .about = "How dates and numbers are written (RFC 5646)", .most = 64},
    {.name = "timezone", .about = "The time zone, e.g. `Europe/Vienna`", .most = 64},
    {.name = "emails",
     .type = Type::kComplex,
     .about = "E-mail addresses",
     .parts = kEmailParts,
     .key = "value",
     .is_list = true},
    {.name = "phoneNumbers",
     .type = Type::kComplex,
     .about = "Telephone numbers",
     .parts = kPhoneParts,
     .is_list = true},
    {.name = "addresses",
     .type = Type::kComplex,
     .about = "Postal addresses",
     .parts = kAddressParts,
     .is_list = true},
    kExternalId,
    {.name = "employeeNumber",
     .type = Type::kIdentifier,
     .about = "The number that the employer gave",
     .identifier = NaturalIdentifier::kName,
     .is_unique = true,
     .is_searchable = true,
     .scim = ScimSchema::kEnterprise},
    {.name = "costCenter", .about = "The cost centre", .scim = ScimSchema::kEnterprise},
    {.name = "organization",
     .about = "The organisation's name, as the providing system writes it",
     .is_searchable = true,
     .scim = ScimSchema::kEnterprise},
    {.name = "division", .about = "The division", .scim = ScimSchema::kEnterprise},
    {.name = "department",
     .about = "The department",
     .is_searchable = true,
     .scim = ScimSchema::kEnterprise},
    {.name = "manager",
     .type = Type::kReference,
     .about = "Whom the person reports to",
     .targets = {Kind::kPerson},
     .is_searchable = true,
     .scim = ScimSchema::kEnterprise},
    {.name = "npi",
     .type = Type::kIdentifier,
     .about = "The National Provider Identifier",
     .identifier = NaturalIdentifier::kNpi,
     .is_unique = true,
     .is_searchable = true,
     .scim = ScimSchema::kOwn,
     .cedar = "npi"},
    {.name = "specialties",
     .about = "What the person is qualified for, e.g. `cardiology`",
     .is_list = true,
     .is_searchable = true,
     .scim = ScimSchema::kOwn,
     .cedar = "specialties"},
    {.name = "contractUntil",
     .type = Type::kTime,
     .about = "The contract ends then",
     .is_searchable = true,
     .scim = ScimSchema::kOwn,
     .cedar = "contractUntil"},
    {.name = "rightsReviewedUntil",
     .type = Type::kTime,
     .about = "The person's rights must be reviewed before then",
     .is_searchable = true,
     .scim = ScimSchema::kOwn,
     .cedar = "rightsReviewedUntil"},
    {.name = "isEmergencyAccount",
     .type = Type::kBoolean,
     .about = "Kept for emergencies, and not used otherwise: it is not suspended for that",
     .is_searchable = true,
     .scim = ScimSchema::kOwn},
    [] {
      Attribute id = kEntityId;
      id.scim = ScimSchema::kOwn;
      return id;
    }(),
    [] {
      Attribute facts = kFacts;
      facts.scim = ScimSchema::kOwn;
      return facts;
    }(),
});

constexpr auto kPersonStates = std::to_array<State>({
    {.name = "invited",
     .about = "Known, and has not signed in for the first time",
     .next = {"active", "left"}},
    {.name = "active", .about = "Works here", .next = {"suspended", "left"}, .is_in_force = true},
    {.name = "suspended",
     .about = "Away, or under suspicion; assignments stay, and give nothing",
     .next = {"active", "left"}},
    {.name = "left",
     .about = "Gone; who comes back is invited again, without what was held before",
     .next = {"invited"},
     .ends_relations = true},
});

constexpr auto kConsentParts = std::to_array<Attribute>({
    {.name = "deviceImprovement",
     .type = Type::kBoolean,
     .about = "To the manufacturer, for better devices"},
    {.name = "research", .type = Type::kBoolean, .about = "To research"},
});

constexpr auto kPatientAttributes = std::to_array<Attribute>({
    {.name = kRecordNumber,
     .type = Type::kIdentifier,
     .about = "The medical record number (MRN), or a temporary one",
     .identifier = NaturalIdentifier::kName,
     .is_required = true,
     .is_unique = true,
     .is_searchable = true,
     .cedar = "recordNumber"},
    {.name = "displayName",
     .about = "The name that those who care for the patient see",
     .is_searchable = true,
     .cedar = "name"},
    kNameOfPerson,
    {.name = "isEmergency",
     .type = Type::kBoolean,
     .about = "Registered as an emergency that is not over",
     .is_searchable = true,
     .cedar = "isEmergency"},
    {.name = "isConfidential",
     .type = Type::kBoolean,
     .about = "A member of the staff, or a person in the news",
     .is_sensitive = true,
     .cedar = "isConfidential"},
    {.name = "hasPsychiatricNotes",
     .type = Type::kBoolean,
     .about = "Some of the record is withheld from most",
     .is_sensitive = true,
     .cedar = "hasPsychiatricNotes"},
    {.name = "consent",
     .type = Type::kComplex,
     .about = "What the patient has agreed to beyond treatment",
     .parts = kConsentParts,
     .cedar = "consent"},
    {.name = "mergedInto",
     .type = Type::kReference,
     .about = "The patient that this one turned out to be",
     .targets = {Kind::kPatient},
     .is_searchable = true,
     .is_read_only = true},
    kEntityId,
    kExternalId,
    kFacts,
});

constexpr auto kPatientStates = std::to_array<State>({
    {.name = "registered",
     .about = "Identified",
     .next = {"merged", "archived"},
     .is_in_force = true},
    {.name = "temporary",
     .about = "Not identified yet, such as somebody found unconscious",
     .next = {"registered", "merged", "archived"},
     .is_in_force = true},
    {.name = "merged",
     .about = "Turned out to be another patient: see `mergedInto`",
     .ends_relations = true},
    {.name = "archived",
     .about = "No longer in care",
     .next = {"registered"},
     .ends_relations = true},
});

}  // namespace

constexpr Schema kPerson = {
    .kind = Kind::kPerson,
    .name = "person",
    .plural = "people",
    .collection = "people",
    .about =
        "Somebody who works here, or is sent by a manufacturer, a contractor or a research group",
    .states = kPersonStates,
    .first = {"invited", "active"},
    .attributes = kPersonAttributes,
    .scim_type = "User",
    .scim_endpoint = "/Users",
    .scim_schema = "urn:ietf:params:scim:schemas:core:2.0:User",
    .cedar_type = "User"};

constexpr Schema kPatient = {.kind = Kind::kPatient,
                             .name = "patient",
                             .plural = "patients",
                             .collection = "patients",
                             .about = "Somebody who is treated here",
                             .states = kPatientStates,
                             .first = {"registered", "temporary"},
                             .attributes = kPatientAttributes,
                             .scim_type = "Patient",
                             .scim_endpoint = "/Patients",
                             .scim_schema = "urn:wardlock:scim:schemas:core:1.0:Patient",
                             .cedar_type = "Patient"};

}  // namespace wardlock::directory
