#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "administration/sign_ins.h"
#include "authn/oauth/provider.h"
#include "authn/session/sessions.h"
#include "base/error.h"

namespace wardlock::server {

/// Where people are signed in, as this process and the database have it. Thread-safe.
class KeptSignIns final : public administration::SignIns {
 public:
  /// Both outlive it. `provider` null: no application may ask here.
  KeptSignIns(authn::Sessions& sessions, oauth::Provider* provider)
      : sessions_(sessions), provider_(provider) {}

  Result<std::vector<administration::StandingSignIn>> of(std::string_view tenant,
                                                         std::string_view person) override;
  Result<bool> end(std::string_view tenant, std::string_view person, std::string_view id) override;
  Result<std::size_t> end_all(std::string_view tenant, std::string_view person) override;

 private:
  Result<std::size_t> end_lasting(std::string_view tenant, std::string_view person,
                                  std::string_view id);

  authn::Sessions& sessions_;
  oauth::Provider* provider_;
};

}  // namespace wardlock::server
