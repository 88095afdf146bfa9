#include "net/held_answers.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace wardlock::net {

namespace asio = boost::asio;

void HeldAnswers::attach(std::shared_ptr<AnswerGate> gate) {
  gate_ = std::move(gate);
  if (gate_ == nullptr) return;
  gate_->on_change([this] {
    if (is_told_.exchange(true)) return;
    asio::post(context_, [this] {
      is_told_ = false;
      look_again();
    });
  });
}

void HeldAnswers::detach() {
  if (gate_ != nullptr) gate_->on_change({});
  gate_ = nullptr;
}

Task<> HeldAnswers::change() {
  ++waiting_;
  co_await change_.async_wait(asio::as_tuple(asio::use_awaitable_t<Executor>{}));
  --waiting_;
}

}  // namespace wardlock::net
