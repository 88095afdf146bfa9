#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "codec/json.h"
#include "directory/fetch/source.h"

namespace wardlock::config {

/// A source that is asked, `directory.attribute_sources.NAME`, which its table has checked. What is
/// wrong with it as a whole is given to `refuse`, with the pointer below it, e.g. `/url`. Its
/// tenant is not looked for.
directory::FetchSource attribute_source_of(
    const std::string& name, const codec::Json& section,
    const std::function<void(std::string_view, std::string)>& refuse);

}  // namespace wardlock::config
