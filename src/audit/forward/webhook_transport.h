#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "audit/forward/http_receiver.h"
#include "crypto/hmac.h"

namespace wardlock::audit {

/// Signed POSTs after Standard Webhooks (standardwebhooks.com): each of one event, whose id is
/// the webhook's; or, where several go at once, of NDJSON.
class WebhookTransport final : public Transport {
 public:
  WebhookTransport(const ForwarderOptions& options, const net::Interruption& interruption);

  Result<bool> open() override;
  Delivery deliver(std::span<const Message> messages) override;
  bool is_open() override { return receiver_.is_open(); }

 private:
  const std::string url_;
  const std::string secret_file_;
  HttpReceiver receiver_;
  std::vector<crypto::HmacKey> secrets_;
};

/// The value of `webhook-signature`: one of each secret. `time`: seconds since the epoch.
std::string webhook_signature(std::span<const crypto::HmacKey> secrets, std::string_view id,
                              std::int64_t time, std::string_view body);

}  // namespace wardlock::audit
