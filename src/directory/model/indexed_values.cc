#include "directory/model/indexed_values.h"

#include <fmt/format.h>

#include "base/folded.h"
#include "directory/identifier/udi.h"
#include "directory/model/moment.h"

namespace wardlock::directory {
namespace {

using codec::Json;

/// A value that is no object and no list.
struct Leaf {
  const Attribute* attribute = nullptr;
  std::string_view parent;  ///< the attribute that it is a part of, if any
  std::uint32_t position = 0;
  const Json* value = nullptr;

  std::string path() const {
    return parent.empty() ? std::string(attribute->name)
                          : fmt::format("{}.{}", parent, attribute->name);
  }
};

template <typename Visit>
void visit_items(const Attribute& attribute, const Json& value, Visit visit) {
  const auto* items = value.if_array();
  if (!attribute.is_list || items == nullptr) return visit(std::uint32_t{0}, value);
  for (std::uint32_t i = 0; i < items->size(); ++i) visit(i, (*items)[i]);
}

/// All values of a document, in the order of the table. What the table does not know, since it is
/// of another version, is passed over.
template <typename Visit>
void visit_leaves(const Document& document, Visit visit) {
  for (const Attribute& attribute : schema_of(document.kind()).attributes) {
    const Json* value = document.json().if_contains(attribute.name);
    if (value == nullptr) continue;
    visit_items(attribute, *value, [&](std::uint32_t position, const Json& item) {
      if (attribute.type != Type::kComplex) return visit(Leaf{&attribute, "", position, &item});
      if (!item.is_object()) return;
      for (const Attribute& part : attribute.parts) {
        const Json* inner = item.get_object().if_contains(part.name);
        if (inner != nullptr) visit(Leaf{&part, attribute.name, position, inner});
      }
    });
  }
}

std::optional<std::int64_t> number_of(const Attribute& attribute, const Json& value) {
  if (const auto* is_true = value.if_bool()) return *is_true ? 1 : 0;
  if (const auto* number = value.if_int64()) return *number;
  const auto* text = value.if_string();
  if (attribute.type == Type::kTime && text != nullptr) return parse_time(*text);
  return std::nullopt;
}

/// Names and serial numbers say nothing without whose they are.
bool is_named_by_attribute(const Attribute& attribute) {
  return attribute.type != Type::kIdentifier || !attribute.unique_within.empty() ||
         attribute.identifier == NaturalIdentifier::kName ||
         attribute.identifier == NaturalIdentifier::kSerial;
}

bool is_naming(const Attribute& attribute) {
  return attribute.is_unique || !attribute.unique_within.empty();
}

/// A UDI without a serial number is that of a whole lot.
bool names_one(const Attribute& attribute, std::string_view value) {
  if (attribute.identifier != NaturalIdentifier::kUdi) return true;
  constexpr std::chrono::year kAnyYear(2000);  // no matter what the dates in it mean
  const auto udi = parse_udi(value, kAnyYear);
  return udi && udi->find(UdiPartKind::kSerial) != nullptr;
}

}  // namespace

bool is_number(const Attribute& attribute) {
  return attribute.type == Type::kInteger || attribute.type == Type::kBoolean ||
         attribute.type == Type::kTime;
}

std::string searchable_text(const Attribute& attribute, std::string_view text) {
  const bool is_exact = attribute.is_case_exact || attribute.type == Type::kReference;
  return is_exact ? std::string(text) : folded(text);
}

std::vector<IndexedValue> indexed_values(const Document& document) {
  std::vector<IndexedValue> values;
  visit_leaves(document, [&](const Leaf& leaf) {
    if (!leaf.attribute->is_searchable) return;
    IndexedValue value{.path = leaf.path(), .position = leaf.position};
    const auto* text = leaf.value->if_string();
    if (is_number(*leaf.attribute)) {
      value.number = number_of(*leaf.attribute, *leaf.value);
      if (!value.number) return;
    } else if (text != nullptr) {
      value.text = searchable_text(*leaf.attribute, *text);
    }
    values.push_back(std::move(value));
  });
  return values;
}

const Attribute* find_searchable(Kind kind, std::string_view path) {
  const std::size_t dot = path.find('.');
  const Attribute* attribute = find_attribute(schema_of(kind).attributes, path.substr(0, dot));
  if (attribute != nullptr && dot != std::string_view::npos) {
    attribute = find_attribute(attribute->parts, path.substr(dot + 1));
  }
  return attribute != nullptr && attribute->is_searchable ? attribute : nullptr;
}

std::vector<Identity> identities(const Document& document) {
  std::vector<Identity> found;
  visit_leaves(document, [&](const Leaf& leaf) {
    const Attribute& attribute = *leaf.attribute;
    const auto* text = leaf.value->if_string();
    if (!is_naming(attribute) || text == nullptr) return;
    std::string_view within;
    if (!attribute.unique_within.empty()) {
      const Json* whose = document.json().if_contains(attribute.unique_within);
      if (whose == nullptr || !whose->is_string()) return;
      within = whose->get_string();
    }
    auto identity = identity_of(document.kind(), {&attribute, leaf.path()}, *text, within);
    if (identity) found.push_back(std::move(*identity));
  });
  return found;
}

std::vector<NamingAttribute> naming_attributes(Kind kind) {
  std::vector<NamingAttribute> found;
  for (const Attribute& attribute : schema_of(kind).attributes) {
    if (is_naming(attribute)) found.push_back({&attribute, std::string(attribute.name)});
    for (const Attribute& part : attribute.parts) {
      if (is_naming(part))
        found.push_back({&part, fmt::format("{}.{}", attribute.name, part.name)});
    }
  }
  return found;
}

std::optional<Identity> identity_of(Kind kind, const NamingAttribute& naming,
                                    std::string_view value, std::string_view within) {
  const Attribute& attribute = *naming.attribute;
  if (!names_one(attribute, value)) return std::nullopt;
  Identity identity{.type = std::string(to_string(attribute.identifier)),
                    .value = std::string(value),
                    .path = naming.path};
  if (is_named_by_attribute(attribute)) {
    identity.type = fmt::format("{}.{}", to_string(kind), naming.path);
  }
  if (!attribute.unique_within.empty()) identity.value = fmt::format("{}/{}", within, value);
  return identity;
}

std::vector<Reference> references(const Document& document) {
  std::vector<Reference> found;
  visit_leaves(document, [&](const Leaf& leaf) {
    const auto* id = leaf.value->if_string();
    if (leaf.attribute->type != Type::kReference || id == nullptr) return;
    found.push_back({leaf.attribute, leaf.path(), std::string(*id)});
  });
  return found;
}

}  // namespace wardlock::directory
