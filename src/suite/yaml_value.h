#pragma once

#include "base/diagnostic.h"
#include "codec/json.h"
#include "codec/yaml.h"

namespace wardlock::suite {

/// A YAML value as JSON, by YAML 1.2's core rules: `true`, `false`, `null` and whole numbers are
/// what they look like, everything else is text. What is wrong with it is appended; Cedar has no
/// fractions, so that they must be in quotes.
codec::Json to_json(const codec::Yaml& yaml, Diagnostics& diagnostics);

/// `yaml`, a map, as a JSON object.
boost::json::object to_object(const codec::Yaml& yaml, Diagnostics& diagnostics);

}  // namespace wardlock::suite
