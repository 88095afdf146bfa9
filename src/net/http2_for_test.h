#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// HTTP/2 by hand: frames as a client that means no good may send them.
namespace wardlock::net::http2 {

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

enum Type : std::uint8_t {
  kData = 0,
  kHeaders = 1,
  kPriority = 2,
  kReset = 3,
  kSettings = 4,
  kPing = 6,
  kGoaway = 7,
  kWindowUpdate = 8,
  kContinuation = 9,
};
enum Flag : std::uint8_t { kNone = 0, kEndStream = 1, kAck = 1, kEndHeaders = 4 };

using Fields = std::vector<std::pair<std::string, std::string>>;

std::string number(std::uint32_t value, int bytes = 4);
std::string frame(int type, int flags, std::uint32_t stream, std::string_view payload = "");
/// HPACK without tables or Huffman.
std::string pack(const Fields& fields);
Fields request_fields(std::string_view method = "GET", std::string_view path = "/");
/// A whole request without a body.
std::string request(std::uint32_t stream, const Fields& fields);
std::string request(std::uint32_t stream, std::string_view path = "/");
/// The beginning of every connection.
std::string hello();

struct Frame {
  int type = 0;
  int flags = 0;
  std::uint32_t stream = 0;
  std::string payload;
};

struct Response {
  std::map<std::string, std::string> fields;
  std::string body;
  bool is_whole = false;
  int reset = -1;  ///< the error, if it was reset

  int status() const { return fields.contains(":status") ? std::stoi(fields.at(":status")) : 0; }
};

/// Reads what a server sent.
struct Reading {
  std::vector<Frame> frames;
  std::map<std::uint32_t, Response> responses;
  int goaway = -1;                ///< the error of the last one
  std::uint32_t last_stream = 0;  ///< of it
  int interim = 0;                ///< 100 Continue

  /// All that was sent from the connection's beginning.
  explicit Reading(std::string_view bytes);
  int count(int type) const;
};

}  // namespace wardlock::net::http2
