#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "audit/forward/transport.h"
#include "net/http_client.h"

namespace wardlock::audit {

/// What a receiver's status means for what it was sent.
enum class Verdict : std::uint8_t {
  kTaken,
  kRefused,  ///< it will never take that
  kNotNow,   ///< it may later: it is overloaded, set up wrongly, or does not know us
};
Verdict verdict_on(int status);

/// A receiver that is sent events by POST.
class HttpReceiver {
 public:
  using Headers = std::vector<std::pair<std::string_view, std::string_view>>;

  HttpReceiver(const ForwarderOptions& options, const net::Interruption& interruption);

  /// Reads the files anew, so that renewed certificates and tokens count. Nothing where it is open.
  Result<void> open();
  bool is_open() const { return client_ != nullptr; }
  void close() { client_.reset(); }

  /// How the delivery of `messages` ended by that request, and the reply to it where it was taken.
  std::pair<Delivery, net::HttpReply> post(const std::string& url, const Headers& headers,
                                           std::string_view body, std::size_t messages);

 private:
  const net::HttpClientOptions options_;
  const std::string token_file_;
  const net::Interruption& interruption_;
  std::unique_ptr<net::HttpClient> client_;  // null while it is not open
  std::string authorization_;
};

}  // namespace wardlock::audit
