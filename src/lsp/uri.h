#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace wardlock::lsp {

/// The path of a `file:` URI of this machine, its escapes resolved; nothing for any other.
std::optional<std::string> path_of(std::string_view uri);

/// The `file:` URI of an absolute path.
std::string uri_of(std::string_view path);

/// All before the last slash, of a path or a URI.
std::string_view folder_of(std::string_view path);

}  // namespace wardlock::lsp
