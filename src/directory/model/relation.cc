#include "directory/model/relation.h"

#include <algorithm>
#include <array>

namespace wardlock::directory {
namespace {

constexpr auto kEmploymentAttributes = std::to_array<Attribute>({
    {.name = "employmentType",
     .about = "How the person belongs there",
     .choices = {"employee", "contractor", "manufacturer", "researcher", "student", "other"},
     .is_required = true},
    {.name = "title", .about = "The position there"},
});

constexpr auto kCareAttributes = std::to_array<Attribute>({
    {.name = kCareType,
     .about = "In which way the person cares for the patient",
     .choices = {"treating", "nursing", "consulting", kException},
     .is_required = true},
});

constexpr auto kRunsAttributes = std::to_array<Attribute>({
    {.name = "instance",
     .type = Type::kIdentifier,
     .about = "The identity of the module in this device",
     .identifier = NaturalIdentifier::kUuid},
});

constexpr std::array<RelationSchema, kRelations> kSchemas = {{
    {.relation = Relation::kRoleAssignment,
     .name = "roleAssignment",
     .about = "The subject has the role, everywhere or in one place",
     .subjects = {Kind::kPerson, Kind::kService, Kind::kAgent, Kind::kGroup},
     .objects = {Kind::kRole},
     .scopes = {Kind::kOrganisation, Kind::kLocation},
     .at_subject = "roles",
     .leads_up = true,
     .cedar_at_subject = {"roles"}},
    {.relation = Relation::kRoleInheritance,
     .name = "roleInheritance",
     .about = "Who has the subject has the object, too: an emergency physician is a physician",
     .subjects = {Kind::kRole},
     .objects = {Kind::kRole},
     .is_acyclic = true,
     .leads_up = true},
    {.relation = Relation::kMembership,
     .name = "membership",
     .about = "The subject belongs to the group",
     .subjects = {Kind::kPerson, Kind::kService, Kind::kAgent, Kind::kDevice, Kind::kGroup},
     .objects = {Kind::kGroup},
     .is_acyclic = true,
     .at_subject = "groups",
     .at_object = "members",
     .leads_up = true,
     .cedar_at_subject = {"groups"}},
    {.relation = Relation::kEmployment,
     .name = "employment",
     .about = "The person works for the organisation, in the place that is its scope",
     .subjects = {Kind::kPerson},
     .objects = {Kind::kOrganisation},
     .scopes = {Kind::kLocation},
     .attributes = kEmploymentAttributes,
     .leads_up = true,
     .cedar_at_subject = {"hospital", "employer", "organisation"},
     .cedar_of_scope = {"ward", "location"}},
    {.relation = Relation::kCare,
     .name = "care",
     .about = "The person cares for the patient",
     .subjects = {Kind::kPerson},
     .objects = {Kind::kPatient},
     .attributes = kCareAttributes,
     .cedar_at_object = {"careTeam"}},
    {.relation = Relation::kStay,
     .name = "stay",
     .about = "The patient is there",
     .subjects = {Kind::kPatient},
     .objects = {Kind::kLocation},
     .is_exclusive = true,
     .leads_up = true,
     .cedar_at_subject = {"ward", "location"}},
    {.relation = Relation::kDeviceLocation,
     .name = "deviceLocation",
     .about = "The device stands there",
     .subjects = {Kind::kDevice},
     .objects = {Kind::kLocation},
     .is_exclusive = true,
     .leads_up = true,
     .cedar_at_subject = {"ward", "location"}},
    {.relation = Relation::kDeviceAssignment,
     .name = "deviceAssignment",
     .about = "The device is connected to the patient",
     .subjects = {Kind::kDevice},
     .objects = {Kind::kPatient},
     .is_exclusive = true,
     .leads_up = true,
     .cedar_at_subject = {"patient"}},
    {.relation = Relation::kRuns,
     .name = "runs",
     .about = "The device runs that version of a software module",
     .subjects = {Kind::kDevice},
     .objects = {Kind::kModuleVersion},
     .attributes = kRunsAttributes,
     .cedar_at_subject = {"runs"}},
    {.relation = Relation::kOwner,
     .name = "owner",
     .about = "The person answers for what is no person",
     .subjects = {Kind::kDevice, Kind::kModule, Kind::kService, Kind::kAgent, Kind::kGroup,
                  Kind::kRole},
     .objects = {Kind::kPerson},
     .cedar_at_subject = {"owner"}},
    {.relation = Relation::kComprises,
     .name = "comprises",
     .about = "The subject is made with the object, as its bill of materials says",
     .subjects = {Kind::kDeviceModel, Kind::kModuleVersion},
     .objects = {Kind::kDeviceModel, Kind::kModuleVersion},
     .is_acyclic = true},
    {.relation = Relation::kAccountOf,
     .name = "accountOf",
     .about = "The subject is another account of the person whose main account is the object",
     .subjects = {Kind::kPerson},
     .objects = {Kind::kPerson},
     .is_exclusive = true},
    {.relation = Relation::kExclusion,
     .name = "excludes",
     .about = "Nobody has both roles: separation of duties",
     .subjects = {Kind::kRole},
     .objects = {Kind::kRole}},
}};

constexpr bool are_in_order() {
  for (std::size_t i = 0; i < kSchemas.size(); ++i) {
    if (static_cast<std::size_t>(kSchemas[i].relation) != i) return false;
  }
  return true;
}
static_assert(are_in_order());

}  // namespace

std::span<const RelationSchema> all_relations() { return kSchemas; }

const RelationSchema& schema_of(Relation relation) {
  return kSchemas[static_cast<std::size_t>(relation)];
}

std::string_view to_string(Relation relation) { return schema_of(relation).name; }

std::optional<Relation> find_relation(std::string_view name) {
  const auto* const schema = std::ranges::find(kSchemas, name, &RelationSchema::name);
  if (schema == kSchemas.end()) return std::nullopt;
  return schema->relation;
}

}  // namespace wardlock::directory
