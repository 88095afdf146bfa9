#include "audit/forward/http_receiver.h"

#include <fmt/format.h>

#include "audit/forward/secret_file.h"

namespace wardlock::audit {

Verdict verdict_on(int status) {
  if (status >= 200 && status < 300) return Verdict::kTaken;
  // What is wrong with the body alone. Any other refusal is of whoever sends, or of the place it is
  // sent to: that is put right by somebody, and then all of it is taken.
  const bool is_refused = status == 400 || status == 409 || status == 413 || status == 422;
  return is_refused ? Verdict::kRefused : Verdict::kNotNow;
}

HttpReceiver::HttpReceiver(const ForwarderOptions& options, const net::Interruption& interruption)
    : options_{.tls = options.tls,
               .proxy = options.proxy,
               .connect_timeout = options.timeout,
               .timeout = options.timeout},
      token_file_(options.token_file),
      interruption_(interruption) {}

Result<void> HttpReceiver::open() {
  if (client_ != nullptr) return {};
  if (!token_file_.empty()) authorization_ = "Bearer " + TRY(read_token_file(token_file_));
  client_ = TRY(net::HttpClient::create(options_));
  return {};
}

std::pair<Delivery, net::HttpReply> HttpReceiver::post(const std::string& url,
                                                       const Headers& headers,
                                                       std::string_view body,
                                                       std::size_t messages) {
  net::OutgoingRequest request{.method = "POST", .url = url, .headers = headers, .body = body};
  if (!authorization_.empty()) request.headers.emplace_back("Authorization", authorization_);
  auto reply = client_->fetch(request, interruption_);
  if (!reply) {
    close();
    return {{.error = std::move(reply).error()}, {}};
  }
  const Verdict verdict = verdict_on(reply->status);
  if (verdict == Verdict::kTaken) return {{.delivered = messages}, *std::move(reply)};
  if (verdict == Verdict::kNotNow) close();
  // What the receiver says besides may repeat what it was sent, which no log of ours has.
  return {{.error = Error{ErrorCode::kUnavailable,
                          fmt::format("the receiver answers {}", reply->status)},
           .is_refused = verdict == Verdict::kRefused,
           .wait = reply->retry_after},
          {}};
}

}  // namespace wardlock::audit
