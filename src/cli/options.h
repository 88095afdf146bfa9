#pragma once

#include <string>

namespace wardlock::cli {

// Options that several commands have. Paths: `-` is standard input, empty is absent.

struct PolicyFiles {
  std::string policies;  ///< a file, or a folder of `*.cedar`
  std::string links;     ///< template links, as `wardlock link` writes them
};

struct RequestInput {
  std::string principal;
  std::string action;
  std::string resource;
  std::string context;       ///< path of a JSON file, or JSON text: `{…}`
  std::string request_json;  ///< path of a JSON file holding all four
};

}  // namespace wardlock::cli
