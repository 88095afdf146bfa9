#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bundle/keys.h"
#include "bundle/policy_bundle.h"

namespace wardlock::bundle {

// Parts of a small bundle, for tests.

/// A policy and a schema.
std::vector<BundledFile> small_files();

/// For the tenant `st-mary` and the environment `production`, serial 7, made at
/// 2026-11-23T10:00:00Z and good for 30 days.
Statement small_statement();

/// The two, without a signature.
UnverifiedBundle small_bundle();

/// The Ed25519 key of a seed of 32 times that byte: the same key each time.
crypto::PrivateKey fixed_key(char byte);

/// The bundle's bytes, signed with the key.
std::string signed_bytes(const crypto::PrivateKey& key);

}  // namespace wardlock::bundle
