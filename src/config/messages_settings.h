#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "codec/json.h"
#include "net/client_tls_files.h"
#include "net/egress.h"

namespace wardlock::config {

/// Where mail is handed over. Paths as they are to be opened.
struct MailServer {
  std::string host;
  std::uint16_t port = 587;
  bool is_tls_at_once = false;
  std::string from;
  std::string from_name;
  std::string user = {};           ///< empty: none
  std::string password_file = {};  ///< not empty with a user
  net::ClientTlsFiles tls = {};
  std::chrono::milliseconds timeout{30'000};
};

/// Where messages are posted to.
struct MessageWebhook {
  std::string url;
  std::string secret_file;
  bool takes_notices = true;
  net::EgressRules egress = {};  ///< its origin alone
};

/// By which way codes come to people's devices.
enum class DeviceCodes : std::uint8_t { kOff, kNetwork, kTelephone };

/// How people are told.
struct MessageWays {
  std::optional<MailServer> smtp;
  std::optional<MessageWebhook> webhook;
  DeviceCodes device_codes = DeviceCodes::kOff;
  std::string contact = {};  ///< empty: the help desk, in general
  std::chrono::milliseconds give_up_after{std::chrono::hours(48)};
  std::chrono::milliseconds remind_before{std::chrono::hours(24 * 14)};

  bool has_notices() const { return smtp || (webhook && webhook->takes_notices); }
};

/// `messages`, which its table has checked. What is wrong with it as a whole is given to `refuse`,
/// with the pointer below it, e.g. `/smtp/from`.
MessageWays message_ways_of(const codec::Json& section,
                            const std::function<void(std::string_view, std::string)>& refuse);

}  // namespace wardlock::config
