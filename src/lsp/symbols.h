#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"

namespace wardlock::lsp {

/// An entry of a text's outline.
struct Symbol {
  enum class Kind : std::uint8_t {  // the protocol's numbers
    kNamespace = 3,
    kEntityType = 5,
    kAttribute = 8,
    kPolicy = 12,
    kCommonType = 23,
    kAction = 24,
  };
  std::string name;
  std::string detail;
  Kind kind;
  Span whole;
  Span word;  ///< within `whole`
  std::vector<Symbol> children = {};
};

std::vector<Symbol> policy_symbols(std::string_view text);

/// Empty where the text does not parse.
std::vector<Symbol> schema_symbols(std::string_view text);

}  // namespace wardlock::lsp
