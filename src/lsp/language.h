#pragma once

#include <span>
#include <string_view>

#include "cedar/value/value.h"

namespace wardlock::lsp {

/// A word of the language and what it means, in Markdown.
struct Word {
  std::string_view name;
  std::string_view meaning;
};

/// The annotations of policies that Wardlock reads, and those of schemas.
std::span<const Word> policy_annotations();
std::span<const Word> schema_annotations();

/// Words with a meaning of their own, variables and slots included.
std::span<const Word> policy_words();
std::span<const Word> schema_words();

/// Types that need no declaration.
std::span<const Word> builtin_types();

/// `ip`, `decimal`, `datetime`, `duration`.
std::span<const Word> functions();

struct Method {
  Word word;
  cedar::Kind receiver;
  std::string_view signature;
};
std::span<const Method> methods();

/// The word's meaning, or an empty text.
std::string_view meaning(std::span<const Word> words, std::string_view name);

}  // namespace wardlock::lsp
