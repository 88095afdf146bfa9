#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "cedar/parser/lexer.h"

namespace wardlock::lsp {

/// One policy of a text, found by its tokens alone, so that it is found in text that does not parse
/// too. Spans are in the whole text.
struct PolicyOutline {
  Span span;                   ///< from its first token to its `;`, or to where the next begins
  std::optional<Span> effect;  ///< `permit` or `forbid`
  std::optional<Span> id;      ///< the value of `@id`, with its quotes
};

/// Policies end with `;`, which stands nowhere else. Where one is missing, the next policy's
/// annotations, or its `permit (principal`, tell that it begins.
std::vector<PolicyOutline> outline_policies(std::string_view text);

/// The tokens of the text, without the one at the end.
std::vector<cedar::Token> tokens_of(std::string_view text);

/// The policy around the offset, or null. An offset directly behind one belongs to it.
const PolicyOutline* policy_at(const std::vector<PolicyOutline>& policies, std::uint32_t offset);

/// The policy's `@id`, or `policy3` for the fourth of a text.
std::string policy_name(std::string_view text, const PolicyOutline& policy, std::size_t number);

}  // namespace wardlock::lsp
