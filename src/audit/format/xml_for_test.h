#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wardlock::audit {

/// An element of an XML document.
struct XmlElement {
  std::string name;
  std::map<std::string, std::string, std::less<>> attributes;
  std::string text;
  std::vector<XmlElement> children;

  /// All children of that name.
  std::vector<const XmlElement*> all(std::string_view child) const;
  /// The first of them; an empty one where there is none.
  const XmlElement& at(std::string_view child) const;
  /// The attribute's value, or nothing.
  std::optional<std::string> attribute(std::string_view attribute_name) const;
};

/// Reads what an XML processor would accept of documents as we write them: a declaration and
/// elements, no comments, no DTD. Nothing where the document is not well-formed, or holds a
/// character that XML 1.0 does not have.
std::optional<XmlElement> read_xml(std::string_view document);

}  // namespace wardlock::audit
