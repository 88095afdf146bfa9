#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "lsp/folder_schema.h"
#include "lsp/policy_context.h"
#include "lsp/subject.h"

namespace wardlock::lsp {

/// What stands at a place of a text of policies, and the policy whose types it refers to.
struct FoundSubject {
  std::unique_ptr<PolicyContext> policy;
  Subject subject;
  Span span;  ///< in the whole text
};
std::optional<FoundSubject> subject_at(std::string_view text, std::uint32_t offset,
                                       const cedar::Schema* schema);

/// What the mention at an offset of one of the schema's files stands for: where it begins. If the
/// file has changed since the schema was read, it is found by its name.
std::optional<std::uint32_t> declaration_at(const FolderSchema& schema, const SchemaFile& file,
                                            std::string_view text, std::uint32_t offset);

/// Where the text of policies speaks of something declared at one of the places of the schema.
std::vector<Span> references_in(std::string_view text, const FolderSchema& schema,
                                const std::vector<std::uint32_t>& declared_at);

/// The full name, action id or attribute name of what is declared there; empty for anything else.
std::string_view declared_name(const FolderSchema& schema, std::uint32_t declared_at);

/// The declared name as it stands in the text.
Span declaration_span(const FolderSchema& schema, std::uint32_t declared_at);

}  // namespace wardlock::lsp
