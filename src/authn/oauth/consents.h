#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authn/oauth/occasion.h"
#include "authn/oauth/refusal.h"
#include "storage/work.h"

namespace wardlock::oauth {

/// What somebody lets a client do: what it was given and still has, and what it would be given
/// without being asked again.
struct GivenAccess {
  std::string client;
  std::string client_name;  ///< its id, where it is gone
  std::vector<std::string> scopes = {};
  std::int64_t since_ms = 0;  ///< the earliest of it
  bool is_lasting = false;    ///< it goes on after its session (`offline_access`)
};

/// Who withdraws, as the log is to know them.
struct Withdrawal {
  std::string_view person;
  std::string_view client;
  std::string_view session = {};
  std::string_view source_address = {};
};

/// What people have said yes to. Thread-safe; waits for the database.
class Consents {
 public:
  /// `parts` outlive it.
  explicit Consents(const Parts& parts) : parts_(parts) {}

  /// In the order of the clients' ids. What a client has by a token that was exchanged is that of
  /// the grant it came of, and told with it.
  Answer<std::vector<GivenAccess>> given_by(const Occasion& occasion,
                                            std::string_view person) const;

  /// A consent that was given before counts no more, and what was granted on it ends, with every
  /// token that came of it; it is told. False: the client had nothing of theirs.
  Answer<bool> withdraw(const Occasion& occasion, const Withdrawal& withdrawal);

 private:
  const Parts& parts_;
};

// For this room, within the transaction of `work`.

/// What the person has said yes to for this client; nothing: they were never asked.
Answer<std::optional<std::vector<std::string>>> consented(storage::Work& work,
                                                          const Occasion& occasion,
                                                          std::string_view person,
                                                          std::string_view client);
/// Besides what they have said yes to before.
Answer<void> remember_consent(storage::Work& work, const Occasion& occasion,
                              std::string_view person, std::string_view client,
                              const std::vector<std::string>& scopes);

}  // namespace wardlock::oauth
