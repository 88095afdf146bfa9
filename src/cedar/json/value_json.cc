#include "cedar/json/value_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <cstddef>
#include <limits>
#include <memory_resource>
#include <optional>
#include <vector>

#include "base/identifier.h"
#include "cedar/ast/names.h"
#include "cedar/extension/extension.h"
#include "cedar/json/escapes.h"
#include "cedar/json/fields.h"
#include "cedar/json/path.h"

namespace wardlock::cedar {
namespace {

using codec::Json;
using JsonObject = boost::json::object;

/// The JSON for a message, cut short.
std::string excerpt(const Json& json) {
  constexpr std::size_t kMaxBytes = 60;
  if (const auto* array = json.if_array(); array && array->size() > 4) return "an array";
  if (const auto* object = json.if_object(); object && object->size() > 4) return "an object";
  std::string text = boost::json::serialize(json);
  if (text.size() > kMaxBytes) return json.is_string() ? "a long string" : "a large value";
  return fmt::format("`{}`", text);
}

bool is_extension(Kind kind) {
  return kind == Kind::kDecimal || kind == Kind::kIp || kind == Kind::kDatetime ||
         kind == Kind::kDuration;
}

/// The constructor of an extension type.
ExtensionFunction constructor_of(Kind kind) {
  switch (kind) {
    case Kind::kDecimal: return ExtensionFunction::kDecimal;
    case Kind::kIp: return ExtensionFunction::kIp;
    case Kind::kDatetime: return ExtensionFunction::kDatetime;
    default: return ExtensionFunction::kDuration;
  }
}

/// The type of a function's argument; all functions of a type take that type first.
Type argument_type(ExtensionFunction function, std::size_t index) {
  using enum ExtensionFunction;
  switch (function) {
    case kDecimal:
    case kIp:
    case kDatetime:
    case kDuration: return {Kind::kString};
    case kLessThan:
    case kLessThanOrEqual:
    case kGreaterThan:
    case kGreaterThanOrEqual: return {Kind::kDecimal};
    case kIsIpv4:
    case kIsIpv6:
    case kIsLoopback:
    case kIsMulticast:
    case kIsInRange: return {Kind::kIp};
    case kOffset: return {index == 0 ? Kind::kDatetime : Kind::kDuration};
    case kDurationSince:
    case kToDate:
    case kToTime: return {Kind::kDatetime};
    case kToMilliseconds:
    case kToSeconds:
    case kToMinutes:
    case kToHours:
    case kToDays: return {Kind::kDuration};
  }
  return {Kind::kString};
}

/// The parts of a set or a record until it is made: on the stack while they are few.
template <typename T>
struct Gathered {
  static constexpr std::size_t kFew = 8;

  Gathered(Arena& arena, std::size_t count)
      : memory(few.data(), few.size(), arena.resource()), parts(&memory) {
    parts.reserve(count);
  }

  alignas(T) std::array<std::byte, kFew * sizeof(T)> few;
  std::pmr::monotonic_buffer_resource memory;
  std::pmr::vector<T> parts;
};

class ValueReader {
 public:
  ValueReader(Arena& arena, const ValueJsonOptions& options) : arena_(arena), options_(options) {}

  Result<Value> read(const Json& json, const Type* expected, const JsonPath& place) {
    if (depth_ > options_.max_depth) {
      return place.invalid(fmt::format("nested more than {} deep", options_.max_depth));
    }
    ++depth_;
    Result<Value> value = read_here(json, expected, place);
    --depth_;
    return value;
  }

  Result<const EntityUid*> read_uid(const Json& json, const JsonPath& place) {
    if (const auto* object = json.if_object()) {
      if (is_expr_escape(*object)) return no_expr(place);
      auto uid = as_type_and_id(object->if_contains("__entity"));
      if (!uid) uid = as_type_and_id(&json);
      if (uid) return make(*uid, place);
    }
    return place.invalid(
        fmt::format("an entity is expected, such as `{{\"type\":\"User\","
                    "\"id\":\"alice\"}}`, and {} stands here",
                    excerpt(json)));
  }

 private:
  Result<Value> read_here(const Json& json, const Type* expected, const JsonPath& place) {
    if (expected != nullptr) {
      if (expected->kind == Kind::kEntity) {
        return Value::entity(TRY(read_uid(json, place)));
      }
      if (json.is_null()) return place.invalid("null is no value in Cedar");
      if (is_extension(expected->kind)) return read_extension(json, expected->kind, place);
      if (expected->kind == Kind::kSet) return read_expected_set(json, *expected, place);
      if (expected->kind == Kind::kRecord) return read_expected_record(json, *expected, place);
    }
    return read_untyped(json, place);
  }

  static std::unexpected<Error> no_expr(const JsonPath& place) {
    return place.invalid("`__expr` is no longer read; use `__entity`, `__extn` or plain JSON");
  }

  Result<const EntityUid*> make(const TypeAndId& uid, const JsonPath& place) {
    if (!is_name(uid.type)) {
      return place.invalid(fmt::format("`{}` is no name of an entity type", uid.type));
    }
    if (options_.checks_ids) {
      if (const auto fault = find_identifier_fault(uid.id)) {
        return place.invalid(fmt::format("the entity's id {}", *fault));
      }
    }
    if (options_.make_uid) return options_.make_uid(uid.type, uid.id);
    return make_uid(arena_, uid.type, uid.id);
  }

  Result<Value> read_untyped(const Json& json, const JsonPath& place) {
    switch (json.kind()) {
      case boost::json::kind::null: return place.invalid("null is no value in Cedar");
      case boost::json::kind::bool_: return Value::boolean(json.get_bool());
      case boost::json::kind::int64: return Value::integer(json.get_int64());
      case boost::json::kind::uint64: return read_large(json.get_uint64(), place);
      case boost::json::kind::double_:
        return place.invalid(
            "Cedar has no such number: only integers of 64 bits, written without "
            "fraction or exponent");
      case boost::json::kind::string: return Value::string(arena_.copy(view(json.get_string())));
      case boost::json::kind::array: return read_set(json.get_array(), nullptr, place);
      case boost::json::kind::object: return read_untyped_object(json.get_object(), place);
    }
    return place.invalid("unknown kind of JSON");
  }

  static Result<Value> read_large(std::uint64_t number, const JsonPath& place) {
    if (number > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) {
      return place.invalid(fmt::format("{} is out of range: the largest long is {}", number,
                                       std::numeric_limits<std::int64_t>::max()));
    }
    return Value::integer(static_cast<std::int64_t>(number));
  }

  Result<Value> read_untyped_object(const JsonObject& object, const JsonPath& place) {
    if (options_.escapes_count) {
      if (is_expr_escape(object)) return no_expr(place);
      if (const auto uid = as_type_and_id(only_member(object, "__entity"))) {
        return Value::entity(TRY(make(*uid, place)));
      }
      if (const auto call = as_call(only_member(object, "__extn"))) {
        return evaluate(*call, /*is_guided=*/false, place);
      }
    }
    Gathered<Field> gathered(arena_, object.size());
    auto& fields = gathered.parts;
    for (const auto& member : object) {
      if (member.value().is_null() && options_.null_is_absent) continue;
      const std::string_view name = member.key();
      fields.push_back(
          {arena_.copy(name), TRY(read(member.value(), nullptr, JsonPath(place, name)))});
    }
    return make_record(arena_, fields);
  }

  Result<Value> read_set(const boost::json::array& array, const Type* element,
                         const JsonPath& place) {
    Gathered<Value> gathered(arena_, array.size());
    auto& members = gathered.parts;
    for (const Json& member : array) {
      members.push_back(TRY(read(member, element, JsonPath(place, members.size()))));
    }
    return make_set(arena_, members);
  }

  Result<Value> read_expected_set(const Json& json, const Type& type, const JsonPath& place) {
    if (const auto* array = json.if_array()) return read_set(*array, type.element, place);
    return place.invalid(
        fmt::format("a {} is expected, and {} stands here", to_string(type), excerpt(json)));
  }

  Result<Value> read_expected_record(const Json& json, const Type& type, const JsonPath& place) {
    const auto* object = json.if_object();
    if (object == nullptr) {
      return place.invalid(fmt::format("a record is expected, and {} stands here", excerpt(json)));
    }
    Gathered<Field> gathered(arena_, object->size());
    auto& fields = gathered.parts;
    for (const auto& member : *object) {
      const std::string_view name = member.key();
      const Attribute* attribute = type.find_attribute(name);
      if (attribute == nullptr) {
        return JsonPath(place, name).invalid("the schema declares no such attribute");
      }
      if (member.value().is_null() && options_.null_is_absent) continue;
      fields.push_back(
          {arena_.copy(name), TRY(read(member.value(), attribute->type, JsonPath(place, name)))});
    }
    const Value record = make_record(arena_, fields);
    for (const Attribute& attribute : type.attributes) {
      if (attribute.is_required && find_field(record.as_record(), attribute.name) == nullptr) {
        return JsonPath(place, attribute.name).invalid("this required attribute is missing");
      }
    }
    return record;
  }

  /// An explicit call (with or without `__extn`), or the argument of the type's constructor.
  Result<Value> read_extension(const Json& json, Kind kind, const JsonPath& place) {
    if (const auto* object = json.if_object()) {
      if (is_expr_escape(*object)) return no_expr(place);
      auto call = as_call(object->if_contains("__extn"));
      if (!call) call = as_call(&json);
      if (call) return evaluate(*call, /*is_guided=*/true, place);
    }
    if (!json.is_string()) {
      return place.invalid(fmt::format("{} is expected, as a string, and {} stands here",
                                       to_string(kind), excerpt(json)));
    }
    const Value argument = Value::string(arena_.copy(view(json.get_string())));
    return call_function(constructor_of(kind), std::span(&argument, 1), place);
  }

  Result<Value> evaluate(const CallEscape& call, bool is_guided, const JsonPath& place) {
    const auto function = find_extension_function(call.function);
    if (!function) {
      return place.invalid(fmt::format("there is no extension function `{}`", call.function));
    }
    Gathered<Value> gathered(arena_, call.arguments.size());
    auto& arguments = gathered.parts;
    for (const Json* argument : call.arguments) {
      const Type type = argument_type(*function, arguments.size());
      arguments.push_back(
          TRY(read(*argument, is_guided ? &type : nullptr, JsonPath(place, "arg"))));
    }
    return call_function(*function, arguments, place);
  }

  Result<Value> call_function(ExtensionFunction function, std::span<const Value> arguments,
                              const JsonPath& place) {
    auto value = call_extension(function, arguments, arena_);
    if (!value) return place.invalid(value.error().message);
    return value;
  }

  Arena& arena_;
  const ValueJsonOptions& options_;
  std::size_t depth_ = 0;
};

Json escape(std::string_view key, Json content) {
  JsonObject object;
  object.emplace(key, std::move(content));
  return object;
}

Json extension_call(std::string_view function, std::string_view argument) {
  JsonObject call;
  call.emplace("fn", function);
  call.emplace("arg", argument);
  return escape("__extn", std::move(call));
}

/// `name("argument")` as an escape.
Json constructor_to_json(std::string_view text) {
  const std::size_t open = text.find("(\"");
  return extension_call(text.substr(0, open), text.substr(open + 2, text.size() - open - 4));
}

/// A datetime that has no literal is an offset from one.
Json datetime_to_json(const Value& value) {
  const std::string text = to_text(value);
  if (!text.contains(".offset(")) return constructor_to_json(text);
  JsonObject call;
  call.emplace("fn", "offset");
  boost::json::array arguments;
  arguments.push_back(extension_call("datetime", "1970-01-01"));
  arguments.push_back(extension_call("duration", fmt::format("{}ms", value.as_scaled())));
  call.emplace("args", std::move(arguments));
  return escape("__extn", std::move(call));
}

Result<Json> record_to_json(std::span<const Field> fields) {
  JsonObject object;
  for (const Field& field : fields) {
    if (field.name == "__entity" || field.name == "__extn" || field.name == "__expr") {
      return invalid(
          fmt::format("a record with the field `{}` cannot be written as JSON: it would "
                      "be read as an escape",
                      field.name));
    }
    object.emplace(field.name, TRY(value_to_json(field.value)));
  }
  return object;
}

}  // namespace

Result<Value> value_from_json(const Json& json, const Type* expected, Arena& arena,
                              std::string_view where, const ValueJsonOptions& options) {
  return ValueReader(arena, options).read(json, expected, JsonPath(where));
}

Result<const EntityUid*> uid_from_json(const Json& json, Arena& arena, std::string_view where,
                                       const ValueJsonOptions& options) {
  return ValueReader(arena, options).read_uid(json, JsonPath(where));
}

Json uid_to_json(const EntityUid& uid) {
  JsonObject object;
  object.emplace("type", uid.type);
  object.emplace("id", uid.id);
  return object;
}

Result<Json> value_to_json(const Value& value) {
  switch (value.kind()) {
    case Kind::kBool: return Json(value.as_bool());
    case Kind::kLong: return Json(value.as_long());
    case Kind::kString: return Json(boost::json::string(value.as_string()));
    case Kind::kEntity: return escape("__entity", uid_to_json(value.as_entity()));
    case Kind::kDecimal:
    case Kind::kDuration:
    case Kind::kIp: return constructor_to_json(to_text(value));
    case Kind::kDatetime: return datetime_to_json(value);
    case Kind::kRecord: return record_to_json(value.as_record());
    case Kind::kSet: {
      boost::json::array array;
      for (const Value& member : value.as_set()) array.push_back(TRY(value_to_json(member)));
      return array;
    }
  }
  return Json(nullptr);
}

}  // namespace wardlock::cedar
