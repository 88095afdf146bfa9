// Entities JSON, without and with a schema: reads or says why not.
#include "cedar/entities/entities_json.h"
#include "base/check.h"
#include "cedar/schema/schema.h"

using namespace wardlock;

namespace {

cedar::Schema make_schema() {
  auto schema = cedar::parse_schema(R"(
    entity Group in [Group];
    entity Colour enum ["red", "blue"];
    entity User in [Group] = {
      n?: Long, s?: String, b?: Bool, e?: User, c?: Colour, set?: Set<User>, r?: { x: ipaddr, y?: decimal },
      t?: datetime, d?: duration,
    } tags Set<String>;
    action all;
    action v in [all] appliesTo { principal: User, resource: User, context: { at?: ipaddr } };
  )");
  CHECK(schema);
  return std::move(*schema);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const cedar::Schema schema = make_schema();
  const auto json = codec::parse_json({reinterpret_cast<const char*>(data), size});
  if (!json) return 0;
  for (const cedar::Schema* with : {static_cast<const cedar::Schema*>(nullptr), &schema}) {
    const auto entities = cedar::entities_from_json(*json, with);
    CHECK(entities || !entities.error().message.empty());
    Arena arena;
    const cedar::EntityUid* action = cedar::make_uid(arena, "Action", "v");
    const auto context = cedar::context_from_json(arena, *json, with, action);
    CHECK(!context || context->is(cedar::Kind::kRecord));
  }
  return 0;
}
