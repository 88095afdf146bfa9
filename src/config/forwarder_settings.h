#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "audit/forward/forwarder_options.h"
#include "codec/json.h"

namespace wardlock::config {

/// A forwarder's section, which its table has checked, as options. What is wrong with it as a whole
/// is given to `refuse`, with the setting's name or an empty one. `has` tells whether a setting was
/// given in the file.
audit::ForwarderOptions forwarder_of(
    const std::string& name, const codec::Json& section,
    const std::function<bool(std::string_view)>& has,
    const std::function<void(std::string_view, std::string)>& refuse);

}  // namespace wardlock::config
