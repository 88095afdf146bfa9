#include "directory/model/schema_rows.h"
#include "directory/model/shared_attributes.h"

namespace wardlock::directory {
namespace {

constexpr Attribute kCode = {.name = "code",
                             .type = Type::kIdentifier,
                             .about = "The short name that policies and other systems know it by",
                             .identifier = NaturalIdentifier::kName,
                             .is_required = true,
                             .is_immutable = true,
                             .is_unique = true,
                             .is_searchable = true};
constexpr Attribute kNameOfPlace = {.name = "displayName",
                                    .about = "What it is called",
                                    .is_required = true,
                                    .is_searchable = true,
                                    .cedar = "name"};

constexpr auto kOrganisationAttributes = std::to_array<Attribute>({
    kCode,
    kNameOfPlace,
    {.name = "organisationType",
     .about = "What it is",
     .choices = {"hospital", "manufacturer", "contractor", "research", "other"},
     .is_required = true,
     .is_searchable = true},
    {.name = "parent",
     .type = Type::kReference,
     .about = "The organisation that it is part of",
     .targets = {Kind::kOrganisation},
     .is_searchable = true,
     .is_tree = true},
    {.name = "npi",
     .type = Type::kIdentifier,
     .about = "The National Provider Identifier",
     .identifier = NaturalIdentifier::kNpi,
     .is_unique = true,
     .is_searchable = true},
    kEntityType,
    kDescription,
    kExternalId,
    kFacts,
});

constexpr auto kLocationAttributes = std::to_array<Attribute>({
    kCode,
    kNameOfPlace,
    {.name = "locationType",
     .about = "What it is",
     .choices = {"site", "building", "ward", "room", "bed", "workstation", "other"},
     .is_required = true,
     .is_searchable = true},
    {.name = "organisation",
     .type = Type::kReference,
     .about = "Whose it is",
     .targets = {Kind::kOrganisation},
     .is_required = true,
     .is_searchable = true,
     .cedar = "hospital"},
    {.name = "parent",
     .type = Type::kReference,
     .about = "The place that it is part of",
     .targets = {Kind::kLocation},
     .is_searchable = true,
     .is_tree = true},
    kEntityType,
    kDescription,
    kExternalId,
    kFacts,
});

constexpr auto kRoleAttributes = std::to_array<Attribute>({
    {.name = "displayName",
     .type = Type::kIdentifier,
     .about = "The name that policies know it by",
     .identifier = NaturalIdentifier::kName,
     .is_required = true,
     .is_immutable = true,
     .is_unique = true,
     .is_searchable = true},
    {.name = "isPrivileged",
     .type = Type::kBoolean,
     .about = "Who has it can change what others may do; it is reviewed more often",
     .is_searchable = true},
    kDescription,
    kExternalId,
});

constexpr auto kGroupAttributes = std::to_array<Attribute>({
    {.name = "displayName",
     .about = "What it is called",
     .is_required = true,
     .is_searchable = true,
     .cedar = "name"},
    [] {
      Attribute type = kEntityType;
      type.scim = ScimSchema::kOwn;
      return type;
    }(),
    [] {
      Attribute description = kDescription;
      description.scim = ScimSchema::kOwn;
      return description;
    }(),
    kExternalId,
    [] {
      Attribute facts = kFacts;
      facts.scim = ScimSchema::kOwn;
      return facts;
    }(),
});

}  // namespace

constexpr Schema kOrganisation = {
    .kind = Kind::kOrganisation,
    .name = "organisation",
    .plural = "organisations",
    .collection = "organisations",
    .about = "A hospital, a manufacturer, a contractor, or a part of one",
    .states = kOpenStates,
    .first = {"active"},
    .attributes = kOrganisationAttributes,
    .scim_type = "Organisation",
    .scim_endpoint = "/Organisations",
    .scim_schema = "urn:wardlock:scim:schemas:core:1.0:Organisation",
    .cedar_type = "Organisation",
    .cedar_id = "code"};

constexpr Schema kLocation = {.kind = Kind::kLocation,
                              .name = "location",
                              .plural = "locations",
                              .collection = "locations",
                              .about = "A place: a ward, a room, a workstation",
                              .states = kOpenStates,
                              .first = {"active"},
                              .attributes = kLocationAttributes,
                              .scim_type = "Location",
                              .scim_endpoint = "/Locations",
                              .scim_schema = "urn:wardlock:scim:schemas:core:1.0:Location",
                              .cedar_type = "Ward",
                              .cedar_id = "code"};

constexpr Schema kRole = {.kind = Kind::kRole,
                          .name = "role",
                          .plural = "roles",
                          .collection = "roles",
                          .about = "What somebody is here, as policies see it",
                          .states = kOpenStates,
                          .first = {"active"},
                          .attributes = kRoleAttributes,
                          .scim_type = "Role",
                          .scim_endpoint = "/Roles",
                          .scim_schema = "urn:wardlock:scim:schemas:core:1.0:Role",
                          .cedar_type = "Role",
                          .cedar_id = "displayName"};

constexpr Schema kGroup = {.kind = Kind::kGroup,
                           .name = "group",
                           .plural = "groups",
                           .collection = "groups",
                           .about = "Some people, services or devices together",
                           .states = kOpenStates,
                           .first = {"active"},
                           .attributes = kGroupAttributes,
                           .scim_type = "Group",
                           .scim_endpoint = "/Groups",
                           .scim_schema = "urn:ietf:params:scim:schemas:core:2.0:Group",
                           .cedar_type = "Group"};

}  // namespace wardlock::directory
