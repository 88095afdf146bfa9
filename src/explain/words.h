#pragma once

#include <string>
#include <string_view>

#include "cedar/ast/policy.h"
#include "cedar/evaluator/evaluator.h"
#include "cedar/schema/schema.h"
#include "cedar/trace/parts.h"
#include "explain/viewer.h"

namespace wardlock::explain {

/// The words of a name: `careTeam` → `care team`, `LabReport` → `lab report`, `MRIUnit` → `MRI
/// unit`.
std::string words_of(std::string_view name);

/// `Hospital::Patient` → `Patient`.
std::string_view last_component(std::string_view type);

/// The words with `a` or `an` before them.
std::string with_article(std::string_view words);

/// Says in English what the parts of policies ask for, with the names and the `@doc` of the schema:
/// `resource.careTeam.contains(principal)` is "the patient's care team includes the user (the
/// people who treat this patient)". What has no words is Cedar text. Ids that the viewer may not
/// see are not written. Texts are short whatever the policy. Borrows everything.
class Words {
 public:
  Words(const cedar::Schema* schema, const cedar::Request& request, const Viewer& viewer);

  /// What must be so that the part comes to `value`.
  std::string need(const cedar::Policy& policy, const cedar::Part& part, bool value) const;

  /// The part as it stands in the policy; `principal in Role::"Nurse"`.
  std::string cedar_text(const cedar::Policy& policy, const cedar::Part& part) const;

  /// An expression as Cedar text.
  std::string cedar_text(const cedar::Expr& expr) const;

  /// Those the question is about: `the user`, `the lab report`.
  const std::string& principal() const { return principal_; }
  const std::string& resource() const { return resource_; }

 private:
  struct Sentence;  ///< one overload per kind of node: as a statement
  struct Noun;      ///< one overload per kind of node: as a thing

  /// What the schema knows of an expression's value.
  struct Known {
    const cedar::Type* type = nullptr;
    std::string_view entity_type = {};
  };

  std::string scope_need(const cedar::ScopeConstraint& scope, const cedar::EntityUid* slot,
                         bool is_principal) const;
  std::string action_need(const cedar::ActionConstraint& scope) const;
  std::string scope_text(const cedar::ScopeConstraint& scope, const cedar::EntityUid* slot,
                         bool is_principal) const;
  std::string action_text(const cedar::ActionConstraint& scope) const;

  std::string statement(const cedar::Expr& expr, bool value) const;
  std::string noun(const cedar::Expr& expr) const;
  std::string entity(const cedar::EntityUid& uid) const;
  /// A set's members, the last two joined by `word`.
  std::string list(const cedar::Expr& expr, std::string_view word) const;
  std::string code(const cedar::Expr& expr) const;

  Known known(const cedar::Expr& expr) const;
  const cedar::Attribute* attribute(const cedar::Expr& target, std::string_view name) const;
  bool is_time(const cedar::Expr& expr) const;
  bool is_of_record(const cedar::Expr& target) const;
  std::string_view find_doc(const cedar::Expr& expr) const;

  const cedar::Schema* schema_;
  const cedar::Request& request_;
  const Viewer& viewer_;
  std::string principal_;
  std::string resource_;
};

}  // namespace wardlock::explain
