#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "cedar/ast/policy.h"
#include "cedar/schema/schema.h"
#include "pdp/accountability.h"
#include "pdp/sourced_attributes.h"

namespace wardlock::pdp {

/// Which policies read what sources tell. That is told by the attributes' names alone, whatever
/// they are attributes of; keys of `context` are none. Immutable; borrows from the policies.
class SourceReaders {
 public:
  SourceReaders() = default;
  /// Finds them, and holds each against two rules:
  ///
  /// 1. **Not knowing never allows.** A permit must not hold because an attribute is absent: it may
  ///    test `has` on one, and not that it has it not. A forbid must not stand aside because of
  ///    that: it may test that an entity has it not, and `has` only where that keeps it from
  ///    forbidding, as in `unless { resource has x && … }`.
  /// 2. **Silence stops nothing that makes safer.** What is asked about an action of the class
  ///    `safety` (accountability.h) is decided by policies that read no source.
  ///
  /// Error (kFailedPrecondition): all policies that break one, a line each.
  static Result<SourceReaders> find(const cedar::PolicySet& policies, const cedar::Schema& schema,
                                    const SourcedAttributes& sourced,
                                    const Accountability& accountability);

  /// The names of the attributes that the policy reads, each once. None: it reads no source.
  std::span<const std::string_view> read_by(const cedar::Policy& policy) const;
  bool empty() const { return names_.empty(); }

 private:
  std::unordered_map<const cedar::Template*, std::vector<std::string_view>> names_;
};

}  // namespace wardlock::pdp
