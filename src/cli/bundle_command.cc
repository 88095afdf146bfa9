#include "cli/bundle_commands.h"
#include "cli/commands.h"

namespace wardlock::cli {

void add_bundle(Commands& commands) {
  Commands group =
      commands.group("bundle", "Policies in one signed file: make, sign, check, compare");
  add_bundle_build(group);
  add_bundle_sign(group);
  add_bundle_verify(group);
  add_bundle_inspect(group);
  add_bundle_diff(group);
}

}  // namespace wardlock::cli
