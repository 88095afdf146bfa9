#include "server/told_task.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <utility>

#include "base/wall_clock.h"

namespace wardlock::server {
namespace {

constexpr std::chrono::seconds kInterval{60};
/// So far may clocks of nodes differ: another may be asked still.
constexpr std::int64_t kClockSkewMs = 60'000;

using Name = std::pair<std::string, std::string>;  ///< source and attribute

/// How old what is told may be for any type that has it.
Result<std::map<Name, std::int64_t>> longest_ages(const DirectoryView& view) {
  std::map<Name, std::int64_t> ages;
  for (const directory::ToldAttribute& each : TRY(view.told_attributes())) {
    std::int64_t& age = ages[{each.source, each.name}];
    age = std::max(age, each.last_known_ms);
  }
  return ages;
}

Result<std::size_t> erase_forgotten(const std::string& tenant, Directory& directory) {
  const auto view = std::ranges::find_if(
      directory.views, [&](const auto& each) { return each->tenant() == tenant; });
  if (view == directory.views.end()) return std::size_t{0};
  std::size_t erased = 0;
  const std::int64_t now = wall_clock_ms();
  const std::map<Name, std::int64_t> ages = TRY(longest_ages(**view));
  for (const auto& [name, age] : ages) {
    erased +=
        TRY(directory.told_desk->erase(tenant, name.first, name.second, now - age - kClockSkewMs));
  }
  return erased;
}

}  // namespace

TurnTask told_task(const std::string& tenant, Directory& directory, Log& log) {
  return {.tenant = tenant,
          .name = "told attributes",
          .interval = kInterval,
          .look = [](const directory::Turns::Last&) {},
          .work = [tenant, &directory,
                   &log](const std::function<bool()>& /*go_on*/) -> Result<std::string> {
            const std::size_t erased = TRY(erase_forgotten(tenant, directory));
            if (erased > 0) {
              log.info("told_attributes_erased",
                       {{"tenant", tenant}, {"values", static_cast<std::int64_t>(erased)}});
            }
            return std::string();
          }};
}

}  // namespace wardlock::server
