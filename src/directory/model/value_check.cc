#include "directory/model/value_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "base/suggestion.h"
#include "base/utf8.h"
#include "directory/model/moment.h"

namespace wardlock::directory {
namespace {

using codec::Json;

std::string_view name_of(const Json& value) {
  switch (value.kind()) {
    case boost::json::kind::null: return "null";
    case boost::json::kind::bool_: return "a boolean";
    case boost::json::kind::string: return "a text";
    case boost::json::kind::array: return "a list";
    case boost::json::kind::object: return "an object";
    case boost::json::kind::double_: return "a number with a fraction, or one that is too large";
    default: return "an integer";
  }
}

bool is_absent(const Json& value) {
  if (const auto* array = value.if_array()) return array->empty();
  if (const auto* object = value.if_object()) return object->empty();
  return value.is_null();
}

std::string wanted(std::string_view what, const Json& value) {
  return fmt::format("must be {}, not {}", what, name_of(value));
}

/// `; it may be …` where only some values are allowed.
std::string choices_of(const Attribute& attribute) {
  if (attribute.choices.is_empty()) return "";
  return fmt::format("; it may be `{}`", fmt::join(attribute.choices.all(), "`, `"));
}

/// Puts the path back when what it leads to was read.
class Step {
 public:
  Step(std::string& path, std::string_view more) : path_(path), size_(path.size()) { path += more; }
  ~Step() { path_.resize(size_); }
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;

 private:
  std::string& path_;
  std::size_t size_;
};

std::vector<const Attribute*> by_name(std::span<const Attribute> attributes) {
  std::vector<const Attribute*> sorted;
  for (const Attribute& attribute : attributes) sorted.push_back(&attribute);
  std::ranges::sort(sorted, {}, &Attribute::name);
  return sorted;
}

}  // namespace

std::nullptr_t ValueCheck::fault(std::string message) {
  faults_.push_back({path_, std::move(message)});
  return nullptr;
}

void ValueCheck::add_unknown(std::span<const Attribute> attributes, std::string_view name) {
  std::vector<std::string> names;
  for (const Attribute& attribute : attributes) names.emplace_back(attribute.name);
  const Step step(path_, printable(name));
  const std::string near = suggestion(name, names);
  fault(fmt::format("is no attribute of {}{}", whose_,
                    near.empty() ? "; docs/formats/directory.md lists them" : near));
}

boost::json::object ValueCheck::object(std::span<const Attribute> attributes,
                                       const boost::json::object& object) {
  boost::json::object out;
  const Step step(path_, path_.empty() ? "" : ".");
  for (const Attribute* attribute : by_name(attributes)) {
    const Json* value = object.if_contains(attribute->name);
    const Step inner(path_, attribute->name);
    if (value != nullptr && !is_absent(*value)) {
      add_member(*attribute, *value, out);
    } else if (attribute->is_required) {
      fault(fmt::format("is missing: {}{}", attribute->about, choices_of(*attribute)));
    }
  }
  for (const auto& member : object) {
    if (find_attribute(attributes, member.key()) == nullptr) add_unknown(attributes, member.key());
  }
  return out;
}

void ValueCheck::add_member(const Attribute& attribute, const Json& value,
                            boost::json::object& out) {
  Json read = attribute.is_list ? list(attribute, value) : item(attribute, value);
  if (!is_absent(read)) out.emplace(attribute.name, std::move(read));
}

Json ValueCheck::list(const Attribute& attribute, const Json& value) {
  const auto* items = value.if_array();
  if (items == nullptr) return fault(wanted("a list", value));
  if (items->size() > kMaxItems) {
    return fault(fmt::format("has {} items; at most {} are kept", items->size(), kMaxItems));
  }
  boost::json::array out;
  for (std::size_t i = 0; i < items->size(); ++i) {
    const Step step(path_, fmt::format("[{}]", i));
    if (is_absent((*items)[i])) {
      fault("is empty");
    } else {
      out.push_back(item(attribute, (*items)[i]));
    }
  }
  check_items(attribute, out);
  return out;
}

/// No two are the same, and at most one is the primary one (RFC 7643 §2.4).
void ValueCheck::check_items(const Attribute& attribute, const boost::json::array& items) {
  std::set<std::string> seen;
  std::size_t primary = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Step step(path_, fmt::format("[{}]", i));
    const auto* object = items[i].if_object();
    const Json* key = &items[i];
    if (object != nullptr && !attribute.key.empty()) key = object->if_contains(attribute.key);
    if (key != nullptr && !key->is_null() && !seen.insert(codec::to_json_text(*key)).second) {
      fault("is there twice");
    }
    const Json* is_primary = object == nullptr ? nullptr : object->if_contains("primary");
    if (is_primary != nullptr && *is_primary == Json(true) && ++primary == 2) {
      fault("is `primary`, as one before it is; at most one may be");
    }
  }
}

Json ValueCheck::item(const Attribute& attribute, const Json& value) {
  switch (attribute.type) {
    case Type::kText: return text(attribute, value);
    case Type::kInteger: return integer(attribute, value);
    case Type::kBoolean:
      return value.is_bool() ? value : Json(fault(wanted("`true` or `false`", value)));
    case Type::kTime: return time(value);
    case Type::kReference: return reference(value);
    case Type::kIdentifier: return identifier(attribute, value);
    case Type::kComplex: break;
  }
  return complex(attribute, value);
}

bool ValueCheck::is_text_good(const Attribute& attribute, std::string_view text) {
  if (text.size() > static_cast<std::size_t>(most_of(attribute))) {
    fault(fmt::format("has {} bytes; at most {} are kept", text.size(), most_of(attribute)));
  } else if (find_invalid_utf8(text)) {
    fault("is not valid UTF-8");
  } else if (find_deceptive_character(text)) {
    fault("has a control character or one that changes the direction of writing; remove it");
  } else {
    return true;
  }
  return false;
}

Json ValueCheck::text(const Attribute& attribute, const Json& value) {
  const auto* text = value.if_string();
  if (text == nullptr) return fault(wanted("a text", value));
  if (text->empty()) return fault("is an empty text; leave it out instead");
  if (!is_text_good(attribute, *text)) return nullptr;
  if (!attribute.choices.is_empty() && !attribute.choices.contains(*text)) {
    return fault(fmt::format("is `{}`{}", std::string_view(*text), choices_of(attribute)));
  }
  return value;
}

Json ValueCheck::integer(const Attribute& attribute, const Json& value) {
  std::int64_t number = -1;
  if (const auto* small = value.if_int64()) {
    number = *small;
  } else if (!value.is_uint64()) {
    return fault(wanted("an integer", value));
  }
  if (number < 0 || number > most_of(attribute)) {
    return fault(fmt::format("must be from 0 to {}", most_of(attribute)));
  }
  return number;
}

Json ValueCheck::time(const Json& value) {
  const auto* text = value.if_string();
  if (text == nullptr) return fault(wanted("a time such as `2026-11-22T08:00:00Z`", value));
  const auto time = parse_time(*text);
  if (!time) return fault("is no time such as `2026-11-22T08:00:00Z` (RFC 3339)");
  return Json(to_time_text(*time));
}

Json ValueCheck::reference(const Json& value) {
  const auto* text = value.if_string();
  if (text == nullptr) return fault(wanted("the id of a thing", value));
  auto id = normalised(NaturalIdentifier::kUuid, *text, this_year_);
  if (!id) return fault("is no id of a thing: " + id.error().message);
  return Json(*id);
}

Json ValueCheck::identifier(const Attribute& attribute, const Json& value) {
  const auto* text = value.if_string();
  const std::string_view what = describe(attribute.identifier);
  if (text == nullptr) return fault(wanted(fmt::format("{}, a text", what), value));
  if (text->size() > static_cast<std::size_t>(most_of(attribute))) {
    return fault(
        fmt::format("has {} bytes; at most {} are kept", text->size(), most_of(attribute)));
  }
  if (find_invalid_utf8(*text)) return fault("is not valid UTF-8");
  auto normal = normalised(attribute.identifier, *text, this_year_);
  if (!normal) return fault(fmt::format("is not {}: {}", what, normal.error().message));
  return Json(*normal);
}

Json ValueCheck::complex(const Attribute& attribute, const Json& value) {
  const auto* members = value.if_object();
  if (members == nullptr) return fault(wanted("an object", value));
  const std::string_view outer = std::exchange(whose_, attribute.name);
  boost::json::object out = object(attribute.parts, *members);
  whose_ = outer;
  check_alternatives(attribute, out);
  return out;
}

void ValueCheck::check_alternatives(const Attribute& attribute, const boost::json::object& object) {
  if (attribute.one_of.is_empty()) return;
  const auto given = std::ranges::count_if(
      attribute.one_of.all(), [&](std::string_view part) { return object.contains(part); });
  if (given == 1) return;
  fault(fmt::format("must have one of `{}`, not {}", fmt::join(attribute.one_of.all(), "`, `"),
                    given == 0 ? "none" : "several"));
}

}  // namespace wardlock::directory
