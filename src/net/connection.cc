#include "net/connection.h"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "net/response_writer.h"

namespace wardlock::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable_t<Executor>{});
/// Answers to pipelined requests are sent together up to about this size.
constexpr std::size_t kFlushBytes = std::size_t{32} << 10;
constexpr std::size_t kKeptOutBytes = std::size_t{64} << 10;
/// After the last answer, what the peer still sends is read for so long and so far. Closing at once
/// would reset the connection, and the answer could be lost on its way.
constexpr std::chrono::seconds kLingerTime{1};
constexpr std::size_t kLingerBytes = std::size_t{1} << 20;

}  // namespace

Connection::Connection(TcpSocket socket, const std::string& remote_address, LoopShared& loop)
    : socket_(std::move(socket)),
      remote_address_(remote_address),
      loop_(loop),
      shared_(loop.server),
      reader_(shared_.options.limits, remote_address_) {
  ++shared_.connections;
  loop_.counters.connections_accepted.add();
  error_code ignored;  // a connection that is already gone shows when it is read
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
}

Connection::~Connection() {
  --shared_.connections;
  loop_.counters.connections_closed.add();
}

Task<> Connection::serve() {
  while (!closing_) {
    const RequestReader::Step step = reader_.next();
    if (step == RequestReader::Step::kComplete) {
      answer();
      if (out_.size() < kFlushBytes) continue;
    } else if (step == RequestReader::Step::kRefused) {
      answer_refusal(reader_.refusal());
    } else if (reader_.take_continue()) {
      out_.append("HTTP/1.1 100 Continue\r\n\r\n");
    }
    if (!send_now() && !co_await send_rest()) co_return;
    if (step == RequestReader::Step::kNeedMore && !co_await receive()) break;
  }
  if (!send_now() && !co_await send_rest()) co_return;
  if (closing_) co_await linger();
}

void Connection::answer() {
  const RequestHead& head = reader_.head();
  const HttpResponse response = call_handler();
  const bool last = shared_.stopping.load(std::memory_order_relaxed) && !reader_.holds_more();
  closing_ = !head.keep_alive || last;
  append_response(response,
                  {.head_request = head.request.method == "HEAD",
                   .http11 = head.http11,
                   .keep_alive = !closing_},
                  out_);
  reader_.consume();
  fresh_ = false;
  waiting_ = Waiting::kNothing;
}

HttpResponse Connection::call_handler() {
  try {
    loop_.counters.http1_requests.add();
    return loop_.handler(reader_.request());
  } catch (...) {
    return problem(500, "the request could not be answered");
  }
}

void Connection::answer_refusal(const Refusal& refusal) {
  closing_ = true;
  loop_.counters.count_refusal(refusal.status);
  if (refusal.status == 408) loop_.counters.timeouts.add();
  append_response(problem(refusal.status, refusal.detail), {.keep_alive = false}, out_);
}

/// Waits for more of the request. False when there will be none.
Task<bool> Connection::receive() {
  const RequestReader::Phase phase = reader_.phase();
  const bool idle = phase == RequestReader::Phase::kIdle;
  if (idle && shared_.stopping.load(std::memory_order_relaxed)) co_return receive_what_has_come();
  if (idle) {
    wait_for(fresh_ ? Waiting::kFirst : Waiting::kIdle);
  } else {
    wait_for(phase == RequestReader::Phase::kHead ? Waiting::kHead : Waiting::kBody);
  }
  const std::span<char> space = reader_.space();
  const auto [error, bytes] =
      co_await socket_.async_read_some(asio::buffer(space.data(), space.size()), kAwait);
  if (!error) {
    reader_.received(bytes);
    co_return true;
  }
  if (error != asio::error::operation_aborted) co_return false;
  if (idle) co_return !expired_ && receive_what_has_come();
  if (expired_) answer_refusal({408, "the request took too long to arrive"});
  co_return false;
}

/// Reads without waiting: a request that had arrived when the server was stopped is answered.
bool Connection::receive_what_has_come() {
  const std::span<char> space = reader_.space();
  error_code error;
  const std::size_t bytes = socket_.read_some(asio::buffer(space.data(), space.size()), error);
  if (error) return false;
  reader_.received(bytes);
  return true;
}

/// Sends as much as the peer takes at once. True when nothing is left.
bool Connection::send_now() {
  error_code error;
  while (sent_ < out_.size()) {
    sent_ += socket_.write_some(asio::buffer(out_.data() + sent_, out_.size() - sent_), error);
    if (error) return false;
  }
  sent_ = 0;
  out_.clear();
  if (out_.capacity() > kKeptOutBytes) std::string().swap(out_);
  return true;
}

/// Sends the rest as the peer takes it. False when it is gone, or too slow.
Task<bool> Connection::send_rest() {
  wait_for(Waiting::kWrite);
  while (sent_ < out_.size()) {
    const auto [error, bytes] = co_await socket_.async_write_some(
        asio::buffer(out_.data() + sent_, out_.size() - sent_), kAwait);
    if (error) {
      if (expired_) loop_.counters.timeouts.add();
      co_return false;
    }
    sent_ += bytes;
  }
  co_return send_now();
}

Task<> Connection::linger() {
  error_code error;
  socket_.shutdown(asio::socket_base::shutdown_send, error);
  if (error) co_return;
  wait_for(Waiting::kLinger);
  std::array<char, 4096> scrap;
  for (std::size_t total = 0; total < kLingerBytes;) {
    const auto [failure, bytes] = co_await socket_.async_read_some(asio::buffer(scrap), kAwait);
    if (failure) co_return;
    total += bytes;
  }
}

/// Starts the clock when what is waited for changes, and lets it run while it is the same.
void Connection::wait_for(Waiting what) {
  if (waiting_ == what) return;
  waiting_ = what;
  expired_ = false;
  deadline_ = Clock::now() + time_for(what);
}

std::chrono::milliseconds Connection::time_for(Waiting what) const {
  switch (what) {
    case Waiting::kFirst:
    case Waiting::kHead: return shared_.options.header_timeout;
    case Waiting::kIdle: return shared_.options.idle_timeout;
    case Waiting::kBody: return shared_.options.body_timeout;
    case Waiting::kWrite: return shared_.options.write_timeout;
    case Waiting::kLinger:
    case Waiting::kNothing: break;
  }
  return kLingerTime;
}

void Connection::expire(Clock::time_point now) {
  if (now < deadline_) return;
  expired_ = true;
  error_code ignored;
  socket_.cancel(ignored);
}

void Connection::drain() {
  if (waiting_ != Waiting::kFirst && waiting_ != Waiting::kIdle) return;
  error_code ignored;
  socket_.cancel(ignored);
}

void Connection::abort() {
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace wardlock::net
