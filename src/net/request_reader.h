#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "net/request_head.h"

namespace wardlock::net {

struct HttpLimits {
  std::size_t max_header_bytes = std::size_t{16} << 10;  ///< request line and header
  std::size_t max_body_bytes = std::size_t{1} << 20;     ///< after decoding

  // Of an HTTP/2 connection:
  std::size_t max_streams = 100;                          ///< requests at once
  std::size_t max_buffered_bytes = std::size_t{4} << 20;  ///< of their bodies
};

/// Turns the bytes of one connection into requests, in order; knows nothing of sockets.
///
/// The bytes of a request stay where they were received: the request borrows from the reader's
/// buffer, and a chunked body is decoded in place. INVARIANT: what a reader holds is bounded by its
/// limits, whatever arrives. Not thread-safe.
class RequestReader {
 public:
  enum class Step : std::uint8_t {
    kNeedMore,  ///< receive into `space`
    kComplete,  ///< answer `request`, then `consume`
    kRefused,   ///< answer `refusal`, then close
  };
  enum class Phase : std::uint8_t { kIdle, kHead, kBody };

  explicit RequestReader(const HttpLimits& limits) : limits_(limits) {}

  /// Where to put the next bytes; never empty. Valid until the next call of any other member.
  std::span<char> space();
  void received(std::size_t bytes);

  /// Goes on with the request at the front. The same again until `consume` once it is complete,
  /// and for good once it is refused.
  Step next();

  /// Valid from kComplete until `consume`. What the connection knows is not filled in.
  HttpRequest& request() { return head_.request; }
  const RequestHead& head() const { return head_; }
  const Refusal& refusal() const { return *refusal_; }
  void consume();

  /// What the reader is in the middle of, after kNeedMore.
  Phase phase() const;
  /// What was received and not consumed.
  std::string_view held() const { return {buffer_.get() + begin_, size()}; }
  /// Whether bytes beyond the current, complete request have arrived.
  bool holds_more() const { return end_ > begin_ + raw_; }
  /// True once for a request whose sender waits for a word before it sends the body.
  bool take_continue();

 private:
  enum class State : std::uint8_t {
    kHead,
    kFixedBody,
    kChunkSize,
    kChunkData,
    kChunkEnd,
    kTrailer,
    kComplete,
    kRefused,
  };

  std::size_t size() const { return end_ - begin_; }
  char* front() { return buffer_.get() + begin_; }
  void find_head();
  void skip_empty_line();
  bool check_line(std::string_view line);
  void enter_body();
  void read_fixed_body();
  void read_chunk_size();
  void read_chunk_data();
  void read_chunk_end();
  void read_trailer();
  std::optional<std::string_view> take_framing_line();
  void complete();
  void refuse(int status, std::string_view detail);
  void make_room();

  HttpLimits limits_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;  ///< of the current request
  std::size_t end_ = 0;    ///< of what was received

  // Offsets from begin_: [header | decoded body | framing read over | not yet looked at].
  std::size_t line_ = 0;  ///< of the header line being received
  std::size_t head_size_ = 0;
  std::size_t body_size_ = 0;  ///< decoded so far
  std::size_t raw_ = 0;        ///< where decoding goes on

  std::uint64_t remaining_ = 0;  ///< of the body or chunk
  std::size_t framing_ = 0;      ///< bytes of chunk sizes, extensions and trailers so far
  State state_ = State::kHead;
  bool may_skip_line_ = true;
  bool moved_ = false;  ///< since the header was parsed: its views dangle
  RequestHead head_;
  std::optional<Refusal> refusal_;
};

/// Reads `bytes` as a connection would receive them, `piece` bytes at a time, and visits each
/// complete request; returns the refusal, if it came to one. The requests borrow for the call. For
/// tests and fuzzing: the same requests and refusal must come of every piece size.
std::optional<Refusal> parse_http_requests(std::string_view bytes, const HttpLimits& limits,
                                           std::size_t piece,
                                           const std::function<void(const HttpRequest&)>& visit);

}  // namespace wardlock::net
