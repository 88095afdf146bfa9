#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authn/session/session.h"
#include "base/error.h"

namespace wardlock::account {

/// What an application asks of whoever signs in.
struct AuthorizationQuestion {
  std::string service;              ///< the application's name
  std::string host;                 ///< where its answer goes; empty: to a device
  std::vector<std::string> scopes;  ///< what it would be allowed
  /// Nobody has allowed it yet, so that they are to be asked.
  bool needs_consent = true;
  /// A session that is weaker, or whose factors were shown before then, is to be stepped up.
  authn::AssuranceLevel required = authn::AssuranceLevel::kAal1;
  std::int64_t not_before_ms = 0;
  std::string purpose = {};         ///< for the policy; empty: any application
  std::string login_hint = {};      ///< a user name that it expects; empty: none
  bool is_self_registered = false;  ///< nobody of the house has looked at the application
  /// So long it goes on without the session; zero: it ends when they sign out.
  std::chrono::seconds lasts = std::chrono::seconds(0);
};

/// What somebody lets an application do.
struct AllowedApplication {
  std::string id;
  std::string name;
  std::vector<std::string> scopes;
  std::int64_t since_ms = 0;
  bool is_lasting = false;  ///< it goes on after its session
};

/// Where the browser goes next: to a URL of the application, or nowhere, as with devices.
struct Onward {
  std::string url;
};

/// Requests of applications that wait for somebody to sign in and to allow them. The URLs that it
/// gives are registered ones, checked before. Thread-safe.
///
/// Errors: kNotFound, the handle or code stands for nothing (any more); the store's.
class AuthorizationDesk {
 public:
  virtual ~AuthorizationDesk() = default;

  virtual Result<AuthorizationQuestion> find(std::string_view tenant, std::string_view handle,
                                             const std::optional<authn::Session>& session) = 0;
  virtual Result<Onward> approve(std::string_view tenant, std::string_view handle,
                                 const authn::Session& session) = 0;
  virtual Result<Onward> deny(std::string_view tenant, std::string_view handle,
                              const authn::Session& session) = 0;
  /// The handle of the request that a device shows the code of (RFC 8628, 3.3), as it was typed.
  /// No handle of a device but those that it gave is good for anything, so that codes are tried
  /// here alone. Error kResourceExhausted: too many were tried from there.
  virtual Result<std::string> find_device(std::string_view tenant, std::string_view user_code,
                                          std::string_view source_address) = 0;

  /// What the person lets applications do, and its end: what was granted ends with every token.
  virtual Result<std::vector<AllowedApplication>> allowed_by(std::string_view tenant,
                                                             std::string_view person) = 0;
  virtual Result<void> withdraw(std::string_view application, const authn::Session& session,
                                std::string_view source_address) = 0;
};

}  // namespace wardlock::account
