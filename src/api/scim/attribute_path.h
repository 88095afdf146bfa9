#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace wardlock::scim {

/// What a filter or a PATCH names: `userName`, `name.familyName`,
/// `urn:ietf:params:scim:schemas:core:2.0:User:name.familyName`. Spelled as it was given; names are
/// compared without regard to case.
struct AttributePath {
  std::string schema;  ///< a URN; empty: not said
  std::string attribute;
  std::string sub_attribute;  ///< may be empty

  friend bool operator==(const AttributePath&, const AttributePath&) = default;
};

/// Error: the message says what is wrong with it (RFC 7644, 3.10).
Result<AttributePath> parse_attribute_path(std::string_view text);

std::string to_string(const AttributePath& path);

/// Whether two names of attributes are the same one (RFC 7643, 2.1).
bool is_same_name(std::string_view a, std::string_view b);

/// Whether it is a name of an attribute: a letter, then letters, digits, `-` and `_`; or `$ref`.
bool is_attribute_name(std::string_view text);

/// What a path or a name is written with.
bool is_path_character(char c);

}  // namespace wardlock::scim
