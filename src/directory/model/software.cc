#include "directory/model/schema_rows.h"
#include "directory/model/shared_attributes.h"

namespace wardlock::directory {
namespace {

// Which kinds of software and which algorithms there are, as CycloneDX 1.6 names them.
constexpr Words kComponentTypes = {"application",   "framework",
                                   "library",       "container",
                                   "platform",      "operating-system",
                                   "device-driver", "firmware",
                                   "file",          "machine-learning-model",
                                   "data",          "cryptographic-asset"};
constexpr Words kHashAlgorithms = {"MD5",         "SHA-1",       "SHA-256",     "SHA-384",
                                   "SHA-512",     "SHA3-256",    "SHA3-384",    "SHA3-512",
                                   "BLAKE2b-256", "BLAKE2b-384", "BLAKE2b-512", "BLAKE3"};

constexpr auto kHashParts = std::to_array<Attribute>({
    {.name = "algorithm",
     .about = "By which it was made",
     .choices = kHashAlgorithms,
     .is_required = true,
     .is_searchable = true},
    {.name = "value",
     .about = "In hexadecimal digits",
     .most = 128,
     .is_required = true,
     .is_searchable = true},
});

constexpr auto kModuleAttributes = std::to_array<Attribute>({
    {.name = "displayName",
     .about = "What it is called; no two of one manufacturer have the same name",
     .unique_within = "manufacturer",
     .is_required = true,
     .is_searchable = true,
     .cedar = "name"},
    {.name = "manufacturer",
     .type = Type::kReference,
     .about = "Who makes it",
     .targets = {Kind::kOrganisation},
     .is_required = true,
     .is_immutable = true,
     .is_searchable = true,
     .cedar = "manufacturer"},
    {.name = "uuid",
     .type = Type::kIdentifier,
     .about = "The identity that its maker gave it",
     .identifier = NaturalIdentifier::kUuid,
     .is_immutable = true,
     .is_unique = true,
     .is_searchable = true,
     .cedar = "uuid"},
    {.name = "componentType",
     .about = "What kind of software it is, as bills of material have it",
     .choices = kComponentTypes,
     .is_searchable = true},
    kDescription,
    kEntityId,
    kExternalId,
    kFacts,
});

constexpr auto kVersionAttributes = std::to_array<Attribute>({
    {.name = "module",
     .type = Type::kReference,
     .about = "What it is a version of",
     .targets = {Kind::kModule},
     .is_required = true,
     .is_immutable = true,
     .is_searchable = true,
     .cedar = "module",
     .leads_up = true},
    {.name = "version",
     .type = Type::kIdentifier,
     .about = "As its maker numbers it",
     .identifier = NaturalIdentifier::kName,
     .unique_within = "module",
     .is_required = true,
     .is_immutable = true,
     .is_searchable = true,
     .cedar = "version"},
    {.name = "digest",
     .about = "The hash of the package that its maker signed, e.g. `sha256:…`",
     .is_immutable = true,
     .is_searchable = true,
     .is_case_exact = true,
     .cedar = "digest"},
    {.name = "releasedAt", .type = Type::kTime, .about = "When its maker released it"},
    {.name = "packageUrl",
     .about = "Its package URL (purl), as bills of material name it",
     .most = 1024,
     .is_searchable = true,
     .is_case_exact = true},
    kCpe,
    {.name = "hashes",
     .type = Type::kComplex,
     .about = "Hashes of its package, as bills of material have them; what its maker signed is "
              "`digest`",
     .parts = kHashParts,
     .key = "algorithm",
     .is_list = true},
    kEntityId,
    kExternalId,
    kFacts,
});

constexpr auto kVersionStates = std::to_array<State>({
    {.name = "released", .about = "May be installed", .next = {"revoked"}, .is_in_force = true},
    {.name = "revoked", .about = "Not to be installed any more, such as for a fault"},
});

constexpr Attribute kNameOfMachine = {.name = "displayName",
                                      .about = "What it is called",
                                      .is_required = true,
                                      .is_searchable = true,
                                      .cedar = "name"};
constexpr Attribute kClientId = {.name = "clientId",
                                 .type = Type::kIdentifier,
                                 .about = "The name under which it proves who it is",
                                 .identifier = NaturalIdentifier::kName,
                                 .is_required = true,
                                 .is_immutable = true,
                                 .is_unique = true,
                                 .is_searchable = true};
constexpr Attribute kOrganisationOfMachine = {.name = "organisation",
                                              .type = Type::kReference,
                                              .about = "For whom it works",
                                              .targets = {Kind::kOrganisation},
                                              .is_searchable = true,
                                              .cedar = "hospital",
                                              .leads_up = true};

constexpr auto kServiceAttributes = std::to_array<Attribute>({
    kClientId,
    kNameOfMachine,
    kPurpose,
    {.name = "serviceKind",
     .about = "What kind of service it is, e.g. `UpdateServer`",
     .most = 128,
     .is_searchable = true,
     .cedar = "serviceKind"},
    kOrganisationOfMachine,
    kCredentialDays,
    kRotateBefore,
    kEntityId,
    kExternalId,
    kFacts,
});

constexpr auto kAgentAttributes = std::to_array<Attribute>({
    kClientId,
    kNameOfMachine,
    kPurpose,
    {.name = "actsFor",
     .type = Type::kReference,
     .about = "The people it may act for; both must be allowed what it does",
     .targets = {Kind::kPerson},
     .is_list = true,
     .is_searchable = true,
     .cedar = "actsFor"},
    kOrganisationOfMachine,
    kCredentialDays,
    kRotateBefore,
    kEntityId,
    kExternalId,
    kFacts,
});

}  // namespace

constexpr Schema kModule = {.kind = Kind::kModule,
                            .name = "module",
                            .plural = "software modules",
                            .collection = "modules",
                            .about = "A piece of software that devices run",
                            .states = kOpenStates,
                            .first = {"active"},
                            .attributes = kModuleAttributes,
                            .scim_type = "Module",
                            .scim_endpoint = "/Modules",
                            .scim_schema = "urn:wardlock:scim:schemas:core:1.0:Module",
                            .cedar_type = "SoftwareModule"};

constexpr Schema kModuleVersion = {
    .kind = Kind::kModuleVersion,
    .name = "moduleVersion",
    .plural = "versions of software modules",
    .collection = "module-versions",
    .about = "One version of a software module, as its maker released it",
    .states = kVersionStates,
    .first = {"released"},
    .attributes = kVersionAttributes,
    .scim_type = "ModuleVersion",
    .scim_endpoint = "/ModuleVersions",
    .scim_schema = "urn:wardlock:scim:schemas:core:1.0:ModuleVersion",
    .cedar_type = "ModuleVersion"};

constexpr Schema kService = {.kind = Kind::kService,
                             .name = "service",
                             .plural = "services",
                             .collection = "services",
                             .about = "A program that acts by itself, such as an update server",
                             .states = kMachineStates,
                             .first = {"registered"},
                             .attributes = kServiceAttributes,
                             .scim_type = "Service",
                             .scim_endpoint = "/Services",
                             .scim_schema = "urn:wardlock:scim:schemas:core:1.0:Service",
                             .cedar_type = "Service",
                             .needs_owner = true};

constexpr Schema kAgent = {.kind = Kind::kAgent,
                           .name = "agent",
                           .plural = "agents",
                           .collection = "agents",
                           .about = "A program that acts for people",
                           .states = kMachineStates,
                           .first = {"registered"},
                           .attributes = kAgentAttributes,
                           .scim_type = "Agent",
                           .scim_endpoint = "/Agents",
                           .scim_schema = "urn:wardlock:scim:schemas:core:1.0:Agent",
                           .cedar_type = "Agent",
                           .needs_owner = true};

}  // namespace wardlock::directory
