#pragma once

#include <array>

#include "directory/model/attribute.h"
#include "directory/model/schema.h"

namespace wardlock::directory {

// Attributes that several kinds have.

inline constexpr Attribute kExternalId = {
    .name = "externalId",
    .about = "Its id in the system that provides it, such as a personnel system",
    .is_searchable = true,
    .is_case_exact = true};

/// What the policies of one hospital ask beyond the rest.
inline constexpr auto kFactParts = std::to_array<Attribute>({
    {.name = "name",
     .about = "As the schema of the policies has it",
     .most = 64,
     .is_required = true,
     .is_searchable = true},
    {.name = "text", .about = "A text", .is_searchable = true},
    {.name = "integer", .type = Type::kInteger, .about = "A number", .is_searchable = true},
    {.name = "boolean", .type = Type::kBoolean, .about = "Yes or no", .is_searchable = true},
    {.name = "time", .type = Type::kTime, .about = "A time", .is_searchable = true},
});
inline constexpr Attribute kFacts = {
    .name = "facts",
    .type = Type::kComplex,
    .about = "What policies ask beyond the other attributes, by the name that their schema has",
    .parts = kFactParts,
    .one_of = {"text", "integer", "boolean", "time"},
    .key = "name",
    .is_list = true};

/// For kinds of which policies have several types.
inline constexpr Attribute kEntityType = {
    .name = "entityType",
    .about = "Its type in policies, where that is not the usual one",
    .most = 128,
    .is_searchable = true};

/// For kinds that no other attribute names to policies.
inline constexpr Attribute kEntityId = {
    .name = "entityId",
    .type = Type::kIdentifier,
    .about = "Its id in policies, where that is not the usual one",
    .identifier = NaturalIdentifier::kName,
    .is_immutable = true,
    .is_unique = true,
    .is_searchable = true,
    .is_case_exact = true};

inline constexpr Attribute kDescription = {
    .name = "description", .about = "What it is for, for people", .most = 1024};

inline constexpr Attribute kCpe = {.name = "cpe",
                                   .about = "Its name in vulnerability databases (CPE 2.2 or 2.3)",
                                   .most = 1024,
                                   .is_searchable = true};

inline constexpr Attribute kPurpose = {.name = "purpose",
                                       .about = "What it does, and why it needs access",
                                       .most = 1024,
                                       .is_required = true};

// Of secrets that something other than a person holds.
inline constexpr Attribute kCredentialDays = {
    .name = "credentialDays",
    .type = Type::kInteger,
    .about = "How many days a credential of it may be used",
    .most = 3650};
inline constexpr Attribute kRotateBefore = {.name = "rotateBefore",
                                            .type = Type::kTime,
                                            .about = "Its credential is to be replaced before then",
                                            .is_searchable = true};

// How some lives go.
inline constexpr auto kOpenStates = std::to_array<State>({
    {.name = "active", .about = "It is there", .next = {"closed"}, .is_in_force = true},
    {.name = "closed",
     .about = "It is there no more, and its name stays its own",
     .next = {"active"},
     .ends_relations = true},
});

inline constexpr auto kMachineStates = std::to_array<State>({
    {.name = "registered", .about = "Known, and not yet at work", .next = {"active", "retired"}},
    {.name = "active", .about = "At work", .next = {"suspended", "retired"}, .is_in_force = true},
    {.name = "suspended",
     .about = "Stopped for a while, such as while a leaked secret is looked into",
     .next = {"active", "retired"}},
    {.name = "retired", .about = "Gone for good", .ends_relations = true},
});

}  // namespace wardlock::directory
