#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "storage/work.h"

namespace wardlock::directory {

/// Which accounts are one natural person's: a tenant's relations `accountOf`. Immutable.
class NaturalPersons {
 public:
  /// As of `now` (ms since the epoch): what has not ended counts, also where it begins later.
  static Result<NaturalPersons> read(storage::Work& work, std::string_view tenant,
                                     std::int64_t now);

  /// The main account of whoever has the account: itself, where it is no other's. Lives as long as
  /// the argument and this do.
  std::string_view of(std::string_view account) const;
  bool are_same(std::string_view one, std::string_view other) const { return of(one) == of(other); }
  /// All that whoever has the account has, that one included.
  std::vector<std::string> accounts_of(std::string_view account) const;

 private:
  std::map<std::string, std::string, std::less<>> main_of_;
};

}  // namespace wardlock::directory
