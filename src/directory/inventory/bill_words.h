#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "directory/identifier/ascii.h"
#include "directory/model/schema.h"

namespace wardlock::directory {

// Words of CycloneDX, for reading and writing bills.

inline constexpr std::string_view kDeviceType = "device";
inline constexpr std::string_view kUsualType = "application";  ///< of what says nothing else
/// https://cyclonedx.github.io/cyclonedx-property-taxonomy/cdx/device
inline constexpr std::string_view kFunctionProperty = "cdx:device:function";

// Our own properties, so that a bill is read again as the same things.
inline constexpr std::string_view kOrganisationProperty = "wardlock:organisation";
inline constexpr std::string_view kModelNumberProperty = "wardlock:modelNumber";
inline constexpr std::string_view kDeviceIdentifierProperty = "wardlock:deviceIdentifier";

/// Those of software, as the table of kinds has them.
inline std::span<const std::string_view> software_types() {
  return find_attribute(schema_of(Kind::kModule).attributes, "componentType")->choices.all();
}

inline bool is_component_type(std::string_view type) {
  return type == kDeviceType || std::ranges::find(software_types(), type) != software_types().end();
}

/// As the schema of CycloneDX has hashes.
inline bool is_hash(std::string_view value) {
  constexpr std::array<std::size_t, 5> kLengths = {32, 40, 64, 96, 128};
  return std::ranges::find(kLengths, value.size()) != kLengths.end() &&
         std::ranges::all_of(value, is_hex_digit);
}

}  // namespace wardlock::directory
