#include "server/sign_in_tally.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace wardlock::server {

void SignInTally::count(const event::Event& event) {
  const bool is_login = event.kind == event::Kind::kLogin;
  if (!is_login && event.kind != event::Kind::kLoginFailed) return;
  const std::string_view outcome = is_login ? "success" : event.cause;
  Key key(outcome, fmt::format("{}", fmt::join(event.authentication_methods, "+")));
  const std::scoped_lock lock(mutex_);
  ++counts_[std::move(key)];
}

void SignInTally::add_to(Exposition& out) const {
  out.begin("wardlock_sign_ins_total", "counter",
            "Attempts to sign in, by how they ended and by what was shown (RFC 8176).");
  const std::scoped_lock lock(mutex_);
  for (const auto& [key, count] : counts_) {
    out.add(label("outcome", key.first) + "," + label("methods", key.second),
            static_cast<double>(count));
  }
}

}  // namespace wardlock::server
