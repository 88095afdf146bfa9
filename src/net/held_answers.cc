#include "net/held_answers.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "base/check.h"

namespace wardlock::net {
namespace {

namespace asio = boost::asio;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable_t<Executor>{});

}  // namespace

void HeldAnswers::attach(std::shared_ptr<AnswerGate> gate) {
  gate_ = std::move(gate);
  if (gate_ == nullptr) return;
  const int bell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  CHECK(bell >= 0);
  bell_.assign(bell);
  asio::co_spawn(bell_.get_executor(), watch(), asio::detached);
  gate_->on_change([this, bell] {
    if (!is_told_.exchange(true)) eventfd_write(bell, 1);
  });
}

void HeldAnswers::detach() {
  if (gate_ == nullptr) return;
  gate_->on_change({});
  gate_ = nullptr;
  boost::system::error_code ignored;
  bell_.close(ignored);
}

Task<> HeldAnswers::watch() {
  for (;;) {
    const auto [error] = co_await bell_.async_wait(asio::posix::descriptor_base::wait_read, kAwait);
    if (error) co_return;
    eventfd_t count = 0;
    eventfd_read(bell_.native_handle(), &count);
    is_told_ = false;
    look_again();
  }
}

Task<> HeldAnswers::change() {
  ++waiting_;
  co_await change_.async_wait(kAwait);
  --waiting_;
}

}  // namespace wardlock::net
