#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "cedar/schema/schema.h"
#include "lsp/policy_context.h"

namespace wardlock::lsp {

/// An attribute, and what has it: `User`, or `context`, or another expression.
struct AttributeUse {
  std::string owner;
  const cedar::Attribute* attribute;
};

/// What a word of a policy stands for.
struct Subject {
  enum class Kind : std::uint8_t {
    kAttribute,
    kEntityType,
    kAction,
    kVariable,
    kMethod,
    kFunction,
    kAnnotation,
    kWord,
  };
  Kind kind;
  Span span;                                       ///< of the word, in the policy's text
  std::string name;                                ///< an entity type's is the full one
  std::vector<AttributeUse> attributes;            ///< of kAttribute: in each of the environments
  const cedar::EntityType* entity_type = nullptr;  ///< null if the schema has none of the name
  const cedar::ActionType* action = nullptr;
  std::vector<const cedar::Type*> types;  ///< of kVariable
};

/// What stands at the offset, or nothing worth speaking of.
std::optional<Subject> find_subject(const PolicyContext& policy, std::uint32_t offset);

/// What the token stands for.
std::optional<Subject> subject_of(const PolicyContext& policy, std::size_t token);

/// The attributes of that name that the expression's value may have.
std::vector<AttributeUse> find_attributes(const PolicyContext& policy, std::string_view expression,
                                          std::string_view name);

/// Where what it stands for is declared: in the schema's text.
std::vector<Span> declarations_of(const Subject& subject, const cedar::Schema& schema);

}  // namespace wardlock::lsp
