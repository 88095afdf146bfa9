#pragma once

#include <string>

#include "api/admin/asked.h"
#include "directory/registry/edit.h"

namespace wardlock::admin {

/// A credential that is wanted.
struct WantedCredential {
  directory::NewCredential entry;
  std::string token = {};  ///< made for it; empty where it is no token
};

/// Reads `form` (`token` where it is not there), `fingerprint`, `label` and `expiresAt`, and makes
/// a token where one is wanted.
Answered<WantedCredential> read_wanted(const Body& body);

codec::Json to_json(const directory::Credential& credential, std::int64_t now);

/// The credential, and its token where it has one. A dry run does not show it: it is none.
boost::json::object issued_json(const Asked& asked, const directory::Credential& credential,
                                const std::string& token);

}  // namespace wardlock::admin
