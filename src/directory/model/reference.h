#pragma once

#include <string>

namespace wardlock::directory {

/// Kinds, their states and attributes, and relations as Markdown, for docs/formats/directory.md.
std::string directory_reference();

}  // namespace wardlock::directory
