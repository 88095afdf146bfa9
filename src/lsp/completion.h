#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "cedar/schema/schema.h"

namespace wardlock::lsp {

/// Something that could be written at the cursor.
struct CompletionItem {
  enum class Kind : std::uint8_t {  // the protocol's numbers
    kMethod = 2,
    kFunction = 3,
    kVariable = 6,
    kAttribute = 5,
    kEntityType = 7,
    kNamespace = 9,
    kAnnotation = 10,
    kEntity = 20,
    kKeyword = 14,
    kAction = 23,
  };
  std::string label;
  Kind kind = Kind::kKeyword;
  std::string detail = {};
  std::string documentation = {};  ///< Markdown
  std::string insert = {};         ///< empty: the label
};

struct Completions {
  Span replaced;  ///< what has been written of it
  std::vector<CompletionItem> items;
};

/// What could be written at the offset of a text of policies. Only what stands before the offset
/// counts, so the text need not parse. Without a schema (null): what the language knows.
Completions complete_policy(std::string_view text, std::uint32_t offset,
                            const cedar::Schema* schema);

/// The same for a schema's text; `schema` is what the folder's schema was when it was last sound.
Completions complete_schema(std::string_view text, std::uint32_t offset,
                            const cedar::Schema* schema);

}  // namespace wardlock::lsp
