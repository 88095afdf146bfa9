#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/diagnostic.h"
#include "cedar/ast/policy.h"

namespace wardlock::prover {

/// Whom or what a sentence is about: everything, all of a type, all that is in a group, or both.
struct Those {
  std::string_view type = {};            ///< empty: of any type
  const cedar::EntityUid* in = nullptr;  ///< it, and all that is in it; null: wherever
  Span span = {};
};

/// An action, or a group of actions.
struct NamedAction {
  const cedar::EntityUid* uid = nullptr;
  Span span = {};
};

/// An obligation by its name.
struct NamedObligation {
  std::string name;
  Span span = {};
};

/// A `when` or `unless` of a sentence. Each is evaluated by itself.
struct Proviso {
  bool is_unless = false;
  const cedar::Expr* body = nullptr;
  std::uint32_t offset = 0;  ///< where the text begins that the expression's places count from
};

/// What policies must never, or always, allow (docs/invariants.md). Owns what it borrows.
struct Sentence {
  enum class Mood : std::uint8_t { kNever, kAlways };
  Mood mood = Mood::kNever;
  std::string name;
  std::string reason;                    ///< its doc comment, the lines joined; may be empty
  std::vector<Those> who;                ///< one of them
  std::vector<NamedAction> actions;      ///< one of them; none: any
  std::vector<Those> what;               ///< one of them
  std::vector<Proviso> provisos;         ///< one that cannot be evaluated exempts nobody
  std::vector<NamedObligation> without;  ///< it speaks of answers without these obligations
  bool excepts_break_glass = false;      ///< it does not speak of overrides
  Span name_span;
  Span span;  ///< all but the doc comment
  std::unique_ptr<Arena> arena = std::make_unique<Arena>();
};

struct SentenceLimits {
  std::size_t max_bytes = std::size_t{1} << 20;
  std::size_t max_sentences = 1000;
  std::size_t max_diagnostics = 20;
};

/// Reads a file of sentences. Error: what is wrong, in the order of the text. Whether what they
/// name is there is not asked (`check_names`). Pure.
Parsed<std::vector<Sentence>> read_sentences(std::string_view text,
                                             const SentenceLimits& limits = {});

}  // namespace wardlock::prover
