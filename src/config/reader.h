#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/diagnostic.h"
#include "codec/json.h"

namespace wardlock::config {

/// A configuration that has every setting in it, given or not, except those that are absent without
/// a fallback. Durations and sizes are texts, as in the file; paths are relative to no folder.
struct Document {
  codec::Json json;
  /// Where values stand in the text, by their JSON pointer, e.g. `/listeners/0/tls`.
  std::map<std::string, Span, std::less<>> places;

  /// Of the value, or of the nearest that holds it.
  Span place_of(std::string_view pointer) const;
};

/// Reads the YAML text by the table of settings. Error: everything that is wrong by it. `folder` is
/// what paths are relative to.
Parsed<Document> read_document(std::string_view text, const std::string& folder);

}  // namespace wardlock::config
