#include "base/background.h"

#include <sys/resource.h>
#include <unistd.h>

namespace wardlock {

void give_way_to_others() {
  constexpr int kNiceness = 10;
  // On Linux a thread has a niceness of its own.
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNiceness);
}

}  // namespace wardlock
