#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace wardlock::directory {

/// In which line objects of a JSON text begin, by their paths, such as `components[3]`. Requires
/// valid JSON. Those whose paths are long, or have escaped keys, may be missing.
std::map<std::string, std::uint32_t, std::less<>> lines_of_objects(std::string_view json);

}  // namespace wardlock::directory
