// SCIM's filters and paths of PATCH: what is read is printed and read again as the same, and what
// is matched or changed by it bears whatever they say.
#include "api/scim/filter.h"
#include "api/scim/patch.h"
#include "base/check.h"

using namespace wardlock;
using namespace wardlock::scim;

namespace {

const boost::json::object& user() {
  static const codec::Json json =
      codec::parse_json(R"({"userName": "b", "active": true, "count": 3, "name": {"a": "x"},
                            "emails": [{"value": "b@x", "primary": true}, {"value": "c"}, "s"],
                            "urn:x": {"y": [1, null, "z"]}})")
          .value();
  return json.as_object();
}

/// A schema in which every attribute exists, and its length says what it is like.
std::optional<AttributeTraits> traits(const AttributePath& path) {
  const std::string& name = path.sub_attribute.empty() ? path.attribute : path.sub_attribute;
  return AttributeTraits{.name = name,
                         .container = path.schema,
                         .is_multi_valued = name.size() % 2 == 0,
                         .is_complex = name.size() % 3 != 0,
                         .is_read_only = name.size() == 11,
                         .is_required = name.size() == 7};
}

void patch_at(std::string_view path) {
  for (const char* op : {"add", "replace", "remove"}) {
    const codec::Json body = boost::json::object{
        {"schemas", {"urn:ietf:params:scim:api:messages:2.0:PatchOp"}},
        {"Operations",
         boost::json::array{boost::json::object{
             {"op", op}, {"path", path}, {"value", {{"value", "v"}, {"primary", true}}}}}}};
    const auto operations = parse_patch(body);
    if (!operations) {
      CHECK(!operations.error().message.empty());
      continue;
    }
    const auto changed = apply_patch(user(), *operations, traits);
    CHECK(changed || !changed.error().message.empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  patch_at(text);
  const auto filter = parse_filter(text);
  if (!filter) {
    CHECK(filter.error().type == ErrorType::kInvalidFilter && !filter.error().message.empty());
    return 0;
  }
  const std::string printed = to_string(*filter);
  const auto again = parse_filter(printed, {.max_bytes = SIZE_MAX, .max_depth = 200});
  CHECK(again && to_string(*again) == printed);
  CHECK(matches(*again, user()) == matches(*filter, user()));
  return 0;
}
