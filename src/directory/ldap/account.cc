#include "directory/ldap/account.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"
#include "directory/ldap/ldap_text.h"
#include "directory/model/schema.h"

namespace wardlock::directory {
namespace {

using boost::json::array;
using boost::json::object;

constexpr std::string_view kFacts = "facts.";

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

/// The attribute at `name` or `name.part`, or null.
const Attribute* find_path(std::string_view path) {
  const std::size_t dot = path.find('.');
  const Attribute* attribute =
      find_attribute(schema_of(Kind::kPerson).attributes, path.substr(0, dot));
  if (attribute == nullptr || dot == std::string_view::npos) return attribute;
  if (attribute->type != Type::kComplex || attribute->is_list) return nullptr;
  return find_attribute(attribute->parts, path.substr(dot + 1));
}

bool is_plain(const Attribute& attribute) {
  return attribute.type == Type::kText || attribute.type == Type::kIdentifier ||
         attribute.type == Type::kTime;
}

/// A list of objects of which `value` says all that matters.
bool is_list_of_values(const Attribute& attribute) {
  const Attribute* value = find_attribute(attribute.parts, "value");
  return attribute.is_list && attribute.type == Type::kComplex && value != nullptr &&
         is_plain(*value);
}

/// The values that a person may have; those that say nothing are passed over.
Result<std::vector<std::string>> values_of(const LdapEntry& entry, const std::string& name) {
  std::vector<std::string> values;
  const auto found = entry.attributes.find(lower(name));
  if (found == entry.attributes.end()) return values;
  for (const std::string& value : found->second) {
    if (find_invalid_utf8(value)) {
      return invalid(fmt::format("its `{}` is no text (UTF-8)", name));
    }
    const std::string_view text = trimmed(value);
    if (!text.empty()) values.emplace_back(text);
  }
  return values;
}

codec::Json list_of(const Attribute& attribute, const std::vector<std::string>& values) {
  array list;
  for (const std::string& value : values) {
    if (attribute.type != Type::kComplex) {
      list.emplace_back(value);
      continue;
    }
    object item{{"value", value}, {"type", "work"}};
    if (list.empty()) item["primary"] = true;
    list.push_back(std::move(item));
  }
  return list;
}

/// Null: there is none.
codec::Json value_of(const Attribute& attribute, const std::vector<std::string>& values) {
  if (values.empty()) return nullptr;
  if (attribute.is_list) return list_of(attribute, values);
  if (attribute.type != Type::kTime) return codec::Json(values.front());
  const auto time = time_text(values.front());
  return time ? codec::Json(*time) : codec::Json(nullptr);
}

void set_or_erase(object& document, std::string_view name, codec::Json value) {
  if (value.is_null()) {
    document.erase(name);
  } else {
    document[name] = std::move(value);
  }
}

void set(object& document, std::string_view path, codec::Json value) {
  const std::size_t dot = path.find('.');
  if (dot == std::string_view::npos) return set_or_erase(document, path, std::move(value));
  codec::Json& inner = document[path.substr(0, dot)];
  if (!inner.is_object()) inner = object();
  set_or_erase(inner.get_object(), path.substr(dot + 1), std::move(value));
}

}  // namespace

std::optional<std::string> account_id(const LdapSource& source, const LdapEntry& entry) {
  const std::string_view id = entry.first(lower(id_attribute(source.flavour)));
  return source.flavour == LdapFlavour::kActiveDirectory ? guid_text(id) : uuid_text(id);
}

Result<void> check_mapped_attribute(std::string_view path) {
  if (path.starts_with(kFacts) && path.size() > kFacts.size()) return {};
  const Attribute* attribute = find_path(path);
  if (attribute == nullptr) {
    return invalid(
        fmt::format("people have no attribute `{}`; docs/formats/directory.md lists "
                    "those that they have",
                    printable(path)));
  }
  if (path == kManager) return {};
  const bool is_ours = path == "externalId" || path == "facts" || attribute->is_read_only;
  if (!is_ours && (is_plain(*attribute) || is_list_of_values(*attribute))) return {};
  return invalid(fmt::format(
      "`{}` cannot come from LDAP: texts, times, parts of `name`, `emails`, `phoneNumbers`, "
      "`manager` and `facts.NAME` can",
      printable(path)));
}

Result<object> mapped_document(const LdapSource& source, const LdapEntry& entry,
                               const object& before) {
  object document = before;
  for (const auto& [path, attribute] : source.attributes) {
    if (path == kManager) {
      document.erase(kManager);
      continue;
    }
    const auto values = TRY(values_of(entry, attribute));
    if (path.starts_with(kFacts)) {
      set_fact(document, std::string_view(path).substr(kFacts.size()),
               values.empty() ? "" : values.front());
    } else {
      set(document, path, value_of(*find_path(path), values));
    }
  }
  return document;
}

std::optional<std::string> manager_of(const LdapSource& source, const LdapEntry& entry) {
  const auto mapped = source.attributes.find(std::string(kManager));
  if (mapped == source.attributes.end()) return std::nullopt;
  const std::string_view dn = entry.first(lower(mapped->second));
  return dn.empty() ? std::nullopt : normalise_dn(std::string(dn));
}

std::optional<std::string> fact(const object& document, std::string_view name) {
  const codec::Json* facts = document.if_contains("facts");
  if (facts == nullptr || !facts->is_array()) return std::nullopt;
  for (const codec::Json& each : facts->get_array()) {
    if (each.at("name").get_string() != name) continue;
    const codec::Json* text = each.get_object().if_contains("text");
    return text == nullptr ? std::string() : std::string(text->get_string());
  }
  return std::nullopt;
}

void set_fact(object& document, std::string_view name, std::string_view text) {
  array kept;
  const codec::Json* facts = document.if_contains("facts");
  if (facts != nullptr && facts->is_array()) {
    for (const codec::Json& each : facts->get_array()) {
      if (each.at("name").get_string() != name) kept.push_back(each);
    }
  }
  if (!text.empty()) kept.push_back({{"name", name}, {"text", text}});
  set_or_erase(document, "facts", kept.empty() ? codec::Json() : codec::Json(std::move(kept)));
}

}  // namespace wardlock::directory
