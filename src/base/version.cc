#include "base/version.h"

namespace wardlock {

std::string_view version() { return WARDLOCK_VERSION; }

}  // namespace wardlock
