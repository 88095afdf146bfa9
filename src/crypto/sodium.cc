#include "crypto/sodium.h"

#include <sodium/core.h>

#include "base/check.h"

namespace wardlock::crypto {

void prepare_sodium() {
  static const int state = sodium_init();
  CHECK(state >= 0);
}

}  // namespace wardlock::crypto
