#pragma once

#include "api/admin/asked.h"
#include "directory/inventory/import.h"

namespace wardlock::admin {

/// Asks the gate of administration about each act of an import.
class AskedGate : public directory::ImportGate {
 public:
  explicit AskedGate(administration::Gate& gate) : gate_(gate) {}

  Result<void> check(directory::Act act, directory::Kind kind) override;
  Result<void> check(directory::Act act, const directory::Thing& thing) override;
  Result<void> check_state(const directory::Thing& thing, std::string_view next) override;
  Result<void> check(directory::Act act, directory::Relation relation,
                     const directory::Thing& subject, const directory::Thing& object) override;

 private:
  administration::Gate& gate_;
};

/// That much is imported is a deed of its own: it tells what there is, also where nothing changes.
/// What is entered where it is not there, and else stays as it is, takes but the right to read.
Answered<void> check_import(const Asked& asked, const directory::Batch& batch);

/// All of these kinds.
Answered<void> check_export(const Asked& asked, directory::Kinds kinds, bool is_sensitive);

}  // namespace wardlock::admin
