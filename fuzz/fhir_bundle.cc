// Bundles of FHIR servers: whatever they say, what is read of them are items with a name, one for
// each attribute of each thing, and none of the future.
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "codec/json.h"
#include "directory/fetch/bundle_reader.h"
#include "directory/model/moment.h"

using namespace wardlock;
using namespace wardlock::directory;

namespace {

constexpr std::int64_t kAsked = 1'795'000'000'000;

std::vector<Reading> readings() {
  const auto path = [](std::string_view text) { return *ElementPath::parse(text); };
  const Reading ward{.resource = "Encounter",
                     .each = path("location"),
                     .where = {{path("status"), "active"}},
                     .period = path("period"),
                     .thing = path("%resource.subject"),
                     .identifier_type = "recordNumber",
                     .type = "Patient",
                     .attribute = "ward",
                     .value = path("location"),
                     .value_identifier_type = "code",
                     .value_type = "Location",
                     .observed = path("%resource.meta.lastUpdated")};
  Reading wards = ward;
  wards.attribute = "wards";
  wards.system = "urn:mrn";
  wards.gathers = true;
  wards.observed = {};
  return {ward, wards};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<Reading> all_readings = readings();
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto json = codec::parse_json(input, {.max_bytes = 1 << 20, .max_depth = 64});
  if (!json) return 0;
  BundleReader reader(all_readings, kAsked);
  if (!reader.add(*json)) return 0;
  CHECK(reader.add(*json).has_value());  // twice the same is no contradiction
  const FetchedValues fetched = reader.take();
  std::set<std::pair<std::string, std::string>> seen;
  for (const codec::Json& item : fetched.items) {
    const auto name = item.at("identifier").at("value").get_string();
    CHECK(!name.empty());
    CHECK(seen.emplace(name, item.at("attribute").get_string()).second);
    CHECK(item.get_object().contains("valueIdentifier"));
    const auto observed = parse_time(item.at("observedAt").get_string());
    CHECK(observed && *observed <= kAsked);
  }
  return 0;
}
