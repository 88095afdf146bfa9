#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "cli/login_book.h"

namespace wardlock::cli {

/// A login of `wardlock login` in use: its access token is renewed when it is about to end, by one
/// process at a time. Not thread-safe.
///
/// Errors besides those of LoginBook and SignInServer: kUnauthenticated, nobody is signed in there,
/// or not any more; with what to do.
class Login {
 public:
  /// Empty: where somebody signed in at last.
  static Result<Login> find(const std::string& server);
  explicit Login(KeptLogin kept) : kept_(std::move(kept)) {}

  const std::string& server() const { return kept_.server; }
  const std::string& ca() const { return kept_.ca; }

  /// What `Authorization` is to say, good for some seconds at least.
  Result<std::string> authorization();

 private:
  Result<void> renew();

  KeptLogin kept_;
};

/// Ends a login at the server, and takes it out of the book in any case. Error: the server could
/// not be told.
Result<void> end_login(LoginBook& book, const KeptLogin& login);

}  // namespace wardlock::cli
