#include "net/interruption.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/check.h"

namespace wardlock::net {

Interruption::Interruption() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  CHECK(descriptor_ >= 0);
}

Interruption::~Interruption() { ::close(descriptor_); }

// It is never read, so that everybody who waits, now or later, sees it.
void Interruption::raise() { CHECK(::eventfd_write(descriptor_, 1) == 0); }

bool Interruption::is_raised() const {
  pollfd raised{.fd = descriptor_, .events = POLLIN, .revents = 0};
  return ::poll(&raised, 1, 0) == 1;
}

std::unexpected<Error> interrupted() { return fail(ErrorCode::kCancelled, "interrupted"); }

}  // namespace wardlock::net
