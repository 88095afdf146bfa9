#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace wardlock {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "wardlock: broken invariant at %s:%d: %s\n", file, line, condition);
  std::abort();
}

}  // namespace wardlock
