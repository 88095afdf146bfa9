#pragma once

#include <string_view>

#include "directory/feed/projection.h"

namespace wardlock::directory {

/// The text that the document has there; empty: none.
std::string_view text_in(const boost::json::object& document, std::string_view name);

/// The document of a device's model, or null.
const Document* model_of(const Thing& device, const Models& models);

}  // namespace wardlock::directory
