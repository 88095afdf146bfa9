#include "net/stream.h"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace wardlock::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using enum Transfer::Outcome;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable_t<Executor>{});

Transfer to_transfer(const error_code& error, std::size_t bytes, Transfer::Outcome when_blocked) {
  if (!error) return {kDone, bytes};
  if (error == asio::error::operation_aborted) return {kCancelled};
  if (error == asio::error::would_block) return {when_blocked};
  return {kEnded};
}

bool wants(const Transfer& transfer) {
  return transfer.outcome == kWantsRead || transfer.outcome == kWantsWrite;
}

}  // namespace

Stream::Stream(TcpSocket socket, std::unique_ptr<TlsChannel> tls)
    : socket_(std::move(socket)), tls_(std::move(tls)) {
  error_code ignored;  // a connection that is already gone shows when it is read
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
}

/// Until the socket can do what TLS wants of it.
Task<Transfer> Stream::wait(Transfer wanted) {
  const auto direction =
      wanted.outcome == kWantsRead ? TcpSocket::wait_read : TcpSocket::wait_write;
  const auto [error] = co_await socket_.async_wait(direction, kAwait);
  co_return to_transfer(error, 0, kEnded);
}

Transfer Stream::handshake_now() { return tls_ == nullptr ? Transfer{kDone} : tls_->handshake(); }

Task<Transfer> Stream::handshake() {
  for (;;) {
    const Transfer step = handshake_now();
    if (!wants(step)) co_return step;
    const Transfer waited = co_await wait(step);
    if (!waited.is_done()) co_return waited;
  }
}

Task<Transfer> Stream::read(std::span<char> space) {
  if (tls_ == nullptr) {
    const auto [error, bytes] =
        co_await socket_.async_read_some(asio::buffer(space.data(), space.size()), kAwait);
    co_return to_transfer(error, bytes, kWantsRead);
  }
  for (;;) {
    const Transfer some = tls_->read(space);
    if (!wants(some)) co_return some;
    const Transfer waited = co_await wait(some);
    if (!waited.is_done()) co_return waited;
  }
}

Task<Transfer> Stream::write(std::string_view bytes) {
  if (tls_ == nullptr) {
    const auto [error, sent] =
        co_await socket_.async_write_some(asio::buffer(bytes.data(), bytes.size()), kAwait);
    co_return to_transfer(error, sent, kWantsWrite);
  }
  for (;;) {
    const Transfer some = tls_->write(bytes);
    if (!wants(some)) co_return some;
    const Transfer waited = co_await wait(some);
    if (!waited.is_done()) co_return waited;
  }
}

Transfer Stream::read_now(std::span<char> space) {
  if (tls_ != nullptr) return tls_->read(space);
  error_code error;
  const std::size_t bytes = socket_.read_some(asio::buffer(space.data(), space.size()), error);
  return to_transfer(error, bytes, kWantsRead);
}

Transfer Stream::write_now(std::string_view bytes) {
  if (tls_ != nullptr) return tls_->write(bytes);
  error_code error;
  const std::size_t sent = socket_.write_some(asio::buffer(bytes.data(), bytes.size()), error);
  return to_transfer(error, sent, kWantsWrite);
}

void Stream::finish() {
  if (tls_ != nullptr) tls_->finish();
  error_code ignored;  // the peer is gone already
  socket_.shutdown(asio::socket_base::shutdown_send, ignored);
}

Task<> Stream::discard(std::size_t limit) {
  std::array<char, 4096> scrap;
  for (std::size_t total = 0; total < limit;) {
    const auto [error, bytes] = co_await socket_.async_read_some(asio::buffer(scrap), kAwait);
    if (error) co_return;
    total += bytes;
  }
}

void Stream::cancel() {
  error_code ignored;
  socket_.cancel(ignored);
}

void Stream::close() {
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace wardlock::net
