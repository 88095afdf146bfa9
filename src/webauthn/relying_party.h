#pragma once

#include <string>
#include <vector>

namespace wardlock::webauthn {

/// For whom credentials are made, and on which pages.
struct RelyingParty {
  std::string id;                    ///< a domain: `example.org`
  std::vector<std::string> origins;  ///< to the letter: `https://login.example.org`
  /// Pages of others that may show ours in a frame; empty: nobody may.
  std::vector<std::string> top_origins;
};

}  // namespace wardlock::webauthn
