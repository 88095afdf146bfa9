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
  ~LdapConnection();
  LdapConnection(LdapConnection&&) noexcept;
  LdapConnection& operator=(LdapConnection&&) = delete;

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
  explicit LdapConnection(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace wardlock::directory
