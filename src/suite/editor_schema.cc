#include <initializer_list>
#include <span>

#include "base/check.h"
#include "suite/key.h"
#include "suite/report.h"

namespace wardlock::suite {
namespace {

using boost::json::array;
using boost::json::object;
using codec::Json;

Json parsed(std::string_view schema) {
  auto json = codec::parse_json(schema);
  CHECK(json.has_value());
  return *std::move(json);
}

object map_of(std::initializer_list<std::span<const Key>> groups,
              std::initializer_list<std::string_view> required = {}) {
  object properties;
  for (const auto& keys : groups) {
    for (const Key& key : keys) {
      object value = parsed(key.schema).as_object();
      value["description"] = key.description;
      properties[key.name] = std::move(value);
    }
  }
  object out{
      {"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
  if (required.size() == 0) return out;
  array names;
  for (const std::string_view name : required) names.emplace_back(name);
  out["required"] = std::move(names);
  return out;
}

Json either(object map) { return {{"anyOf", {{{"type", "string"}}, std::move(map)}}}; }

}  // namespace

Json editor_schema() {
  const Key expect{"expect", R"({"$ref":"#/$defs/expect"})", "What the answer must be."};
  object out = map_of({suite_keys()}, {"tests"});
  out["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  out["title"] = "Wardlock policy tests (*.test.yaml)";
  out["$defs"] = {{"described", either(map_of({described_keys()}, {"type", "id"}))},
                  {"action", either(map_of({action_keys()}, {"name"}))},
                  {"authentication", either(map_of({authentication_keys()}, {"level"}))},
                  {"request", map_of({asked_keys().subspan(1)})},
                  {"entity", map_of({entity_keys()})},
                  {"expect", either(map_of({expected_keys()}))},
                  {"defaults", map_of({asked_keys(), std::span(&expect, 1)})},
                  {"test", map_of({group_keys(), asked_keys()}, {"name"})},
                  {"excuse", map_of({excuse_keys()}, {"policy", "reason"})}};
  return out;
}

}  // namespace wardlock::suite
