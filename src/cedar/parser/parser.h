#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "base/diagnostic.h"
#include "cedar/ast/policy.h"

namespace wardlock::cedar {

/// Bounds on what a policy author (or an attacker) can make the parser and the evaluator do. The
/// reference has no fixed bounds; ours are far above what it accepts in practice and each is an
/// error, never a crash.
struct ParseLimits {
  std::size_t max_bytes = std::size_t{64} << 20;
  std::size_t max_depth = 500;        ///< nesting of expressions
  std::size_t max_members = 100'000;  ///< of one set, record, call or chain of `&&`, `||`
  std::size_t max_diagnostics = 20;   ///< the parser stops after so many
};

/// How the policies of one text get their ids.
struct PolicyNaming {
  std::string_view prefix = "";  ///< before `policy0`, `policy1`, …
  bool by_annotation = false;    ///< `@id("…")`, where there is one, is the id
  std::string_view source = "";  ///< the name of the text: each policy's `source`
};

/// Parses policies and templates. They are named `policy0`, `policy1`, … in the order written, both
/// counted together, unless `naming` says otherwise. All errors that could be found are reported,
/// in the order of the text; an id that occurs twice is one.
Parsed<PolicySet> parse_policies(std::string_view text, const PolicyNaming& naming = {},
                                 const ParseLimits& limits = {});

/// Parses one policy or template.
Parsed<std::unique_ptr<Template>> parse_policy(std::string_view text, std::string_view id,
                                               const ParseLimits& limits = {});

/// Parses one expression; its nodes are in `arena`.
Parsed<const Expr*> parse_expression(std::string_view text, Arena& arena,
                                     const ParseLimits& limits = {});

/// Parses `Type::"id"`; the uid is in `arena`.
Result<const EntityUid*> parse_entity_uid(std::string_view text, Arena& arena);

}  // namespace wardlock::cedar
