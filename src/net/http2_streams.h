#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>

#include "net/http2_request.h"
#include "net/session.h"

namespace wardlock::net {

/// One request of an HTTP/2 connection, and its answer.
struct Http2Stream {
  /// kAsked: there is no answer yet.
  enum class Phase : std::uint8_t { kHead, kBody, kAsked, kAnswered };

  std::int32_t id = 0;
  Phase phase = Phase::kHead;
  bool is_whole = false;            ///< all of the request has come
  Clock::time_point deadline = {};  ///< of the phase
  Http2Request request = {};
  std::shared_ptr<Unfinished> unfinished = nullptr;
  std::string answer = {};  ///< its body
  std::size_t sent = 0;     ///< of it
};

/// The streams that are open. An address stays the same until it is closed. Memory is used again.
class Http2Streams {
 public:
  Http2Stream& open(std::int32_t id, Clock::time_point deadline);
  void close(const Http2Stream& stream);

  bool empty() const { return open_.empty(); }
  auto begin() { return open_.begin(); }
  auto end() { return open_.end(); }
  /// The end of time when there is none.
  Clock::time_point first_deadline() const;
  /// Of answers that the peer has not taken yet.
  std::size_t answer_bytes() const;

 private:
  std::list<Http2Stream> open_;
  std::list<Http2Stream> spare_;
};

/// The header of an answer as HTTP/2 has it: the same as in HTTP/1.1, in lower case.
class Http2ResponseHeader {
 public:
  /// Borrows from the response, and from this until the next call.
  const std::vector<HttpHeader>& of(const HttpResponse& response, bool is_secure);

 private:
  std::string text_;
  std::vector<HttpHeader> fields_;
};

}  // namespace wardlock::net
