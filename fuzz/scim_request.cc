// Bodies of SCIM's requests: read as whatever they may be, for every type of resources. A plan of a
// bulk request has each operation once, after those that it refers to.
#include <algorithm>
#include <vector>

#include "api/scim/bulk.h"
#include "api/scim/bulk_plan.h"
#include "api/scim/patch.h"
#include "api/scim/resource.h"
#include "api/scim/search_request.h"
#include "base/check.h"

using namespace wardlock;
using namespace wardlock::scim;

namespace {

void check_plan(const BulkPlan& plan) {
  std::vector<std::size_t> unit_of(plan.operations.size(), SIZE_MAX);
  for (std::size_t unit = 0; unit < plan.units.size(); ++unit) {
    for (const std::size_t operation : plan.units[unit]) {
      CHECK(unit_of.at(operation) == SIZE_MAX);
      unit_of[operation] = unit;
    }
  }
  for (std::size_t i = 0; i < plan.operations.size(); ++i) {
    CHECK(unit_of[i] != SIZE_MAX);
    for (const std::size_t need : plan.operations[i].needs) CHECK(unit_of[need] <= unit_of[i]);
  }
}

void read_as(const ResourceType& type, const codec::Json& body) {
  const auto sent = read_resource(type, body.as_object());
  CHECK(sent || !sent.error().detail.empty());
  const auto operations = parse_patch(body);
  if (!operations) return;
  const boost::json::object before = {{"schemas", {type.core}}, {"displayName", "x"}};
  const auto after = apply_patch(before, *operations, traits_of(type));
  if (!after) return;
  const auto read = read_resource(type, *after);
  CHECK(read || !read.error().detail.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto body = codec::parse_json(text, {.max_bytes = 1 << 20, .max_depth = 32});
  if (!body || !body->is_object()) return 0;
  const auto plan = read_bulk(*body, kMaxBulkOperations);
  if (plan) check_plan(*plan);
  const auto search = read_search_body(*body);
  CHECK(search || !search.error().detail.empty());
  for (std::size_t i = 0; i < directory::kKinds; ++i) {
    read_as(resource_type(static_cast<directory::Kind>(i)), *body);
  }
  return 0;
}
