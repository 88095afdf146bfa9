#pragma once

#include <memory>
#include <string_view>

#include "cedar/ast/policy.h"
#include "cedar/parser/parser.h"
#include "codec/json.h"

namespace wardlock::cedar {

// Cedar's JSON policy format, both ways. A policy written and read again means the same; what is
// written is what the reference implementation writes for the same policy text.
//
// Reading accepts what the reference accepts, except for calls of functions that do not exist
// (inside `__extn` the reference finds those only when the policy is evaluated). Errors name the
// place as a JSONPath.

/// Cedar nests `a && b && c` once per operand, and JSON twice as deep, so policy JSON is parsed
/// with these limits: they allow chains of nearly 5,000 operands (the reference stops at 61).
/// Parsing, copying and destroying so deep a document takes up to 1 MB of stack.
inline constexpr codec::JsonLimits kPolicyJsonLimits = {.max_depth = 10'000};

/// Reads one policy or template.
Result<std::unique_ptr<Template>> policy_from_json(const codec::Json& json, std::string_view id,
                                                   const ParseLimits& limits = {});

/// Reads `{"staticPolicies": {id: policy}, "templates": {id: template}, "templateLinks":
/// [{"templateId", "newId", "values"}]}`, each key optional.
Result<PolicySet> policy_set_from_json(const codec::Json& json, const ParseLimits& limits = {});

/// Error, of these three: the document would nest deeper than `kPolicyJsonLimits` lets one be read.
Result<codec::Json> policy_to_json(const Template& policy);
Result<codec::Json> policy_set_to_json(const PolicySet& policies);
Result<codec::Json> expression_to_json(const Expr& expression);

}  // namespace wardlock::cedar
