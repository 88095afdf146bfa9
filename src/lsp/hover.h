#pragma once

#include <cstdint>
#include <string>

#include "cedar/schema/schema.h"
#include "lsp/folder_schema.h"
#include "lsp/policy_context.h"
#include "lsp/subject.h"

namespace wardlock::lsp {

/// What there is to say about a word of a policy, in Markdown; may be empty.
std::string describe(const Subject& subject);

/// What there is to say about something that the schema declares, in Markdown.
std::string describe(const FolderSchema& schema, std::uint32_t declared_at);

}  // namespace wardlock::lsp
