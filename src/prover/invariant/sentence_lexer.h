#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"

namespace wardlock::prover {

/// A piece of a sentence.
struct SentenceToken {
  enum class Kind : std::uint8_t {
    kWord,    ///< letters, digits, `_`, and `-` within
    kString,  ///< `"…"`, the quotes included
    kPath,    ///< `::`
    kColon,
    kComma,
    kBlock,  ///< `{…}`: a Cedar expression, the braces included
    kDoc,    ///< `/// …`
    kEnd,
  };
  Kind kind = Kind::kEnd;
  Span span;
  std::string_view text;
};

/// Takes a text apart; ends with a kEnd. Error: the first that is no piece of a sentence.
Parsed<std::vector<SentenceToken>> lex_sentences(std::string_view text);

}  // namespace wardlock::prover
