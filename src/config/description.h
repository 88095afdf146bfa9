#pragma once

#include <string>

#include "codec/json.h"

namespace wardlock::config {

/// The JSON Schema (2020-12) of a configuration file.
codec::Json json_schema();

/// The reference of all settings, as Markdown tables.
std::string reference();

/// The document with secrets shortened.
codec::Json shown(const codec::Json& document);

/// JSON as YAML that reads the same.
std::string to_yaml_text(const codec::Json& json);

}  // namespace wardlock::config
