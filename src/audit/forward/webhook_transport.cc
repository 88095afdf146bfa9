#include "audit/forward/webhook_transport.h"

#include "audit/forward/framing.h"
#include "audit/forward/secret_file.h"
#include "base/wall_clock.h"
#include "codec/base64.h"

namespace wardlock::audit {
namespace {

/// The same for the same events, so that who receives them twice can tell.
std::string id_of(std::span<const Message> messages) {
  if (messages.size() == 1) return messages.front().id;
  return messages.front().id + "_" + messages.back().id;
}

std::string body_of(std::span<const Message> messages) {
  if (messages.size() == 1) return messages.front().text;
  std::string body;
  for (const Message& each : messages) append_framed(each.text, Framing::kLineFeed, body);
  return body;
}

}  // namespace

std::string webhook_signature(std::span<const crypto::HmacKey> secrets, std::string_view id,
                              std::int64_t time, std::string_view body) {
  std::string out;
  for (const crypto::HmacKey& secret : secrets) {
    if (!out.empty()) out += ' ';
    const auto digest = secret.sign({id, ".", std::to_string(time), ".", body});
    out += "v1," + codec::to_base64(digest);
  }
  return out;
}

WebhookTransport::WebhookTransport(const ForwarderOptions& options,
                                   const net::Interruption& interruption)
    : url_(options.url), secret_file_(options.secret_file), receiver_(options, interruption) {}

Result<bool> WebhookTransport::open() {
  if (receiver_.is_open()) return false;
  secrets_ = TRY(read_webhook_secrets(secret_file_));
  TRY_VOID(receiver_.open());
  return false;  // what was handed over was answered for
}

Delivery WebhookTransport::deliver(std::span<const Message> messages) {
  const std::string id = id_of(messages);
  const std::string body = body_of(messages);
  const std::int64_t now = wall_clock_ms() / 1000;
  const std::string time = std::to_string(now);
  const std::string signature = webhook_signature(secrets_, id, now, body);
  const bool is_one = messages.size() == 1;
  return receiver_
      .post(url_,
            {{"Content-Type", is_one ? "application/json" : "application/x-ndjson"},
             {"webhook-id", id},
             {"webhook-timestamp", time},
             {"webhook-signature", signature}},
            body, messages.size())
      .first;
}

}  // namespace wardlock::audit
