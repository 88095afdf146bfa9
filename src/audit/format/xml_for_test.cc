#include "audit/format/xml_for_test.h"

#include <algorithm>

#include "base/utf8.h"

namespace wardlock::audit {
namespace {

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

class XmlReader {
 public:
  explicit XmlReader(std::string_view text) : rest_(text) {}

  bool read_document(XmlElement& root) {
    return take(R"(<?xml version="1.0" encoding="UTF-8"?>)") && read_element(root) && rest_.empty();
  }

 private:
  bool take(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }

  bool read_name(std::string& name) {
    while (!rest_.empty() && is_name_character(rest_.front())) {
      name += rest_.front();
      rest_.remove_prefix(1);
    }
    return !name.empty();
  }

  /// Up to one of the characters.
  bool read_text(std::string_view ends, std::string& out) {
    while (!rest_.empty() && !ends.contains(rest_.front())) {
      if (rest_.front() != '&') {
        out += rest_.front();
        rest_.remove_prefix(1);
        continue;
      }
      if (!read_reference(out)) return false;
    }
    return !rest_.empty();
  }
  bool read_reference(std::string& out) {
    for (const auto& [reference, character] : {std::pair("&amp;", '&'), std::pair("&lt;", '<'),
                                               std::pair("&gt;", '>'), std::pair("&quot;", '"')}) {
      if (take(reference)) {
        out += character;
        return true;
      }
    }
    return false;
  }

  bool read_attribute(XmlElement& element) {
    std::string name, value;
    return read_name(name) && take("=\"") && read_text("\"<", value) && take("\"") &&
           element.attributes.emplace(std::move(name), std::move(value)).second;
  }

  bool read_element(XmlElement& element) {
    if (!take("<") || !read_name(element.name)) return false;
    while (take(" ")) {
      if (!read_attribute(element)) return false;
    }
    if (take("/>")) return true;
    return take(">") && read_content(element) && take("</" + element.name + ">");
  }

  bool read_content(XmlElement& element) {
    while (true) {
      if (!read_text("<", element.text)) return false;
      if (rest_.starts_with("</")) return true;
      if (!read_element(element.children.emplace_back())) return false;
    }
  }

  std::string_view rest_;
};

/// XML 1.0 §2.2. Surrogates are no UTF-8.
bool has_only_xml_characters(std::string_view text) {
  const auto is_control = [](char c) {
    return c >= 0 && c < 0x20 && c != '\t' && c != '\n' && c != '\r';
  };
  return !find_invalid_utf8(text) && std::ranges::none_of(text, is_control) &&
         !text.contains("\uFFFE") && !text.contains("\uFFFF");
}

}  // namespace

std::vector<const XmlElement*> XmlElement::all(std::string_view child) const {
  std::vector<const XmlElement*> found;
  for (const XmlElement& each : children) {
    if (each.name == child) found.push_back(&each);
  }
  return found;
}

const XmlElement& XmlElement::at(std::string_view child) const {
  static const XmlElement kNone;
  const auto found = all(child);
  return found.empty() ? kNone : *found.front();
}

std::optional<std::string> XmlElement::attribute(std::string_view attribute_name) const {
  const auto found = attributes.find(attribute_name);
  if (found == attributes.end()) return std::nullopt;
  return found->second;
}

std::optional<XmlElement> read_xml(std::string_view document) {
  XmlElement root;
  if (!has_only_xml_characters(document)) return std::nullopt;
  if (!XmlReader(document).read_document(root)) return std::nullopt;
  return root;
}

}  // namespace wardlock::audit
