#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/secret.h"
#include "directory/ldap/password_verdict.h"
#include "directory/ldap/source.h"

namespace wardlock::directory {

/// An entry, as it was answered.
struct LdapEntry {
  std::string dn;
  /// By their names in lowercase; bytes, as the server has them.
  std::map<std::string, std::vector<std::string>, std::less<>> attributes;

  /// The first value, or empty.
  std::string_view first(std::string_view attribute) const;
};

/// A connection to an LDAP server, over TLS alone, with the server's certificate checked against
/// the source's authorities and its name. For one thread. Settings of the system (`ldap.conf`,
/// `LDAPTLS_…`) loosen nothing. Referrals are not followed.
///
/// Errors: kUnavailable, nobody answers in time, or not over TLS that can be trusted;
/// kPermissionDenied, it refuses the bind or the search; kInvalidArgument, it does not understand
/// what is asked; kResourceExhausted, it would not answer all of it. Messages never have the
/// password.
class LdapConnection {
 public:
  /// Connects and binds. Where it is asked to stop, whatever is waited for ends.
  static Result<LdapConnection> open(const LdapSource& source, std::string_view password,
                                     const std::stop_token& stop);
  /// The same with the password that is in the source's file. Errors besides: those of
  /// `storage::read_private_file`.
  static Result<LdapConnection> open(const LdapSource& source, const std::stop_token& stop);
  ~LdapConnection();
  LdapConnection(LdapConnection&&) noexcept;
  LdapConnection& operator=(LdapConnection&&) = delete;

  /// Whether it is the password of the entry with that DN: a bind as that entry, on a connection of
  /// its own that is used for nothing else. An empty password or DN is wrong before anybody is
  /// asked: servers take such a bind for one of nobody, and it succeeds (RFC 4513 §5.1). Errors:
  /// as said; a server that cannot tell is one, never a verdict.
  static Result<PasswordVerdict> try_password(const LdapSource& source, const std::string& dn,
                                              const Secret& password, const std::stop_token& stop);

  struct Search {
    std::string base;
    std::string filter;
    std::vector<std::string> attributes;
    bool is_base_only = false;  ///< the entry itself, nothing below
  };
  /// Calls `visit` with each entry, a page at a time (RFC 2696). Either all of them are seen, or
  /// an error tells that they were not: an answer that was cut off is one. Ends with kCancelled
  /// where it is asked to stop.
  Result<void> search(const Search& search,
                      const std::function<Result<void>(const LdapEntry&)>& visit);

  /// References to other servers that were answered so far, and not followed.
  std::size_t references() const;

 private:
  struct State;
  /// Over TLS, and not bound yet.
  static Result<std::unique_ptr<State>> connect(const LdapSource& source,
                                                const std::stop_token& stop);
  explicit LdapConnection(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace wardlock::directory
