#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/secret.h"

namespace wardlock::cli {

/// Where somebody signed in with `wardlock login`, and what they got there.
struct KeptLogin {
  std::string server;  ///< its URL, with the tenant's path: the issuer of the tokens
  std::string ca;      ///< who vouches for it, as said then; empty: the system's authorities
  Secret access_token;
  Secret refresh_token;
  std::int64_t until_ms = 0;  ///< of the access token, since the epoch
};

/// The logins of whoever runs the program: `wardlock/logins.json` in `$XDG_CONFIG_HOME`, or in
/// `~/.config`. Nobody but them may read it. As long as it is open no other process changes it: a
/// refresh token that two of them used would end the login. Not thread-safe.
class LoginBook {
 public:
  /// Waits for whoever has it. Where nobody ever signed in there is nothing in it. Errors:
  /// kPermissionDenied, others may read it, or it is another user's; kDataLoss, it is none;
  /// kUnavailable, it cannot be read; kFailedPrecondition, there is no home to keep it in.
  static Result<LoginBook> open();
  ~LoginBook();
  LoginBook(LoginBook&& other) noexcept;
  LoginBook& operator=(LoginBook&&) = delete;

  /// Empty `server`: the one that was signed in at last. Null: there is none. Valid until the book
  /// is changed.
  const KeptLogin* find(std::string_view server) const;
  const std::vector<KeptLogin>& all() const { return logins_; }
  const std::string& path() const { return path_; }

  /// In the place of one at the same server. `is_new`: it is the last that was signed in at.
  Result<void> put(KeptLogin login, bool is_new);
  Result<void> drop(std::string_view server);

 private:
  explicit LoginBook(std::string folder);
  Result<void> lock();
  Result<void> read();
  Result<void> write() const;

  std::string folder_;
  std::string path_;
  int lock_ = -1;
  std::vector<KeptLogin> logins_;  ///< the last that was signed in at stands last
};

}  // namespace wardlock::cli
