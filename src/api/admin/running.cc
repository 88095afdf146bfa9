#include "api/admin/running.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "api/admin/thing_json.h"
#include "api/admin/things.h"
#include "base/suggestion.h"
#include "base/utf8.h"
#include "directory/identifier/version_number.h"

namespace wardlock::admin {
namespace {

using administration::Deed;
using boost::json::array;
using boost::json::object;
using directory::Condition;
using directory::Kind;
using directory::Running;
using directory::Thing;

constexpr std::size_t kUsualCount = 100;
constexpr std::string_view kInService = "inService";

/// Who asks may read the module, its versions and devices.
Answered<Thing> readable_module(const Asked& asked) {
  Thing module = TRY(named_thing(asked));
  TRY_VOID(asked.errand.gate.check(Deed::kRead, module));
  TRY_VOID(asked.errand.gate.check(Deed::kRead, Kind::kModuleVersion));
  TRY_VOID(asked.errand.gate.check(Deed::kRead, Kind::kDevice));
  return module;
}

std::string text_at(const Thing& thing, std::string_view name) {
  const codec::Json* const value = thing.document.json().if_contains(name);
  return value == nullptr || !value->is_string() ? "" : std::string(value->get_string());
}

directory::Filter of_module(const Thing& module) {
  return {
      .parts = {Condition{
          .path = "module", .comparison = directory::Comparison::kEqual, .operand = module.id}}};
}

/// What the versions of a module are called, by their ids.
using Versions = std::map<std::string, std::string>;

Result<Versions> all_versions(const Asked& asked, const Thing& module) {
  Versions versions;
  directory::Query query{.filter = of_module(module), .count = directory::kMaxPageSize};
  do {
    directory::Page page =
        TRY(asked.errand.registry.list(asked.tenant(), Kind::kModuleVersion, query));
    for (const Thing& version : page.things) versions[version.id] = text_at(version, "version");
    query.cursor = std::move(page.next);
  } while (!query.cursor.empty());
  return versions;
}

Result<void> keep_exact(std::string_view wanted, Versions& versions) {
  std::vector<std::string> names;
  for (const auto& [id, name] : versions) names.push_back(name);
  std::erase_if(versions, [&](const auto& version) { return version.second != wanted; });
  if (!versions.empty()) return {};
  return fail(ErrorCode::kNotFound, fmt::format("the module has no version `{}`{}",
                                                printable(wanted), suggestion(wanted, names)));
}

/// Returns those of which nobody can say whether they are below it.
Result<array> keep_below(std::string_view wanted, Versions& versions) {
  if (!directory::is_ordered_version(wanted)) {
    return invalid(
        fmt::format("`{}` is no version that others are below or above: it must be numbers with "
                    "dots between them, such as `2.1.0` or `2.1.0-rc.1`",
                    printable(wanted)));
  }
  array not_compared;
  std::erase_if(versions, [&](const auto& version) {
    const auto order = directory::compare_versions(version.second, wanted);
    if (!order) not_compared.emplace_back(version.second);
    return !order || *order >= 0;
  });
  return not_compared;
}

Answered<std::string> state_of(const Asked& asked) {
  std::string state(asked.parameter("state"));
  const directory::Schema& schema = directory::schema_of(Kind::kDevice);
  if (state.empty() || directory::find_state(schema, state) != nullptr) return state;
  std::vector<std::string> names;
  for (const directory::State& each : schema.states) names.emplace_back(each.name);
  return invalid(fmt::format("devices have no state `{}`{}; their states are `{}`",
                             printable(state), suggestion(state, names), fmt::join(names, "`, `")));
}

/// Where the page before ended: `VERSION.DEVICE`.
Answered<Running> place_of(std::string_view cursor) {
  const std::size_t dot = cursor.find('.');
  if (cursor.empty()) return Running{};
  if (dot == std::string_view::npos) return invalid("the cursor is of another list; begin anew");
  return Running{.version = std::string(cursor.substr(0, dot)),
                 .device = std::string(cursor.substr(dot + 1))};
}

/// A device that went meanwhile is not there.
Result<array> items_of(const Asked& asked, const std::vector<Running>& found,
                       const Versions& versions) {
  std::vector<std::string> ids;
  for (const Running& each : found) ids.push_back(each.device);
  std::map<std::string, Thing> devices;
  for (Thing& device : TRY(asked.errand.registry.find_all(asked.tenant(), ids))) {
    const std::string id = device.id;
    devices.emplace(id, std::move(device));
  }
  array items;
  for (const Running& each : found) {
    const auto device = devices.find(each.device);
    if (device == devices.end()) continue;
    items.push_back(object{{"version", versions.at(each.version)},
                           {"versionId", each.version},
                           {"device", to_json(device->second, false)}});
  }
  return items;
}

}  // namespace

Answered<void> list_versions(const Asked& asked, net::HttpResponse& response) {
  const Thing module = TRY(readable_module(asked));
  directory::Query query{.filter = of_module(module), .sort_by = "version"};
  query.cursor = asked.parameter("cursor");
  query.count = TRY(asked.number("count", kUsualCount, directory::kMaxPageSize));
  const directory::Page page =
      TRY(asked.errand.registry.list(asked.tenant(), Kind::kModuleVersion, query));
  std::vector<std::string> ids;
  for (const Thing& version : page.things) ids.push_back(version.id);
  struct Count {
    std::uint64_t in_service = 0;
    std::uint64_t all = 0;
  };
  std::map<std::string, Count> counts;
  for (const auto& count : TRY(asked.errand.registry.count_running(asked.tenant(), ids))) {
    counts[count.version].all += count.devices;
    if (count.state == kInService) counts[count.version].in_service += count.devices;
  }
  array items;
  for (const Thing& version : page.things) {
    items.push_back(object{{"id", version.id},
                           {"version", text_at(version, "version")},
                           {"state", version.state},
                           {"inService", counts[version.id].in_service},
                           {"devices", counts[version.id].all}});
  }
  object out{{"items", std::move(items)}};
  if (!page.next.empty()) out["next"] = page.next;
  write_json(out, response);
  return {};
}

Answered<void> list_running(const Asked& asked, net::HttpResponse& response) {
  const Thing module = TRY(readable_module(asked));
  const std::string_view exact = asked.parameter("version");
  const std::string_view below = asked.parameter("below");
  if (!exact.empty() && !below.empty()) return invalid("give `version` or `below`, not both");
  const std::string state = TRY(state_of(asked));
  const std::size_t count = TRY(asked.number("count", kUsualCount, directory::kMaxPageSize));
  if (count == 0) return invalid("`count` must be at least 1: a page of nothing never ends");
  const Running after = TRY(place_of(asked.parameter("cursor")));
  Versions versions = TRY(all_versions(asked, module));
  array not_compared;
  if (!exact.empty()) TRY_VOID(keep_exact(exact, versions));
  if (!below.empty()) not_compared = TRY(keep_below(below, versions));
  std::vector<std::string> ids;
  for (const auto& [id, name] : versions) ids.push_back(id);
  auto found = TRY(asked.errand.registry.running(asked.tenant(), ids, state, after, count + 1));
  const bool is_last = found.size() <= count;
  if (!is_last) found.pop_back();
  object out{{"items", TRY(items_of(asked, found, versions))},
             {"notCompared", std::move(not_compared)}};
  if (!is_last && !found.empty()) {
    out["next"] = fmt::format("{}.{}", found.back().version, found.back().device);
  }
  write_json(out, response);
  return {};
}

}  // namespace wardlock::admin
