#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "authn/failure_count.h"
#include "authn/message/message.h"
#include "base/error.h"
#include "base/secret.h"
#include "directory/registry/journal.h"
#include "event/event.h"
#include "storage/store.h"

namespace wardlock::authn {

/// What `Work::notify` tells of messages that are to be delivered.
inline constexpr std::string_view kMessageChannel = "message";

struct MessageSettings {
  bool has_notices = false;  ///< people are told; else `tell` keeps nothing
  bool has_codes = false;    ///< codes can be sent to registered devices
  /// How long before an authenticator expires its owner is reminded.
  std::int64_t remind_before_ms = std::int64_t{14} * 24 * 3600 * 1000;
  std::int64_t tried_for_ms = std::int64_t{2} * 24 * 3600 * 1000;  ///< of notices
};

/// How many codes may be sent to one person's devices: whoever knows a password is not to have
/// somebody's pager ring all night, nor to guess at many codes (SP 800-63B-4, 3.2.2). Most of them
/// are kept for devices where the person has signed in before, so that a stranger uses up his own.
struct CodeLimits {
  static constexpr std::int64_t kWithinMs = std::int64_t{3600} * 1000;
  static constexpr std::int64_t kLeastBetweenMs = std::int64_t{20} * 1000;
  static constexpr std::int64_t kMostOfStrangers = 4;
  static constexpr std::int64_t kMost = 10;  ///< of strangers and familiar devices together
};

/// A code that is to be sent.
struct CodeToSend {
  std::string_view tenant;
  std::string_view person;
  About about = About::kDeviceCode;
  const Secret& address;  ///< as `Accounts::offer_device` took it
  const Secret& code;
  Familiarity who = Familiarity::kStranger;
  std::int64_t until_ms = 0;  ///< when the code is good for nothing any more
};

/// A code does not wait for notices to go.
enum class MessageKind : std::uint8_t { kNotice, kCode };

/// How a delivery ended.
enum class MessageFate : std::uint8_t {
  kDelivered,
  kUndelivered,  ///< nobody took it in all the time
  kRefused,      ///< its receiver takes no such message, and never will
  kNoAddress,    ///< the person has none
};

/// Messages to people, as they wait: each is kept in the transaction of what causes it, is there
/// until it was delivered or given up, and then goes, with its audit event (`message`), which does
/// not say what was in it. What is delivered may be delivered twice where a node ends in between:
/// with the same id. Thread-safe; waits for the database. Errors: those of storage::Store.
class Messages {
 public:
  /// `store` outlives it. `surroundings.secrets` is not null.
  Messages(storage::Store& store, directory::Surroundings surroundings, MessageSettings settings)
      : store_(store), surroundings_(std::move(surroundings)), settings_(settings) {}

  const MessageSettings& settings() const { return settings_; }

  /// Keeps a notice for a person.
  Result<void> tell(storage::Work& work, std::string_view tenant, std::string_view person,
                    About about, const MessageDetails& details) const;
  /// The same for each of them who is at work; at most 200.
  Result<void> tell_all(storage::Work& work, std::string_view tenant,
                        const std::set<std::string>& people, About about,
                        const MessageDetails& details) const;
  /// Keeps a notice, unless it was said of `what` before and that time is not over.
  Result<void> tell_once(storage::Work& work, std::string_view tenant, std::string_view person,
                         About about, const MessageDetails& details, std::string_view what,
                         std::int64_t until_ms) const;
  /// Keeps a code to be sent. False: so many were sent lately that this one is not, and nothing is
  /// kept (`CodeLimits`).
  Result<bool> send_code(storage::Work& work, const CodeToSend& code) const;

  /// What is due, of all tenants, the earliest first; at most so many.
  Result<std::vector<Message>> due(MessageKind kind, std::size_t most) const;
  /// Takes it to be delivered: unless it is settled it is due again, after a time that doubles. A
  /// code is tried again after seconds. False: another node has taken it.
  Result<bool> take(const Message& message);
  /// It is over, and forgotten. `way`: how it went, e.g. `mail`.
  Result<void> settle(const Message& message, MessageFate fate, std::string_view way);
  /// Those whose time is over, of all tenants, are settled as undelivered. Returns how many.
  Result<std::size_t> give_up();
  /// Forgets what was said and sent too long ago to matter.
  Result<void> tidy();

 private:
  Result<void> put(storage::Work& work, const Message& message) const;
  Result<void> record(storage::Work& work, const Message& message, MessageFate fate,
                      std::string_view way) const;

  storage::Store& store_;
  const directory::Surroundings surroundings_;
  const MessageSettings settings_;
};

}  // namespace wardlock::authn
