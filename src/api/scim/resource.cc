#include "api/scim/resource.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/scim/members.h"
#include "base/utf8.h"
#include "directory/identifier/uuid7.h"

namespace wardlock::scim {
namespace {

using boost::json::array;
using boost::json::object;
using codec::Json;
using directory::Attribute;
using directory::ScimSchema;
using directory::Type;

using boost::json::storage_ptr;

Json as_reference(Json id, const storage_ptr& memory) {
  object reference(memory);
  reference.emplace("value", std::move(id));
  return Json(std::move(reference));
}

Json to_scim(const Attribute& attribute, Json value, const storage_ptr& memory) {
  if (attribute.type != Type::kReference) return value;
  if (!value.is_array()) return as_reference(std::move(value), memory);
  array out(memory);
  for (Json& each : value.as_array()) out.push_back(as_reference(std::move(each), memory));
  return Json(std::move(out));
}

/// Some provisioning clients write truth values as texts: `"False"`.
Json truth_of(const Json& value) {
  if (!value.is_string()) return value;
  if (is_same_name(value.as_string(), "true")) return true;
  if (is_same_name(value.as_string(), "false")) return false;
  return value;
}

const Attribute* find_part(const Attribute& attribute, std::string_view name) {
  const auto found = std::ranges::find_if(
      attribute.parts, [&](const Attribute& part) { return is_same_name(part.name, name); });
  return found == attribute.parts.end() ? nullptr : &*found;
}

/// As documents have it. What is wrong with it is for the directory to say.
Json from_scim(const Attribute& attribute, const Json& value) {
  if (value.is_array()) {
    array out;
    for (const Json& each : value.as_array()) out.push_back(from_scim(attribute, each));
    return out;
  }
  switch (attribute.type) {
    case Type::kBoolean: return truth_of(value);
    case Type::kReference: {
      const auto id = id_in(value);
      return id ? Json(*id) : value;
    }
    case Type::kComplex: {
      if (!value.is_object()) return value;
      object out;
      for (const auto& member : value.as_object()) {
        const Attribute* part = find_part(attribute, member.key());
        if (part == nullptr) {
          out[member.key()] = member.value();
        } else {
          out[part->name] = from_scim(*part, member.value());
        }
      }
      return out;
    }
    default: return value;
  }
}

class Reader {
 public:
  explicit Reader(const ResourceType& type) : type_(type) {}

  Answered<SentResource> read(const object& sent) {
    for (const auto& member : sent) TRY_VOID(read_member("", member.key(), member.value()));
    return std::move(read_);
  }

 private:
  Answered<void> read_member(std::string_view schema, std::string_view key, const Json& value) {
    if (schema.empty() && value.is_object() && is_extension(key)) {
      for (const auto& member : value.as_object()) {
        TRY_VOID(read_member(key, member.key(), member.value()));
      }
      return {};
    }
    auto path = parse_attribute_path(key);
    if (!path) return refused(400, to_string(ErrorType::kInvalidSyntax), path.error().message);
    if (path->schema.empty()) path->schema = schema;
    const auto named = find_named(type_, *path);
    if (!named || named->part != nullptr || !named->sub.empty()) {
      return refused(400, to_string(ErrorType::kInvalidValue), no_such_attribute(type_, *path));
    }
    return take(*named, value);
  }

  bool is_extension(std::string_view key) const {
    return (!type_.own.empty() && is_same_name(key, type_.own)) ||
           (!type_.enterprise.empty() && is_same_name(key, type_.enterprise));
  }

  Answered<void> take(const Named& named, const Json& value) {
    if (value.is_null()) return {};
    switch (named.what) {
      case Named::What::kAttribute: {
        if (named.attribute->is_read_only) return {};
        read_.document[named.attribute->name] = from_scim(*named.attribute, value);
        return {};
      }
      case Named::What::kLinks:
        if (named.links->is_writable) read_.links.push_back({named.links, value});
        return {};
      case Named::What::kActive: {
        const Json truth = truth_of(value);
        if (!truth.is_bool()) return must_be("active", "true or false");
        read_.active = truth.as_bool();
        return {};
      }
      case Named::What::kState:
        if (!value.is_string()) return must_be("state", "a text");
        read_.state = value.as_string();
        return {};
      case Named::What::kId:
      case Named::What::kSchemas:
      case Named::What::kMeta: break;
    }
    return {};
  }

  static std::unexpected<Refusal> must_be(std::string_view name, std::string_view what) {
    return refused(400, to_string(ErrorType::kInvalidValue),
                   fmt::format("`{}` must be {}", name, what));
  }

  const ResourceType& type_;
  SentResource read_;
};

}  // namespace

std::string etag_of(const directory::Thing& thing) {
  return fmt::format("W/\"{}\"", thing.version);
}

object to_resource(const ResourceType& type, const directory::Thing& thing, object document,
                   const storage_ptr& memory) {
  object out(memory);
  out.reserve(type.schema->attributes.size() + type.links.size() + 4);
  array schemas({type.core}, memory);
  out.emplace("schemas", nullptr);
  out.emplace("id", thing.id);
  object enterprise(memory);
  object own(memory);
  for (const Attribute& attribute : type.schema->attributes) {
    Json* value = document.if_contains(attribute.name);
    if (value == nullptr) continue;
    object& into = attribute.scim == ScimSchema::kEnterprise ? enterprise
                   : attribute.scim == ScimSchema::kOwn      ? own
                                                             : out;
    into.emplace(attribute.name, to_scim(attribute, std::move(*value), memory));
  }
  if (type.kind == directory::Kind::kPerson) {
    const directory::State* state = find_state(*type.schema, thing.state);
    out.emplace("active", state != nullptr && state->is_in_force);
  }
  (type.own.empty() ? out : own).emplace("state", thing.state);
  if (!enterprise.empty()) {
    schemas.emplace_back(type.enterprise);
    out.emplace(type.enterprise, std::move(enterprise));
  }
  if (!own.empty()) {
    schemas.emplace_back(type.own);
    out.emplace(type.own, std::move(own));
  }
  out["schemas"] = std::move(schemas);
  return out;
}

Answered<SentResource> read_resource(const ResourceType& type, const object& sent) {
  return Reader(type).read(sent);
}

Answered<void> check_schemas(const ResourceType& type, const object& sent) {
  const Json* schemas = find_member(sent, "schemas");
  bool has_core = false;
  if (schemas != nullptr && schemas->is_array()) {
    for (const Json& each : schemas->as_array()) {
      const std::string_view urn = each.is_string() ? std::string_view(each.as_string()) : "";
      const bool is_core = is_same_name(urn, type.core);
      has_core = has_core || is_core;
      const bool is_known =
          is_core ||
          (!urn.empty() && (is_same_name(urn, type.own) || is_same_name(urn, type.enterprise)));
      if (is_known) continue;
      return refused(400, to_string(ErrorType::kInvalidSyntax),
                     fmt::format("{} have no schema `{}`", type.schema->plural, printable(urn)));
    }
  }
  if (has_core) return {};
  return refused(400, to_string(ErrorType::kInvalidSyntax),
                 fmt::format("`schemas` has to hold `{}`", type.core));
}

std::optional<std::string> id_in(const Json& value) {
  if (value.is_string()) return std::string(value.as_string());
  if (!value.is_object()) return std::nullopt;
  const Json* id = find_member(value.as_object(), "value");
  if (id != nullptr && id->is_string()) return std::string(id->as_string());
  const Json* uri = find_member(value.as_object(), "$ref");
  if (uri == nullptr || !uri->is_string()) return std::nullopt;
  const std::string_view text = uri->as_string();
  return std::string(text.substr(text.rfind('/') + 1));
}

bool is_id(std::string_view text) { return directory::uuid7_time(text).has_value(); }

std::chrono::year year_of(std::int64_t time_ms) {
  const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(time_ms)};
  return std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(time)).year();
}

}  // namespace wardlock::scim
