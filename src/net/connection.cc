#include "net/connection.h"

#include <utility>

#include "net/http1_session.h"

namespace wardlock::net {
namespace {

constexpr std::size_t kKeptOutBytes = std::size_t{64} << 10;
/// After the last answer, what the peer still sends is read for so long and so far. Closing at once
/// would reset the connection, and the answer could be lost on its way.
constexpr std::chrono::seconds kLingerTime{1};
constexpr std::size_t kLingerBytes = std::size_t{1} << 20;

}  // namespace

Connection::Connection(Stream stream, SessionContext context)
    : stream_(std::move(stream)), context_(std::move(context)) {
  context_.counters.connections_accepted.add();
}

Connection::~Connection() { context_.counters.connections_closed.add(); }

Task<> Connection::serve() {
  const bool is_open = stream_.tls() == nullptr || co_await shake_hands();
  if (is_open) {
    session_ = std::make_unique<Http1Session>(context_);
    co_await exchange();
  } else {
    co_await linger();
  }
  stream_.finish();
}

Task<bool> Connection::shake_hands() {
  wait_until(Clock::now() + context_.options.handshake_timeout);
  Transfer result = co_await stream_.handshake();
  if (result.outcome == Transfer::Outcome::kCancelled && !is_expired_) {
    // The server stops: who has not said enough by now is turned away.
    result = stream_.handshake_now();
  }
  if (is_expired_) context_.counters.timeouts.add();
  if (!result.is_done()) {
    context_.counters.tls_handshakes_failed.add();
    co_return false;
  }
  context_.counters.tls_handshakes.add();
  context_.is_secure = true;
  context_.peer_certificate = stream_.tls()->peer_certificate();
  co_return true;
}

Task<> Connection::exchange() {
  for (;;) {
    const Session::Next next = session_->advance(Clock::now(), out_);
    if (!send_now() && !co_await send_rest()) co_return;
    switch (next) {
      case Session::Next::kSend: break;
      case Session::Next::kReceive:
        if (!co_await receive()) co_return;
        break;
      case Session::Next::kReceiveRest:
        if (!receive_now()) co_return;
        break;
      case Session::Next::kEnd: co_return co_await linger();
    }
  }
}

/// Waits for more of the peer. False when there will be none.
Task<bool> Connection::receive() {
  wait_until(session_->deadline());
  const Transfer got = co_await stream_.read(session_->space());
  if (got.is_done()) {
    session_->received(got.bytes);
    co_return true;
  }
  if (got.outcome != Transfer::Outcome::kCancelled) co_return false;
  if (is_expired_) session_->expire(Clock::now());
  co_return true;
}

/// A request that had arrived when the server was stopped is answered.
bool Connection::receive_now() {
  const Transfer got = stream_.read_now(session_->space());
  if (got.is_done()) session_->received(got.bytes);
  return got.is_done();
}

/// Sends as much as the peer takes at once. True when nothing is left.
bool Connection::send_now() {
  while (sent_ < out_.size()) {
    const Transfer some = stream_.write_now(std::string_view(out_).substr(sent_));
    if (!some.is_done()) return false;
    sent_ += some.bytes;
  }
  sent_ = 0;
  out_.clear();
  if (out_.capacity() > kKeptOutBytes) std::string().swap(out_);
  return true;
}

/// Sends the rest as the peer takes it. False when it is gone, or too slow.
Task<bool> Connection::send_rest() {
  wait_until(Clock::now() + context_.options.write_timeout);
  while (sent_ < out_.size()) {
    const Transfer some = co_await stream_.write(std::string_view(out_).substr(sent_));
    sent_ += some.bytes;
    if (some.is_done()) continue;
    const bool is_woken = some.outcome == Transfer::Outcome::kCancelled;
    if (is_woken && !is_expired_) continue;
    if (is_expired_) context_.counters.timeouts.add();
    co_return false;
  }
  co_return send_now();
}

Task<> Connection::linger() {
  stream_.finish();
  wait_until(Clock::now() + kLingerTime);
  co_await stream_.discard(kLingerBytes);
}

void Connection::wait_until(Clock::time_point deadline) {
  deadline_ = deadline;
  is_expired_ = false;
}

void Connection::expire(Clock::time_point now) {
  if (now < deadline_) return;
  is_expired_ = true;
  stream_.cancel();
}

void Connection::drain() { stream_.cancel(); }
void Connection::abort() { stream_.close(); }

}  // namespace wardlock::net
