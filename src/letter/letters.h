#pragma once

#include <string>

#include "authn/message/message.h"
#include "base/error.h"
#include "base/secret.h"
#include "page/words.h"

namespace wardlock::letter {

/// What a message says. The text of one with a code is as secret as the code.
struct Letter {
  std::string subject;  ///< one line
  Secret text;          ///< UTF-8; its lines end with `\n`
};

/// Messages in words. Immutable, so thread-safe.
class Letters {
 public:
  /// `service`: what the house calls itself; `contact`: what somebody is told to do who did not do
  /// what a notice is about, or empty. Error: kInternal, some words are missing.
  static Result<Letters> build(std::string service, std::string contact);

  /// Error: kInternal, a kind of authenticator has no words.
  Result<Letter> write(const authn::Message& message) const;

 private:
  Letters(page::Words words, std::string service, std::string contact)
      : words_(std::move(words)), service_(std::move(service)), contact_(std::move(contact)) {}
  Result<std::string> filled(std::string_view key, const authn::Message& message) const;
  std::string kinds_of(const authn::MessageDetails& details) const;

  page::Words words_;
  std::string service_;
  std::string contact_;
};

}  // namespace wardlock::letter
