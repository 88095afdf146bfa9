#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "authn/message/messages.h"
#include "base/error.h"
#include "config/messages_settings.h"
#include "directory/registry/registry.h"
#include "letter/letters.h"
#include "net/egress.h"
#include "net/interruption.h"
#include "server/log.h"
#include "server/pause.h"
#include "storage/store.h"

namespace wardlock::server {

/// Brings messages to people: notices by mail, or to a webhook, codes to the webhook alone. On two
/// threads of its own, so that a code does not wait for a mail server; again and again where one is
/// not taken, also after a kill. What it says of that in its log names neither addresses nor codes.
class MessageCourier {
 public:
  /// All but the settings outlive it. `service`: what the house calls itself. Errors: a file that
  /// the settings name cannot be read.
  static Result<std::unique_ptr<MessageCourier>> start(const config::MessageWays& ways,
                                                       std::string service,
                                                       authn::Messages& messages,
                                                       const directory::Registry& registry,
                                                       storage::Store& store, Log& log);
  ~MessageCourier();
  MessageCourier(const MessageCourier&) = delete;
  MessageCourier& operator=(const MessageCourier&) = delete;

 private:
  /// By which way a message goes, and where to.
  struct Route {
    std::string_view way = {};  ///< empty: there is none
    std::string mail_address = {};
    std::string user_name = {};
  };

  MessageCourier(config::MessageWays ways, letter::Letters letters,
                 std::optional<net::Egress> egress, authn::Messages& messages,
                 const directory::Registry& registry, Log& log);
  void run(const std::stop_token& stop, authn::MessageKind kind);
  Result<void> deliver_what_is_due(authn::MessageKind kind);
  Result<void> look_after();
  Result<Route> route_of(const authn::Message& message) const;
  /// Error: it is to be tried again.
  Result<authn::MessageFate> deliver(const authn::Message& message, const Route& route) const;
  Result<authn::MessageFate> send_mail(const authn::Message& message,
                                       const std::string& address) const;
  Result<authn::MessageFate> post(const authn::Message& message, std::string_view user_name) const;

  const config::MessageWays ways_;
  const letter::Letters letters_;
  const std::optional<net::Egress> egress_;  ///< of the webhook
  authn::Messages& messages_;
  const directory::Registry& registry_;
  Log& log_;
  net::Interruption interruption_;
  Pause notice_pause_;
  Pause code_pause_;
  std::unique_ptr<storage::Listening> listening_;
  std::jthread notices_;  ///< the last members: they use the others
  std::jthread codes_;
};

}  // namespace wardlock::server
