#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authn/oauth/authorization_request.h"
#include "authn/oauth/client_authentication.h"
#include "authn/oauth/occasion.h"
#include "authn/session/session.h"

namespace wardlock::oauth {

/// What a request waits for, before somebody may approve it.
enum class Awaited : std::uint8_t {
  kSignIn,   ///< nobody is signed in, or must anew
  kStepUp,   ///< somebody is, but not surely enough: `level`
  kConsent,  ///< the person is to be asked
  kNothing,
};

/// A request that waits, as a page needs it.
struct PendingRequest {
  AuthorizationRequest request;
  std::string client_name;
  bool is_self_registered = false;  ///< nobody of the house looked at the client
  /// So long what is approved goes on without the session; zero: it ends with it.
  std::chrono::seconds lasts = std::chrono::seconds(0);
  Awaited awaited = Awaited::kSignIn;
  /// Signed in before then is too long ago; 0: whenever it was. A sign-in page that offers a fresh
  /// sign-in goes by this, and by `request.level`.
  std::int64_t signed_in_since_ms = 0;
};

/// What a person decided. Empty scopes: all that were asked for.
struct Approval {
  std::vector<std::string> scopes = {};
  bool is_remembered = true;  ///< it is not asked again for the same
  std::string patient = {};   ///< SMART's context, where it was asked for
  std::string encounter = {};
};

/// Where a browser that came to the authorization endpoint goes.
struct Begun {
  /// The request waits under this; for the sign-in page. Empty: it is answered.
  std::string handle = {};
  std::optional<ReturnAnswer> answer = {};
};

/// Authorization requests, from the client's to the code that answers them. They never see a cookie
/// and show nothing: pages do, and come with the session that they found. Thread-safe.
class Authorizations {
 public:
  /// So long a request waits for somebody to sign in.
  static constexpr std::int64_t kPendingMs = 30 * 60 * 1000;
  /// And a pushed one for its browser (RFC 9126, 2.2).
  static constexpr std::int64_t kPushedMs = 90 * 1000;
  /// And a code for its client (OAuth 2.1, 4.1.2).
  static constexpr std::int64_t kCodeMs = 60 * 1000;

  struct Options {
    bool must_push = false;  ///< every client must
  };

  /// `parts` outlive it.
  Authorizations(const Parts& parts, const Options& options) : parts_(parts), options_(options) {}

  /// A request that a browser brings. `session`: of that browser; null: none. Where nothing is
  /// awaited, or nobody may be asked, it is answered at once.
  std::expected<Begun, AuthorizationRefusal> begin(const Occasion& occasion,
                                                   const Parameters& parameters,
                                                   const authn::Session* session);

  /// A request that a client pushes. Returns its `request_uri`.
  Answer<std::string> push(const Occasion& occasion, const AuthenticatedClient& client,
                           const Parameters& parameters);

  /// What waits there, for the one who is signed in. Refusal kInvalidRequest: nothing (any more).
  Answer<PendingRequest> find(const Occasion& occasion, std::string_view handle,
                              const authn::Session* session) const;

  /// The person of the session says yes. Refused, and still waiting, where something is awaited
  /// that is not in `approval`: a sign-in, a step-up, or a patient.
  Answer<ReturnAnswer> approve(const Occasion& occasion, std::string_view handle,
                               const authn::Session& session, const Approval& approval);
  /// The person says no, or goes away.
  Answer<ReturnAnswer> deny(const Occasion& occasion, std::string_view handle);

  /// An answer that a browser is to post, for a page that can only send it somewhere: what is
  /// returned is taken once, with `take_answer`, within a minute.
  Answer<std::string> keep_answer(const Occasion& occasion, const ReturnAnswer& answer);
  Answer<ReturnAnswer> take_answer(const Occasion& occasion, std::string_view ticket);

 private:
  struct Kept {
    AuthorizationRequest request;
    Client client;
    std::string issuer = {};    ///< at which it came
    std::int64_t since_ms = 0;  ///< when it came
  };
  Answer<Kept> read_pending(storage::Work& work, const Occasion& occasion,
                            std::string_view handle) const;
  Answer<Awaited> awaited(storage::Work& work, const Occasion& occasion, const Kept& kept,
                          const authn::Session* session) const;
  Answer<ReturnAnswer> issue_code(storage::Work& work, const Occasion& occasion, const Kept& kept,
                                  const authn::Session& session, const Approval& approval) const;
  std::expected<Begun, AuthorizationRefusal> begin_in(storage::Work& work, const Occasion& occasion,
                                                      const Parameters& parameters,
                                                      const authn::Session* session) const;
  Answer<Begun> answer_or_wait(storage::Work& work, const Occasion& occasion, const Kept& kept,
                               const authn::Session* session) const;
  Answer<Parameters> take_pushed(storage::Work& work, const Occasion& occasion,
                                 const Parameters& parameters) const;

  const Parts& parts_;
  const Options options_;
};

}  // namespace wardlock::oauth
