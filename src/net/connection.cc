#include "net/connection.h"

#include <utility>

#include "net/http1_session.h"
#include "net/http2_session.h"

namespace wardlock::net {
namespace {

constexpr std::size_t kKeptOutBytes = std::size_t{64} << 10;
/// After the last answer, what the peer still sends is read for so long and so far. Closing at once
/// would reset the connection, and the answer could be lost on its way.
constexpr std::chrono::seconds kLingerTime{1};
constexpr std::size_t kLingerBytes = std::size_t{1} << 20;

}  // namespace

Connection::Connection(Stream stream, SessionContext context, HeldAnswers& held)
    : stream_(std::move(stream)), context_(std::move(context)), held_(held) {
  context_.counters.connections_accepted.add();
}

Connection::~Connection() { context_.counters.connections_closed.add(); }

Task<> Connection::serve() {
  const bool is_open = stream_.tls() == nullptr || co_await shake_hands();
  if (is_open) {
    choose_session();
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

void Connection::choose_session() {
  if (stream_.tls() != nullptr && stream_.tls()->speaks_http2()) {
    session_ = std::make_unique<Http2Session>(context_);
  } else {
    session_ = std::make_unique<Http1Session>(context_);
  }
}

/// From HTTP/1.1, which has recognised HTTP/2's first words.
void Connection::upgrade() {
  const auto& http1 = static_cast<const Http1Session&>(*session_);
  session_ = std::make_unique<Http2Session>(context_, http1.received_so_far());
}

Task<> Connection::exchange() {
  for (;;) {
    Session::Next next = session_->advance(Clock::now(), out_);
    if (!context_.awaited.empty() && !co_await pass_gate()) {
      session_->withdraw(out_);
      next = Session::Next::kEnd;
    }
    if (!send_now() && !co_await send_rest()) co_return;
    if (next == Session::Next::kEnd) co_return co_await linger();
    if (next == Session::Next::kUpgrade) upgrade();
    if (next == Session::Next::kAwait && !co_await await_change()) co_return;
    if (next == Session::Next::kReceive) {
      wait_until(session_->deadline());
      if (!take(co_await stream_.read(session_->space()))) co_return;
    } else if (next == Session::Next::kReceiveRest) {
      // A request that had arrived when the server was stopped is answered.
      const Transfer got = stream_.read_now(session_->space());
      if (!got.is_done()) co_return;
      take(got);
    }
  }
}

/// Gives the session what came of waiting. False when nothing more will come.
bool Connection::take(const Transfer& got) {
  if (got.is_done()) {
    session_->received(got.bytes);
  } else if (is_expired_) {
    session_->expire(Clock::now());
  }
  return got.is_done() || got.outcome == Transfer::Outcome::kCancelled;
}

/// Waits until what the answers stand for has happened. False: it never will, or takes too long.
Task<bool> Connection::pass_gate() {
  const Tickets awaited = std::exchange(context_.awaited, {});
  wait_until(Clock::now() + context_.options.write_timeout);
  for (;;) {
    const AnswerGate::State state = held_.state(awaited);
    if (state != AnswerGate::State::kClosed) co_return state == AnswerGate::State::kOpen;
    if (is_expired_) co_return false;
    co_await held_.change();
  }
}

/// Until an answer may be there. False: the connection was cut off.
Task<bool> Connection::await_change() {
  wait_until(Clock::time_point::max());
  co_await held_.change();
  co_return !is_expired_;
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
void Connection::abort() {
  is_expired_ = true;
  stream_.close();
}

}  // namespace wardlock::net
