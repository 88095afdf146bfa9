#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>

namespace wardlock::net {

// Asio without its type-erased executor: it would be paid for with every operation.
using Executor = boost::asio::io_context::executor_type;
using TcpSocket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;
template <typename T = void>
using Task = boost::asio::awaitable<T, Executor>;
using Clock = std::chrono::steady_clock;

}  // namespace wardlock::net
