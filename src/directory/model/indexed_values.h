#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "directory/model/document.h"

namespace wardlock::directory {

/// A value by which a thing is found.
struct IndexedValue {
  std::string path = {};       ///< of its attribute: `emails.value`
  std::uint32_t position = 0;  ///< of the item of the list that it is in
  std::string text = {};       ///< as `searchable_text` makes it; empty for a number
  std::optional<std::int64_t> number =
      {};  ///< an integer, a boolean (0, 1), a time in milliseconds

  bool operator==(const IndexedValue&) const = default;
};

/// The values of all searchable attributes, in the order of the table.
std::vector<IndexedValue> indexed_values(const Document& document);

/// How a text of that attribute is compared: without regard to case, except where case counts.
std::string searchable_text(const Attribute& attribute, std::string_view text);

/// Whether its values are compared as numbers.
bool is_number(const Attribute& attribute);

/// The searchable attribute at a path such as `name.familyName` (RFC 7644 §3.10), or null.
const Attribute* find_searchable(Kind kind, std::string_view path);

/// What names a thing for ever: no other one of its tenant may have it, even when the thing has
/// left.
struct Identity {
  std::string type;  ///< what it is: `npi`, or the attribute of a kind: `person.employeeNumber`
  std::string value;
  std::string path;  ///< of the attribute that has it

  bool operator==(const Identity&) const = default;
};
std::vector<Identity> identities(const Document& document);

/// An attribute whose values name things so.
struct NamingAttribute {
  const Attribute* attribute = nullptr;
  std::string path;
};
/// Those of a kind, in the order of the table.
std::vector<NamingAttribute> naming_attributes(Kind kind);
/// What a value in its normal form names a thing by; `within`: the id of what it is unique within,
/// where that is something. Nothing: it names more than one, as the UDI of a lot does.
std::optional<Identity> identity_of(Kind kind, const NamingAttribute& naming,
                                    std::string_view value, std::string_view within = {});

/// The ids of other things that a document has.
struct Reference {
  const Attribute* attribute = nullptr;
  std::string path;
  std::string id;
};
std::vector<Reference> references(const Document& document);

}  // namespace wardlock::directory
