#include "base/background.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace wardlock {
namespace {

// sched_setattr(2), which the C library of Debian 12 has no name for: `struct sched_attr`.
struct SchedulingAttributes {
  std::uint32_t size = sizeof(SchedulingAttributes);
  std::uint32_t policy = 0;  // SCHED_OTHER
  std::uint64_t flags = 0;
  std::int32_t niceness = 0;
  std::uint32_t priority = 0;
  std::uint64_t slice_ns = 0;
  std::uint64_t deadline_ns = 0;
  std::uint64_t period_ns = 0;
};
static_assert(sizeof(SchedulingAttributes) == 48);

// On Linux a thread has a niceness of its own.
void set_niceness(int niceness) {
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), niceness);
}

}  // namespace

void give_way_to_others() { set_niceness(10); }

void give_way_at_once() {
  constexpr int kNiceness = 19;
  set_niceness(kNiceness);  // what older kernels do of it
  // A nice thread, too, keeps a processor until its slice is over.
  SchedulingAttributes wanted;
  wanted.niceness = kNiceness;
  wanted.slice_ns = 100'000;
  ::syscall(SYS_sched_setattr, 0, &wanted, 0);
}

}  // namespace wardlock
