#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "codec/json.h"

namespace wardlock::config {

/// A folder whose changes become drafts by themselves.
struct FollowedFolder {
  std::string folder;
  /// The service of the directory that proposes them, by its id there.
  std::string service;
  std::chrono::milliseconds interval{10'000};  ///< between two looks
};

/// Policies of a tenant that are kept in the directory's database, and change there: as drafts that
/// somebody else approves (docs/changing-policies.md). Paths as they are to be opened.
struct ManagedPolicies {
  std::string environment;  ///< e.g. `production`: what this server enforces
  /// What signs what comes into force: a file in PEM, or a key in a token by its PKCS#11 URI.
  std::string key;
  /// A folder with policies, schema, tests and invariants: what is put in force where nothing is.
  std::string initial;
  std::string trusted_keys = {};         ///< besides the key's public half; empty: none
  std::string revoked_keys = {};         ///< empty: none
  std::string last_bundle = {};          ///< where the last bundle is kept; empty: as server has it
  std::chrono::milliseconds lifetime{};  ///< of an activation, before it is renewed
  std::chrono::milliseconds approve_within{};       ///< so soon after an emergency
  std::chrono::milliseconds node_grace{120'000};    ///< so long nodes may be behind
  std::chrono::milliseconds node_silence{600'000};  ///< so long they may say nothing
  std::optional<FollowedFolder> source = {};        ///< nothing: whoever changes them pushes it
};

/// `managed`, which its table has checked. What is wrong with it as a whole is given to `refuse`,
/// with the pointer below it, e.g. `/key`.
ManagedPolicies managed_policies_of(
    const codec::Json& section,
    const std::function<void(std::string_view pointer, std::string message)>& refuse);

}  // namespace wardlock::config
