#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "directory/identifier/natural_identifier.h"
#include "directory/model/kind.h"

namespace wardlock::directory {

/// What the value of an attribute is in JSON.
enum class Type : std::uint8_t {
  kText,        ///< a line of text
  kInteger,     ///< from 0 to `Attribute::most`
  kBoolean,     ///< `true` or `false`
  kTime,        ///< a time of RFC 3339
  kReference,   ///< the id of another thing
  kIdentifier,  ///< a text that `Attribute::identifier` says how to check
  kComplex,     ///< an object of `Attribute::parts`
};

/// The SCIM schema that has the attribute.
enum class ScimSchema : std::uint8_t {
  kCore,        ///< of the resource type
  kEnterprise,  ///< RFC 7643 §4.3
  kOwn,         ///< Wardlock's extension of a core schema of RFC 7643
};

inline constexpr std::int64_t kMaxTextBytes = 256;
inline constexpr std::int64_t kMaxInteger = (std::int64_t{1} << 53) - 1;  ///< JSON's, exactly
inline constexpr std::size_t kMaxItems = 64;                              ///< of a list

/// One row of the table: an attribute of a kind of things, of a relation, or of another attribute.
struct Attribute {
  std::string_view name;
  Type type = Type::kText;
  std::string_view about = {};  ///< for people: a sentence without its full stop

  Kinds targets = {};                     ///< what a reference may point to
  NaturalIdentifier identifier = {};      ///< what an identifier is
  std::span<const Attribute> parts = {};  ///< of an object
  Words choices = {};                     ///< a text is one of them
  Words one_of = {};                      ///< an object has exactly one of these parts
  std::string_view key = {};              ///< the part that no two objects of a list share
  std::int64_t most = 0;                ///< bytes of a text, or the greatest integer; 0: the usual
  std::string_view unique_within = {};  ///< unique among those with the same reference there

  bool is_list = false;
  bool is_required = false;
  bool is_immutable = false;   ///< stays as it was first given
  bool is_unique = false;      ///< names one thing for ever, even after that has left
  bool is_searchable = false;  ///< indexed
  bool is_case_exact = false;  ///< capital and small letters differ when it is searched
  bool is_sensitive = false;   ///< shown only to who asks for it by name
  bool is_read_only = false;   ///< set by what happens to the thing; what is sent is passed over
  bool is_tree = false;        ///< a reference to what is above; never in a circle

  ScimSchema scim = ScimSchema::kCore;
  std::string_view cedar = {};  ///< the attribute that policies see; empty: they do not see it
  bool leads_up = false;        ///< a reference to what policies may have for a parent
};

/// `most`, or the usual.
constexpr std::int64_t most_of(const Attribute& attribute) {
  if (attribute.most != 0) return attribute.most;
  return attribute.type == Type::kInteger ? kMaxInteger : kMaxTextBytes;
}

/// The one with that name, or null.
const Attribute* find_attribute(std::span<const Attribute> attributes, std::string_view name);

}  // namespace wardlock::directory
