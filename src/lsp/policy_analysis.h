#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/diagnostic.h"
#include "cedar/schema/schema.h"
#include "crypto/seeded_hash.h"
#include "lsp/policy_outline.h"

namespace wardlock::lsp {

/// Something to show at a place of a text.
struct Finding {
  Diagnostic diagnostic;
  std::string_view code;  ///< what kind of finding, e.g. `syntax`; a constant
};

/// What is wrong with the policies of a text that is being edited. Each policy is looked at by
/// itself, and again only when it or the schema has changed: an edit costs one policy, and a policy
/// that does not parse hides nothing in the others.
class PolicyAnalysis {
 public:
  /// Looks at the text. The schema (null: there is none) is told from others by `schema_version`,
  /// which is not 0.
  void update(std::string_view text, const cedar::Schema* schema, std::uint64_t schema_version);

  /// In the order of the text; not more than the first thousand.
  const std::vector<Finding>& findings() const { return findings_; }

 private:
  /// What is known of one policy's text. Spans are in it.
  struct Known {
    std::vector<Finding> syntax;
    std::vector<Finding> meaning;
    std::uint64_t schema_version = 0;
  };
  using Texts = std::unordered_map<std::string, Known, crypto::SeededHash, std::equal_to<>>;

  void check_meaning(const std::vector<std::string_view>& texts, const cedar::Schema* schema,
                     std::uint64_t schema_version);
  void collect(std::string_view text, const std::vector<PolicyOutline>& policies);
  void check_ids(std::string_view text, const std::vector<PolicyOutline>& policies);

  Texts known_;
  std::vector<Finding> findings_;
};

}  // namespace wardlock::lsp
