#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cedar/schema/schema.h"
#include "lsp/folder_schema.h"
#include "lsp/policy_context.h"
#include "lsp/subject.h"

namespace wardlock::lsp {

/// What there is to say about a word of a policy, in Markdown; may be empty.
std::string describe(const Subject& subject);

/// What there is to say about something that the schema declares, in Markdown.
std::string describe(const FolderSchema& schema, std::uint32_t declared_at);

/// The meaning of a word of the schema language at the offset; may be empty.
std::string describe_schema_word(std::string_view text, std::uint32_t offset);

}  // namespace wardlock::lsp
