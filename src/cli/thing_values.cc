#include "cli/thing_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/suggestion.h"
#include "cli/inputs.h"
#include "cli/thing_lookup.h"
#include "directory/model/moment.h"

namespace wardlock::cli {
namespace {

using boost::json::object;
using codec::Json;
using directory::Attribute;
using directory::Type;

std::string flag_of(const Attribute& attribute) {
  std::string flag = "--";
  for (const char c : attribute.name) {
    if (c >= 'A' && c <= 'Z') {
      flag += '-';
      flag += static_cast<char>(c - 'A' + 'a');
    } else {
      flag += c;
    }
  }
  return flag;
}

const char* placeholder_of(const Attribute& attribute) {
  switch (attribute.type) {
    case Type::kInteger: return "N";
    case Type::kBoolean: return "true|false";
    case Type::kTime: return "TIME";
    case Type::kReference: return "NAME";
    default: return "TEXT";
  }
}

bool has_option(const Attribute& attribute) {
  return attribute.type != Type::kComplex && !attribute.is_read_only;
}

Result<Json> read_json_value(const std::string& text) {
  auto json = codec::parse_json(text);
  if (!json) return std::unexpected(json.error().in("--set"));
  return std::move(*json);
}

/// What a path of `--set` names.
struct Place {
  const Attribute* attribute = nullptr;
  const Attribute* part = nullptr;
};

Result<Place> place_at(const directory::Schema& schema, const std::string& path) {
  const std::size_t dot = path.find('.');
  Place place{.attribute = directory::find_attribute(schema.attributes, path.substr(0, dot))};
  if (place.attribute != nullptr && dot != std::string::npos) {
    place.part = directory::find_attribute(place.attribute->parts, path.substr(dot + 1));
    if (place.part == nullptr) place.attribute = nullptr;
  }
  if (place.attribute != nullptr) return place;
  std::vector<std::string> names;
  for (const Attribute& each : schema.attributes) {
    names.emplace_back(each.name);
    for (const Attribute& part : each.parts) {
      names.push_back(fmt::format("{}.{}", each.name, part.name));
    }
  }
  return invalid(
      fmt::format("{} have no attribute `{}`{}", schema.plural, path, suggestion(path, names)));
}

/// The object that the parts of an attribute go to: of a list, its first.
object& object_at(object& out, const Attribute& attribute) {
  Json& value = out[attribute.name];
  if (!attribute.is_list) {
    if (!value.is_object()) value = object{};
    return value.get_object();
  }
  if (!value.is_array() || value.get_array().empty() || !value.get_array().front().is_object()) {
    value = boost::json::array{object{}};
  }
  return value.get_array().front().get_object();
}

Result<void> set_one(AdminClient& client, const directory::Schema& schema, const std::string& text,
                     object& out) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    return invalid(fmt::format("`{}` is not of the form PATH=VALUE", text));
  }
  const std::string value = text.substr(equals + 1);
  const Place place = TRY(place_at(schema, text.substr(0, equals)));
  if (place.part != nullptr) {
    Json read = TRY(read_value(client, *place.part, value));
    object_at(out, *place.attribute)[place.part->name] = std::move(read);
    return {};
  }
  Json read = value.starts_with('{') || value.starts_with('[')
                  ? TRY(read_json_value(value))
                  : TRY(read_value(client, *place.attribute, value));
  if (place.attribute->is_list && !read.is_array()) read = boost::json::array{std::move(read)};
  out[place.attribute->name] = std::move(read);
  return {};
}

}  // namespace

void add_value_options(CommandBuilder& command, const directory::Schema& schema,
                       ThingValues& values, const Attribute* skip) {
  values.values.resize(schema.attributes.size());
  values.lists.resize(schema.attributes.size());
  for (std::size_t i = 0; i < schema.attributes.size(); ++i) {
    const Attribute& attribute = schema.attributes[i];
    if (!has_option(attribute) || &attribute == skip) continue;
    const std::string flag = flag_of(attribute);
    const std::string about(attribute.about);
    if (attribute.is_list) {
      command.options_of_many(flag.c_str(), values.lists[i], placeholder_of(attribute),
                              about.c_str());
    } else {
      command.option(flag.c_str(), values.values[i], placeholder_of(attribute), about.c_str());
    }
  }
  command
      .options_of_many("--set", values.set, "PATH=VALUE",
                       "any attribute, or a part of one, e.g. name.familyName=Kim; JSON where it "
                       "begins with { or [")
      .option("--document", values.document, "FILE", "JSON file: attributes to begin with");
}

Result<std::string> read_time(const std::string& text) {
  constexpr std::size_t kDayLength = 10;
  std::string whole = text.size() == kDayLength ? text + "T00:00:00Z" : text;
  if (directory::parse_time(whole)) return whole;
  return invalid(
      fmt::format("`{}` is no time such as `2027-01-31` or `2027-01-31T08:00:00Z`", text));
}

Result<Json> read_value(AdminClient& client, const Attribute& attribute, const std::string& text) {
  switch (attribute.type) {
    case Type::kInteger: {
      std::int64_t number = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (error == std::errc() && end == text.data() + text.size()) return Json(number);
      return invalid(fmt::format("`{}` must be a whole number, not `{}`", attribute.name, text));
    }
    case Type::kBoolean:
      if (text == "true" || text == "false") return Json(text == "true");
      return invalid(fmt::format("`{}` must be `true` or `false`", attribute.name));
    case Type::kTime: return Json(TRY(read_time(text)));
    case Type::kReference: {
      const Json thing = TRY(find_thing(client, attribute.targets, text));
      return Json(text_of(thing, "id"));
    }
    case Type::kComplex:
      return invalid(fmt::format("`{}` has parts: give JSON, or one of them with `{}.PART=VALUE`",
                                 attribute.name, attribute.name));
    default: return Json(text);
  }
}

Result<object> read_values(AdminClient& client, const directory::Schema& schema,
                           const ThingValues& values) {
  object out;
  if (!values.document.empty()) {
    Json document = TRY(load_json(values.document));
    if (!document.is_object()) {
      return invalid(fmt::format("`{}` must hold a JSON object", values.document));
    }
    out = std::move(document.get_object());
  }
  for (std::size_t i = 0; i < values.values.size(); ++i) {
    const Attribute& attribute = schema.attributes[i];
    if (!values.values[i].empty()) {
      out[attribute.name] = TRY(read_value(client, attribute, values.values[i]));
    }
    boost::json::array list;
    for (const std::string& text : values.lists[i]) {
      list.push_back(TRY(read_value(client, attribute, text)));
    }
    if (!list.empty()) out[attribute.name] = std::move(list);
  }
  for (const std::string& text : values.set) TRY_VOID(set_one(client, schema, text, out));
  return out;
}

}  // namespace wardlock::cli
