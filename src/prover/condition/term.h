#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cedar/ast/expr.h"
#include "cedar/schema/schema.h"
#include "cedar/value/value.h"
#include "prover/condition/outcomes.h"

namespace wardlock::prover {

using TermId = std::uint32_t;
using AtomId = std::uint32_t;

/// What is known of a term's value from the schema.
struct TermType {
  std::optional<cedar::Kind> kind = {};
  std::string_view entity_type = {};  ///< of kEntity; empty: not known
  const cedar::Type* type = nullptr;  ///< null: not known, or that of a variable
  bool is_entity() const { return kind == cedar::Kind::kEntity; }
  bool is_record() const { return kind == cedar::Kind::kRecord; }
};

/// Something that has a value, the same wherever a question's policies name it. Terms that read the
/// same are one. Borrows from policies and schema.
struct Term {
  enum class Form : std::uint8_t {
    kVariable,
    kConstant,
    kAttribute,  ///< `of.name`
    kTag,        ///< `of.getTag(key)`
    kOther,      ///< computed from `parts`; nothing else is known of it
  };
  Form form = Form::kOther;
  cedar::Variable variable = cedar::Variable::kPrincipal;
  std::optional<cedar::Value> value = {};  ///< of kConstant
  TermId of = 0;
  TermId key = 0;
  std::string_view name = {};
  std::vector<TermId> parts = {};     ///< of kOther: each is evaluated before it
  const cedar::Expr* expr = nullptr;  ///< of kOther: as one policy has it
  /// Of kOther: it may err although each of its parts has a value.
  bool is_partial = false;
  TermType type = {};
  std::string text = {};  ///< as Cedar
};

/// An access that fails where there is nothing to get: an attribute or a tag.
struct Access {
  TermId of = 0;
  bool is_tag = false;
  std::string_view name = {};  ///< of an attribute
  TermId key = 0;              ///< of a tag
};

/// A Boolean question about terms: what is left of conditions when they are taken apart. Atoms that
/// ask the same are one, and have one outcome in one question.
struct Atom {
  enum class Form : std::uint8_t {
    kTrue,  ///< the Boolean term `left` is true
    kEqual,
    kLess,
    kLessEqual,
    kIn,        ///< `left in right`
    kHas,       ///< `left has name`
    kHasTag,    ///< `left.hasTag(right)`
    kContains,  ///< `left.contains(right)`
    kIsEmpty,   ///< `left.isEmpty()`
  };
  Form form = Form::kTrue;
  TermId left = 0;
  TermId right = 0;
  std::string_view name = {};
  Outcomes possible = Outcomes::all();  ///< as far as types tell
  std::vector<Access> accesses = {};    ///< all that must succeed, or else it errs
  bool is_partial = false;              ///< it may err although they all succeed
  std::string text = {};                ///< as Cedar
};

}  // namespace wardlock::prover
