#include "net/name_lookup.h"

#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>

#include <atomic>
#include <cstring>
#include <memory>
#include <system_error>
#include <thread>

namespace wardlock::net {
namespace {

struct Lookup {
  std::atomic<bool> is_done = false;
  Result<std::vector<Address>> found;  // written before that
};

Result<std::vector<Address>> resolve(const std::string& host, std::uint16_t port, int flags) {
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* first = nullptr;
  const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &first);
  if (error != 0) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("`{}` has no address: {}", host, ::gai_strerror(error)));
  }
  std::vector<Address> out;
  for (const addrinfo* each = first; each != nullptr; each = each->ai_next) {
    Address& address = out.emplace_back();
    std::memcpy(&address.bytes, each->ai_addr, each->ai_addrlen);
    address.size = each->ai_addrlen;
  }
  ::freeaddrinfo(first);
  return out;
}

}  // namespace

Result<std::vector<Address>> look_up(const std::string& host, std::uint16_t port,
                                     std::chrono::milliseconds timeout,
                                     const Interruption& interruption) {
  if (auto numeric = resolve(host, port, AI_NUMERICHOST)) return numeric;
  const auto lookup = std::make_shared<Lookup>();
  try {
    std::thread([lookup, host, port] {
      lookup->found = resolve(host, port, 0);
      lookup->is_done = true;
    }).detach();
  } catch (const std::system_error&) {
    return fail(ErrorCode::kUnavailable, "there are no threads left to look a name up");
  }
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (!lookup->is_done) {
    if (std::chrono::steady_clock::now() >= deadline) {
      return fail(ErrorCode::kDeadlineExceeded,
                  fmt::format("the address of `{}` was not found out in time", host));
    }
    // A bell would be one more descriptor, of which there may be none.
    constexpr int kLookEachMs = 5;
    pollfd raised{.fd = interruption.descriptor(), .events = POLLIN, .revents = 0};
    ::poll(&raised, 1, kLookEachMs);
    if (raised.revents != 0) return interrupted();
  }
  return std::move(lookup->found);
}

}  // namespace wardlock::net
