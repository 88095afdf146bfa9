#include "server/message_courier.h"

#include <fmt/format.h>
#include <pthread.h>

#include <chrono>
#include <set>
#include <utility>
#include <vector>

#include "audit/forward/secret_file.h"
#include "audit/forward/webhook_transport.h"
#include "base/wall_clock.h"
#include "codec/json.h"
#include "net/mail.h"
#include "net/smtp_client.h"
#include "storage/private_file.h"

namespace wardlock::server {
namespace {

using authn::Message;
using authn::MessageFate;
using authn::MessageKind;

constexpr std::chrono::milliseconds kLookInterval{5'000};
/// A code is tried again after five seconds.
constexpr std::chrono::milliseconds kCodeInterval{1'000};
constexpr std::size_t kMostAtOnce = 100;
/// The answer is a status; what else it says is not read.
constexpr std::size_t kMostReplyBytes = std::size_t{64} << 10;
constexpr std::string_view kMail = "mail";
constexpr std::string_view kWebhook = "webhook";

Result<Secret> read_secret(const std::string& path) {
  std::string text = TRY(storage::read_private_file(path));
  Secret secret(std::string_view(text).substr(0, text.find_first_of("\r\n")));
  wipe(text);
  return secret;
}

std::string_view text_in(const codec::Json& json, std::string_view name) {
  const auto* value = json.is_object() ? json.get_object().if_contains(name) : nullptr;
  return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : "";
}

/// Where somebody is written to: the address that is to be used, or else the first. Empty: none.
std::string mail_address_of(const directory::Thing& person) {
  const auto* list = person.document.json().if_contains("emails");
  if (list == nullptr || !list->is_array()) return {};
  std::string first;
  for (const codec::Json& each : list->get_array()) {
    const std::string_view address = text_in(each, "value");
    if (!net::is_mail_address(address)) continue;
    const auto* primary = each.get_object().if_contains("primary");
    if (primary != nullptr && primary->is_bool() && primary->get_bool()) {
      return std::string(address);
    }
    if (first.empty()) first = address;
  }
  return first;
}

std::string user_name_of(const directory::Thing& person) {
  const auto* name = person.document.json().if_contains("userName");
  return name != nullptr && name->is_string() ? std::string(name->get_string()) : std::string();
}

std::string body_of(const Message& message, std::string_view user_name,
                    const letter::Letter& letter) {
  boost::json::object person{{"id", message.person}};
  if (!user_name.empty()) person["user_name"] = user_name;
  boost::json::object body{{"type", authn::is_code(message.about) ? "code" : "notice"},
                           {"about", to_string(message.about)},
                           {"tenant", message.tenant},
                           {"person", std::move(person)},
                           {"subject", letter.subject},
                           {"text", letter.text.reveal()},
                           {"time", message.details.happened_ms / 1000}};
  if (!message.details.of.empty()) body["of"] = message.details.of;
  if (authn::is_code(message.about)) {
    body["address"] = message.address.reveal();
    body["code"] = message.code.reveal();
    body["expires_at"] = message.until_ms / 1000;
  }
  return codec::to_json_text(body);
}

}  // namespace

Result<std::unique_ptr<MessageCourier>> MessageCourier::start(const config::MessageWays& ways,
                                                              std::string service,
                                                              authn::Messages& messages,
                                                              const directory::Registry& registry,
                                                              storage::Store& store, Log& log) {
  letter::Letters letters = TRY(letter::Letters::build(std::move(service), ways.contact));
  std::optional<net::Egress> egress;
  if (ways.webhook) {
    TRY(audit::read_webhook_secrets(ways.webhook->secret_file));
    egress = TRY(net::Egress::create(ways.webhook->egress));
  }
  if (ways.smtp && !ways.smtp->password_file.empty()) TRY(read_secret(ways.smtp->password_file));
  std::unique_ptr<MessageCourier> courier(
      new MessageCourier(ways, std::move(letters), std::move(egress), messages, registry, log));
  courier->listening_ =
      TRY(store.listen(std::string(authn::kMessageChannel), [courier = courier.get()] {
        courier->notice_pause_.wake();
        courier->code_pause_.wake();
      }));
  return courier;
}

MessageCourier::MessageCourier(config::MessageWays ways, letter::Letters letters,
                               std::optional<net::Egress> egress, authn::Messages& messages,
                               const directory::Registry& registry, Log& log)
    : ways_(std::move(ways)),
      letters_(std::move(letters)),
      egress_(std::move(egress)),
      messages_(messages),
      registry_(registry),
      log_(log) {
  notices_ = std::jthread([this](const std::stop_token& stop) { run(stop, MessageKind::kNotice); });
  codes_ = std::jthread([this](const std::stop_token& stop) { run(stop, MessageKind::kCode); });
}

MessageCourier::~MessageCourier() {
  listening_.reset();
  notices_.request_stop();
  codes_.request_stop();
  interruption_.raise();
  if (notices_.joinable()) notices_.join();
  if (codes_.joinable()) codes_.join();
}

void MessageCourier::run(const std::stop_token& stop, MessageKind kind) {
  const bool are_codes = kind == MessageKind::kCode;
  pthread_setname_np(pthread_self(), are_codes ? "codes" : "messages");
  Pause& pause = are_codes ? code_pause_ : notice_pause_;
  do {
    auto done = deliver_what_is_due(kind);
    if (done && !are_codes) done = look_after();
    if (!done) log_.warning("messages_undelivered", {{"reason", done.error().message}});
  } while (pause.wait_until_woken(stop, are_codes ? kCodeInterval : kLookInterval));
}

Result<void> MessageCourier::look_after() {
  TRY(messages_.give_up());
  return messages_.tidy();
}

Result<void> MessageCourier::deliver_what_is_due(MessageKind kind) {
  const std::vector<Message> due = TRY(messages_.due(kind, kMostAtOnce));
  std::set<std::string_view> deaf;  // whoever hangs keeps the others waiting once
  for (const Message& message : due) {
    if (interruption_.is_raised()) return {};
    const Route route = TRY(route_of(message));
    if (deaf.contains(route.way)) continue;
    if (!TRY(messages_.take(message))) continue;
    const auto fate = deliver(message, route);
    if (fate) {
      TRY_VOID(messages_.settle(message, *fate, route.way));
      continue;
    }
    deaf.insert(route.way);
    log_.warning("message_undelivered", {{"about", to_string(message.about)},
                                         {"way", route.way},
                                         {"reason", fate.error().message}});
  }
  return {};
}

Result<MessageCourier::Route> MessageCourier::route_of(const Message& message) const {
  const auto person = registry_.find(message.tenant, message.person);
  if (!person) {
    if (person.error().code == ErrorCode::kNotFound) return Route();
    return std::unexpected(person.error());
  }
  Route route{.user_name = user_name_of(*person)};
  const bool is_code = authn::is_code(message.about);
  if (!is_code && ways_.smtp) route.mail_address = mail_address_of(*person);
  const bool posts = ways_.webhook && (is_code || ways_.webhook->takes_notices);
  if (!route.mail_address.empty()) {
    route.way = kMail;
  } else if (posts) {
    route.way = kWebhook;
  }
  return route;
}

Result<MessageFate> MessageCourier::deliver(const Message& message, const Route& route) const {
  if (route.way.empty()) return MessageFate::kNoAddress;
  if (route.way == kMail) return send_mail(message, route.mail_address);
  return post(message, route.user_name);
}

Result<MessageFate> MessageCourier::send_mail(const Message& message,
                                              const std::string& address) const {
  const letter::Letter letter = TRY(letters_.write(message));
  net::SmtpServer server{.host = ways_.smtp->host,
                         .port = ways_.smtp->port,
                         .is_tls_at_once = ways_.smtp->is_tls_at_once,
                         .user = ways_.smtp->user,
                         .tls = ways_.smtp->tls,
                         .timeout = ways_.smtp->timeout};
  if (!ways_.smtp->password_file.empty()) {
    server.password = TRY(read_secret(ways_.smtp->password_file));
  }
  const auto sent = net::send_mail(
      server,
      {.id = message.id,
       .from = ways_.smtp->from,
       .from_name = ways_.smtp->from_name,
       .to = address,
       .subject = letter.subject,
       .text = std::string(letter.text.reveal()),
       .date = std::chrono::sys_seconds(std::chrono::seconds(message.made_ms / 1000))},
      interruption_);
  if (sent) return MessageFate::kDelivered;
  if (sent.error().code == ErrorCode::kPermissionDenied) return MessageFate::kRefused;
  return std::unexpected(sent.error());
}

Result<MessageFate> MessageCourier::post(const Message& message, std::string_view user_name) const {
  constexpr int kUnprocessable = 422;
  const letter::Letter letter = TRY(letters_.write(message));
  const auto secrets = TRY(audit::read_webhook_secrets(ways_.webhook->secret_file));
  std::string body = body_of(message, user_name, letter);
  const std::int64_t now = wall_clock_ms() / 1000;
  const std::string id = "msg_" + message.id;
  const std::string timestamp = std::to_string(now);
  const std::string signature = audit::webhook_signature(secrets, id, now, body);
  const auto reply = egress_->fetch({.method = "POST",
                                     .url = ways_.webhook->url,
                                     .headers = {{"Content-Type", "application/json"},
                                                 {"webhook-id", id},
                                                 {"webhook-timestamp", timestamp},
                                                 {"webhook-signature", signature}},
                                     .body = body},
                                    interruption_, kMostReplyBytes);
  wipe(body);
  if (!reply) return std::unexpected(reply.error());
  if (reply->status >= 200 && reply->status < 300) return MessageFate::kDelivered;
  if (reply->status == kUnprocessable) return MessageFate::kRefused;
  return fail(ErrorCode::kUnavailable, fmt::format("it answered {}", reply->status));
}

}  // namespace wardlock::server
