#include "config/messages_settings.h"

#include <fmt/format.h>

#include <utility>

#include "config/setting.h"
#include "net/mail.h"

namespace wardlock::config {
namespace {

using codec::Json;
using Refuse = std::function<void(std::string_view, std::string)>;

constexpr std::uint16_t kSubmissionPort = 587;
constexpr std::uint16_t kSubmissionsPort = 465;

const Json* find(const Json& section, std::string_view name) {
  return section.get_object().if_contains(name);
}

std::string text_of(const Json& section, std::string_view name) {
  const Json* value = find(section, name);
  return value == nullptr ? std::string() : std::string(value->get_string());
}

std::chrono::milliseconds duration_of(const Json& section, std::string_view name) {
  return *parse_duration(std::string(section.at(name).get_string()));
}

MailServer mail_server_of(const Json& section, const Refuse& refuse) {
  MailServer server{.host = text_of(section, "host"),
                    .is_tls_at_once = text_of(section, "tls") == "at-once",
                    .from = text_of(section, "from"),
                    .from_name = text_of(section, "from_name"),
                    .user = text_of(section, "user"),
                    .password_file = text_of(section, "password_file"),
                    .tls = {.ca = text_of(section, "ca")},
                    .timeout = duration_of(section, "timeout")};
  const Json* port = find(section, "port");
  server.port = port != nullptr ? static_cast<std::uint16_t>(port->to_number<std::int64_t>())
                : server.is_tls_at_once ? kSubmissionsPort
                                        : kSubmissionPort;
  if (!net::is_mail_address(server.from)) {
    refuse("/smtp/from", fmt::format("`{}` is no address of mail", server.from));
  }
  if (server.user.empty() != server.password_file.empty()) {
    refuse("/smtp", "`user` and `password_file` belong together");
  }
  return server;
}

MessageWebhook webhook_of(const Json& section, const Refuse& refuse) {
  MessageWebhook webhook{.url = text_of(section, "url"),
                         .secret_file = text_of(section, "secret_file"),
                         .takes_notices = section.at("notices").get_bool(),
                         .egress = {.tls = {.ca = text_of(section, "ca")},
                                    .timeout = duration_of(section, "timeout")}};
  const auto url = net::EgressUrl::parse(webhook.url);
  if (!url) {
    refuse("/webhook/url", url.error().message);
  } else if (url->origin.starts_with("http:")) {
    refuse("/webhook/url", "codes and names go over `https:` alone");
  } else {
    webhook.egress.origins = {url->origin};
  }
  for (const Json& each : section.at("networks").get_array()) {
    const std::string text(each.get_string());
    if (const auto network = net::IpNetwork::parse(text)) {
      webhook.egress.networks.push_back(*network);
    } else {
      refuse("/webhook/networks", fmt::format("`{}` is no network", text));
    }
  }
  return webhook;
}

}  // namespace

MessageWays message_ways_of(const Json& section, const Refuse& refuse) {
  MessageWays ways{.smtp = {},
                   .webhook = {},
                   .contact = text_of(section, "contact"),
                   .give_up_after = duration_of(section, "give_up_after"),
                   .remind_before = duration_of(section, "remind_before")};
  if (const Json* smtp = find(section, "smtp")) ways.smtp = mail_server_of(*smtp, refuse);
  if (const Json* webhook = find(section, "webhook")) ways.webhook = webhook_of(*webhook, refuse);
  const std::string codes = text_of(section, "device_codes");
  if (codes == "network") ways.device_codes = DeviceCodes::kNetwork;
  if (codes == "telephone") ways.device_codes = DeviceCodes::kTelephone;
  if (!ways.smtp && !ways.webhook) {
    refuse("", "nobody can be told anything: name `smtp` or `webhook`");
  }
  if (ways.device_codes != DeviceCodes::kOff && !ways.webhook) {
    refuse("/device_codes", "codes go to devices by a `webhook`, and never by mail");
  }
  return ways;
}

}  // namespace wardlock::config
