#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "authn/oauth/client.h"
#include "authn/oauth/client_invitations.h"
#include "authn/oauth/client_rows.h"
#include "authn/oauth/occasion.h"
#include "authn/oauth/refusal.h"
#include "authn/oauth/software_statement.h"
#include "base/secret.h"

namespace wardlock::oauth {

/// Who has a client register, as policies are asked about it.
struct Registrant {
  std::string maker_type = {};       ///< of who gave the invitation; empty: there is none
  std::string maker = {};            ///< the thing's id; empty: anybody
  std::string software_issuer = {};  ///< who vouches for the program; empty: nobody
};

/// A client that has described itself, and what it is told this once.
struct RegisteredClient {
  KeptClient kept;
  std::optional<Secret> secret = {};
  Secret registration_token;            ///< with which it changes how it is registered (RFC 7592)
  std::string software_statement = {};  ///< as it came
};

/// Clients that register by themselves (RFC 7591) and look after how they are registered (RFC
/// 7592). Such a client always asks for consent, acts in no name of its own, has no audience but
/// itself, never administers, and may ask for no scopes but those that its invitation names. What
/// the house has changed of it, the house looks after from then on. Thread-safe.
class Registrations {
 public:
  /// What a client may ask for that came without an invitation, or with one that names no scopes;
  /// and what it has where it does not say.
  static std::span<const std::string_view> usual_scopes();
  /// So many clients a tenant has at most, if some of them register by themselves.
  static constexpr std::int64_t kMostClients = 10'000;

  /// `parts` and `trusted` outlive it.
  Registrations(const Parts& parts, std::span<const SoftwareIssuer> trusted)
      : parts_(parts), trusted_(trusted) {}

  struct Request {
    const boost::json::object& metadata;
    std::optional<std::string_view> token = {};  ///< the bearer token; nothing: none came
    std::string_view source_address = {};
  };
  /// Whether policies let them. Refuses, in words for who asks.
  using MayRegister = std::function<Answer<void>(const Registrant&)>;

  /// Refusals: kInvalidToken, the invitation is unknown, over or used up; those of the policies, of
  /// software statements and of `read_client`. An invitation loses a use only where a client comes
  /// of it.
  Answer<RegisteredClient> enter(const Occasion& occasion, const Request& request,
                                 const MayRegister& may_register);

  /// Which client is asked about, and what came to prove that it is it who asks.
  struct Management {
    std::string_view client;
    std::string_view token;
    std::string_view source_address = {};
  };
  /// Refusal of this and the next two: kInvalidToken, in the same words whether there is no such
  /// client, it is disabled, its token is another, or the house looks after it.
  Answer<KeptClient> read(const Occasion& occasion, const Management& which) const;
  /// All of its description; what is left out is as usual. It may not have more than before.
  /// Where answers may go elsewhere then, people are asked for their consent anew.
  Answer<RegisteredClient> replace(const Occasion& occasion, const Management& which,
                                   const boost::json::object& metadata);
  /// With all that was granted to it.
  Answer<void> remove(const Occasion& occasion, const Management& which);

 private:
  Answer<std::optional<ClientInvitation>> find_given(const Occasion& occasion,
                                                     const Request& request) const;
  Answer<std::optional<SoftwareStatement>> find_vouched(const Occasion& occasion,
                                                        const boost::json::object& metadata) const;
  Answer<KeptClient> find_managed(storage::Work& work, const Occasion& occasion,
                                  const Management& which) const;
  Answer<RegisteredClient> keep(storage::Work& work, const Occasion& occasion,
                                const Registrant& registrant, std::string_view invitation,
                                std::string_view source_address, Client client);

  const Parts& parts_;
  const std::span<const SoftwareIssuer> trusted_;
};

}  // namespace wardlock::oauth
