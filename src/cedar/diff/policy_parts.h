#pragma once

#include <string>
#include <vector>

#include "cedar/ast/policy.h"
#include "cedar/diff/change.h"

namespace wardlock::cedar {

/// A policy in its parts. Two that have the same parts mean the same.
struct PolicyParts {
  std::string effect = {};                    ///< empty for a link
  std::vector<WrittenPart> annotations = {};  ///< sorted by name
  std::vector<WrittenPart> scope =
      {};  ///< sorted by name; of a link, what it fills in which template
  std::vector<WrittenPart> conditions = {};  ///< in their order, taken apart

  /// Everything but the id, as one text: two policies have the same where they differ in their ids
  /// alone.
  std::string likeness() const;

  bool operator==(const PolicyParts&) const = default;
};

PolicyParts written_parts(const Template& policy);
/// A link's parts are its template's id and its values; any other policy's those of its body.
PolicyParts written_parts(const Policy& policy);

/// What differs, in the order of a policy's text.
std::vector<PartChange> diff_parts(const PolicyParts& before, const PolicyParts& after);

}  // namespace wardlock::cedar
