#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "directory/model/attribute.h"
#include "directory/model/kind.h"

namespace wardlock::directory {

/// How one thing stands to another, from a time on and until another. Kept by name.
enum class Relation : std::uint8_t {
  kRoleAssignment,
  kRoleInheritance,
  kMembership,
  kEmployment,
  kCare,
  kStay,
  kDeviceLocation,
  kDeviceAssignment,
  kRuns,
  kOwner,
  kComprises,
  kAccountOf,
  kExclusion,
};
inline constexpr std::size_t kRelations = 13;

/// What a care relation is, its value for who may see a patient although not on the care team, and
/// the patient's attribute that is the tag under which policies see it.
inline constexpr std::string_view kCareType = "careType";
inline constexpr std::string_view kException = "exception";
inline constexpr std::string_view kRecordNumber = "recordNumber";

/// Its name, e.g. `roleAssignment`.
std::string_view to_string(Relation relation);

/// What there is to know of a kind of relations.
struct RelationSchema {
  Relation relation;
  std::string_view name;
  std::string_view about;  ///< a sentence without its full stop
  Kinds subjects;
  Kinds objects;
  Kinds scopes = {};  ///< where it counts; empty: it has no scope
  std::span<const Attribute> attributes = {};
  /// A subject has at most one at a time: a new one ends the one before.
  bool is_exclusive = false;
  bool is_acyclic = false;           ///< nothing stands so to itself, over however many steps
  std::string_view at_subject = {};  ///< the SCIM attribute in which the subject shows it
  std::string_view at_object = {};   ///< the same for the object
  /// Policies may have the object, and the scope of an assignment that has one, for a parent of the
  /// subject.
  bool leads_up = false;
  Words cedar_at_subject = {};  ///< attributes in which policies may see the object
  Words cedar_at_object = {};   ///< the same of the object, in which they may see the subject
  Words cedar_of_scope = {};    ///< and of the subject, for the scope
};

/// All of them, in the order of `Relation`.
std::span<const RelationSchema> all_relations();
const RelationSchema& schema_of(Relation relation);
std::optional<Relation> find_relation(std::string_view name);

}  // namespace wardlock::directory
