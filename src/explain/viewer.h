#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cedar/ast/policy.h"
#include "cedar/evaluator/evaluator.h"
#include "cedar/schema/schema.h"
#include "cedar/trace/reads.h"
#include "cedar/value/value.h"
#include "pdp/caller.h"
#include "pdp/snapshot.h"

namespace wardlock::explain {

/// What of the directory the reader of an explanation may see (docs/adr/0012-explanations.md).
///
/// A value is seen if the schema does not mark it `@sensitive` and the reader's scope has it:
///   - an attribute, by its name `Patient.careTeam`,
///   - being in a group, by `User in Role`,
///   - the tags of a type, by `User tags`.
/// "All attributes" are all these of the types in the scope. What the request says is the caller's
/// own and is seen, with the keys that the PDP fills but the reason of a break-glass grant.
///
/// INVARIANT: what is answered depends on the policies, the schema, the scope, the request and on
/// values that may be seen, never on one that may not. Borrows everything.
class Viewer {
 public:
  Viewer(const pdp::Snapshot& snapshot, const pdp::Scope& scope, const cedar::Request& request);

  /// One that sees everything: for tools on the machine where the directory lies as a file.
  static Viewer of_everything(const pdp::Snapshot& snapshot, const cedar::Request& request);

  bool sees_everything() const { return scope_ == nullptr; }

  /// Whether all that an expression read may be seen. The reads are those of `cedar::reads_of`, up
  /// to the end.
  bool sees(const std::vector<cedar::Read>& reads) const;

  /// Whether it may be seen how `uid`, of the request, stands to an element of a policy's scope.
  bool sees(const cedar::ScopeConstraint& scope, const cedar::EntityUid& uid,
            const cedar::EntityUid* slot) const;

  /// Whether it may be seen which links of templates there are.
  bool sees_links() const;

  /// Whether it may be said that no link fills the slot for this question: not where one that is
  /// withheld could.
  bool sees_open_slot(const cedar::ScopeConstraint& scope) const;

  /// Whether the entity's id may be written: it is the request's own, or none of those who ask or
  /// are asked about, but a group of theirs.
  bool names(const cedar::EntityUid& uid) const;

  /// The entity as Cedar text; `User::…` where the id may not be written.
  std::string uid_text(const cedar::EntityUid& uid) const;

 private:
  struct All {};
  Viewer(All, const pdp::Snapshot& snapshot, const cedar::Request& request);

  bool sees(const cedar::Read& read, const std::vector<cedar::Read>& reads) const;
  bool sees_attribute(const cedar::Read& read, const std::vector<cedar::Read>& reads) const;
  bool sees_tag(const cedar::Read& read) const;
  bool sees_member(const cedar::EntityUid& member, const cedar::EntityUid& group) const;
  bool sees_of(std::string_view type, std::string_view what) const;
  bool is_sensitive(std::string_view type) const;
  bool is_individual(std::string_view type) const;
  const cedar::Attribute* declared(const cedar::Read& read,
                                   const std::vector<cedar::Read>& reads) const;
  const cedar::Type* record_type(const cedar::Expr& expr,
                                 const std::vector<cedar::Read>& reads) const;
  void find_groups();

  const cedar::Schema* schema_;
  const pdp::Snapshot& snapshot_;
  const pdp::Scope* scope_;  ///< null: everything
  const cedar::Request& request_;
  std::set<std::string_view> groups_;  ///< types of groups of those who ask
};

}  // namespace wardlock::explain
