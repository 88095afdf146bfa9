#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/diagnostic.h"
#include "cedar/ast/expr.h"

namespace wardlock::cedar {

enum class Effect : std::uint8_t { kPermit, kForbid };

std::string_view to_string(Effect effect);

/// What a principal or resource scope demands. With `kEqual`, `kIn` and `kIsIn` either `entity` is
/// set or the place is a slot (`entity` is null), to be filled by a link.
struct ScopeConstraint {
  enum class Op : std::uint8_t { kAny, kEqual, kIn, kIs, kIsIn };
  Op op = Op::kAny;
  std::string_view type;              ///< of kIs and kIsIn
  const EntityUid* entity = nullptr;  ///< of kEqual, kIn and kIsIn; null means slot
  Span span = {};                     ///< in the policy's source text; empty if it came as JSON

  bool has_slot() const {
    return (op == Op::kEqual || op == Op::kIn || op == Op::kIsIn) && entity == nullptr;
  }
};

struct ActionConstraint {
  enum class Op : std::uint8_t { kAny, kEqual, kIn };
  Op op = Op::kAny;
  bool is_list = false;  ///< kIn: written with brackets
  std::span<const EntityUid* const> actions;
  Span span = {};  ///< in the policy's source text; empty if it came as JSON
};

struct Annotation {
  std::string_view name;
  std::optional<std::string_view> value;  ///< absent for `@name` alone
};

/// A `when` or `unless` clause.
struct Condition {
  bool is_unless = false;
  const Expr* body = nullptr;
};

/// A policy as written; a template if its scope has a slot. Owns everything it points to.
/// Immutable once built; may be read by any thread.
struct Template {
  std::unique_ptr<Arena> arena = std::make_unique<Arena>();
  std::string id;
  Effect effect = Effect::kPermit;
  std::span<const Annotation> annotations;  ///< in the order written, names distinct
  ScopeConstraint principal;
  ActionConstraint action;
  ScopeConstraint resource;
  std::span<const Condition> conditions;
  Span span;           ///< in its source text
  std::string source;  ///< the name of that text; empty where it has none

  bool has_slot() const { return principal.has_slot() || resource.has_slot(); }
  /// The annotation's value ("" for `@name` alone), or nothing.
  std::optional<std::string_view> annotation(std::string_view name) const;
};

/// What can be decided: a template without slots, or one with its slots filled.
struct Policy {
  std::string id;
  const Template* body = nullptr;
  const EntityUid* principal_slot = nullptr;  ///< fills `?principal`; null without a slot
  const EntityUid* resource_slot = nullptr;

  bool is_link() const { return principal_slot != nullptr || resource_slot != nullptr; }
};

/// Slot values of a template link.
struct SlotValues {
  const EntityUid* principal = nullptr;
  const EntityUid* resource = nullptr;
};

/// Policies, templates and links; ids are unique over all three. Move-only. Immutable once
/// published; may then be read by any thread.
class PolicySet {
 public:
  /// Adds a static policy or a template. Error: the id is taken.
  Result<void> add(std::unique_ptr<Template> policy);

  /// Links a template. Error: no such template, the id is taken, a slot without a value or a value
  /// without a slot. The uids are copied.
  Result<void> link(std::string_view template_id, std::string_view id, const SlotValues& values);

  /// Moves all of `other` in. Error: an id occurs in both; then nothing is changed.
  Result<void> merge(PolicySet other);

  /// Static policies and links, in the order added.
  std::span<const Policy> policies() const { return policies_; }
  /// Bodies with slots, in the order added.
  std::span<const Template* const> templates() const { return templates_; }

  const Template* find_template(std::string_view id) const;
  const Policy* find_policy(std::string_view id) const;

 private:
  bool is_taken(std::string_view id) const;

  std::vector<std::unique_ptr<Template>> bodies_;
  std::vector<std::unique_ptr<Arena>> link_arenas_;
  std::vector<const Template*> templates_;
  std::vector<Policy> policies_;
  std::map<std::string, std::size_t, std::less<>> policy_index_;
  std::map<std::string, const Template*, std::less<>> template_index_;
};

}  // namespace wardlock::cedar
