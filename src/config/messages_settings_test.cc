#include "config/messages_settings.h"

#include <gtest/gtest.h>

#include <string>

#include "config/config.h"

namespace wardlock::config {
namespace {

constexpr std::string_view kBase =
    "listeners: [{address: '127.0.0.1:8180'}]\n"
    "policies: p\n"
    "directory: {database: 'sqlite:d.db'}\n"
    "authentication: {}\n";
constexpr std::string_view kSmtp = "{host: smtp.example, from: wardlock@st-mary.example}";
constexpr std::string_view kHook = "{url: 'https://pager.example/in', secret_file: hook.secret}";

Parsed<Config> parsed(const std::string& messages, std::string_view base = kBase) {
  return parse_config(std::string(base) + "messages: " + messages, "/etc/wardlock");
}

MessageWays sound(const std::string& messages) {
  const auto config = parsed(messages);
  EXPECT_TRUE(config) << config.error().front().message;
  return config ? *config->messages : MessageWays();
}

std::string fault(const std::string& messages, std::string_view base = kBase) {
  const auto config = parsed(messages, base);
  return config ? "" : config.error().front().message;
}

std::string smtp(std::string_view more) {
  return "{smtp: {host: smtp.example, from: wardlock@st-mary.example, " + std::string(more) + "}}";
}
std::string hook(std::string_view url, std::string_view more = "") {
  return "{webhook: {url: '" + std::string(url) + "', secret_file: s" + std::string(more) + "}}";
}

TEST(MessageSettings, AreNoneWhereNothingIsSaid) {
  const auto config = parse_config(kBase, "/etc/wardlock");
  ASSERT_TRUE(config);
  EXPECT_FALSE(config->messages);
}

TEST(MessageSettings, SayWhereMailIsHandedOver) {
  const MessageWays ways = sound("{smtp: " + std::string(kSmtp) + "}");
  ASSERT_TRUE(ways.smtp);
  EXPECT_EQ(ways.smtp->host, "smtp.example");
  EXPECT_EQ(ways.smtp->port, 587);
  EXPECT_FALSE(ways.smtp->is_tls_at_once);
  EXPECT_EQ(ways.smtp->from_name, "Wardlock");
  EXPECT_EQ(ways.device_codes, DeviceCodes::kOff) << "they are asked for, or not there";
  EXPECT_TRUE(ways.has_notices());
  EXPECT_EQ(ways.give_up_after, std::chrono::hours(48));
  EXPECT_EQ(ways.remind_before, std::chrono::hours(24 * 14));
  EXPECT_EQ(sound(smtp("tls: at-once")).smtp->port, 465);
  const MessageWays given =
      sound(smtp("tls: at-once, port: 2465, user: w, password_file: mail.password, ca: ca.pem"));
  EXPECT_EQ(given.smtp->port, 2465);
  EXPECT_EQ(given.smtp->password_file, "/etc/wardlock/mail.password");
  EXPECT_EQ(given.smtp->tls.ca, "/etc/wardlock/ca.pem");
}

TEST(MessageSettings, SayWhereMessagesArePosted) {
  const MessageWays ways = sound("{webhook: " + std::string(kHook) + ", device_codes: telephone}");
  ASSERT_TRUE(ways.webhook);
  EXPECT_EQ(ways.webhook->egress.origins, std::vector<std::string>{"https://pager.example"});
  EXPECT_TRUE(ways.webhook->egress.networks.empty());
  EXPECT_EQ(ways.device_codes, DeviceCodes::kTelephone);
  EXPECT_TRUE(ways.has_notices());
  EXPECT_FALSE(sound(hook("https://pager.example", ", notices: false")).has_notices());
}

TEST(MessageSettings, RefuseWhatBringsNobodyAnything) {
  EXPECT_NE(fault("{}").find("nobody can be told"), std::string::npos);
  EXPECT_NE(
      fault("{smtp: " + std::string(kSmtp) + ", device_codes: network}").find("never by mail"),
      std::string::npos);
  EXPECT_NE(fault("{smtp: " + std::string(kSmtp) + ", device_codes: mail}"), "");
}

TEST(MessageSettings, RefuseWhatIsNotSafe) {
  EXPECT_NE(fault(smtp("tls: never")), "");
  EXPECT_NE(fault(smtp("user: w")).find("belong together"), std::string::npos);
  EXPECT_NE(fault(smtp("password_file: p")).find("belong together"), std::string::npos);
  EXPECT_NE(fault("{smtp: {host: smtp.example, from: wardlock}}").find("no address"),
            std::string::npos);
  EXPECT_NE(fault("{smtp: {host: 'smtp.example/x', from: a@b.example}}"), "");
  EXPECT_NE(fault(hook("http://pager.example/in")).find("https"), std::string::npos);
  EXPECT_NE(fault(hook("https://user@pager.example/in")), "");
  EXPECT_NE(fault(hook("https://pager.example/in#x")), "");
  EXPECT_NE(fault(hook("https://pager.example", ", networks: [10.0.0.1/8]")).find("no network"),
            std::string::npos);
  EXPECT_NE(fault("{webhook: {url: 'https://pager.example'}}"), "") << "it must be signed";
}

TEST(MessageSettings, NeedSomebodyToTell) {
  constexpr std::string_view kNobody =
      "listeners: [{address: '127.0.0.1:8180'}]\npolicies: p\n"
      "directory: {database: 'sqlite:d.db'}\n";
  EXPECT_NE(fault("{smtp: " + std::string(kSmtp) + "}", kNobody).find("authentication"),
            std::string::npos);
}

}  // namespace
}  // namespace wardlock::config
