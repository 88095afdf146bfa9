#include "cli/commands.h"
#include "cli/inputs.h"

namespace wardlock::cli {

Exit run(const PdpOptions&, const Output& output) {
  return output.fail({ErrorCode::kUnimplemented, "placeholder"});
}

}  // namespace wardlock::cli
