#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cedar/ast/policy.h"
#include "cedar/diff/change.h"
#include "codec/json.h"

namespace wardlock::cedar {

enum class PolicyForm : std::uint8_t { kPolicy, kTemplate, kLink };

/// `policy`, `template`, `link`.
std::string_view to_string(PolicyForm form);

/// A policy, template or link that is not in both sets as it is.
struct PolicyChange {
  ChangeKind kind = ChangeKind::kChanged;
  PolicyForm form = PolicyForm::kPolicy;
  std::string id = {};         ///< where it was removed, the id it had
  std::string id_before = {};  ///< of kRenamed: the id it had; else empty
  /// As policy text, a link with its slots filled; empty where there is none.
  std::string before = {};
  std::string after = {};
  std::string source_before = {};  ///< the name of the text it stands in; empty where it has none
  std::string source_after = {};
  /// Of kChanged and kRenamed, in the order of a policy's text: effect, annotations by their names,
  /// scope, conditions. Conditions are taken apart (`when` at its `&&`, `unless` at its `||`), so
  /// that each part that came or went is named.
  std::vector<PartChange> parts = {};
  /// Of a template that changed: the links after it that stand on it, and so mean something else.
  std::vector<std::string> links = {};

  bool operator==(const PolicyChange&) const = default;
};

/// What two sets of policies differ in.
struct PolicyDiff {
  std::vector<PolicyChange> changes;  ///< sorted by id; an id may have a removal and an addition
  std::size_t unchanged = 0;          ///< policies, templates and links that are as they were

  bool is_empty() const { return changes.empty(); }
  std::size_t count(ChangeKind kind) const;
};

/// Compares policies by id. Two of different ids that differ in nothing else are one that was
/// renamed, so that ids that follow from places in a file do not make changes of what stayed.
/// Neither layout nor comments are differences, nor the order of policies, nor which file one
/// stands in. Pure; thread-safe.
PolicyDiff diff_policies(const PolicySet& before, const PolicySet& after);

/// `{"added": n, "removed": n, "changed": n, "renamed": n, "unchanged": n, "changes": [{"kind",
/// "form", "id", "id_before", "file_before", "file_after", "before", "after", "parts", "links"}]}`;
/// what is empty is left out.
codec::Json to_json(const PolicyDiff& diff);

/// For people: a line for each policy, with what differs below it; what was added or removed with
/// its whole text. Empty where nothing differs.
std::string to_text(const PolicyDiff& diff);

}  // namespace wardlock::cedar
