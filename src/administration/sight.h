#pragma once

#include <map>
#include <string_view>

#include "administration/errand.h"
#include "administration/gate.h"
#include "directory/model/kind.h"

namespace wardlock::administration {

/// What whoever asks may see of the things that others are related to. Who reads a relation reads
/// both its ends, also where it is a condition that is asked for. Each kind is asked of the gate
/// once. For one request, as its errand; borrows that.
class Sight {
 public:
  explicit Sight(const Errand& errand) : errand_(errand) {}

  /// That all of the kind may be read. Errors: Gate's.
  Result<void> check(directory::Kind kind);
  /// That the thing may be read; of one that is not there, all that it may have been: who may not
  /// ask is not told. Errors: Gate's and the registry's.
  Result<void> check(std::string_view id, directory::Kinds kinds);

  /// As `check`, where what may not be read is left out. Errors: kUnavailable.
  Result<bool> may_read(directory::Kind kind);
  /// All of them.
  Result<bool> may_read(directory::Kinds kinds);

 private:
  const Errand& errand_;
  std::map<directory::Kind, Result<void>> answers_;
};

}  // namespace wardlock::administration
