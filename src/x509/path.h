#pragma once

#include <chrono>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "x509/certificate.h"

namespace wardlock::x509 {

/// Verifies a path (RFC 5280, 6) from the first of `chain` over the others, in any order, to one of
/// the anchors, which are trusted as they are, self-signed or not, an end entity's own certificate
/// included. Signatures must have 112 bits of strength and no SHA-1. Revocation is not looked at.
/// Requires a chain that is not empty. Thread-safe.
Result<void> verify_chain(std::span<const Certificate> chain, std::span<const Certificate> anchors,
                          std::chrono::sys_seconds now);

/// The same, and what the path is: the first of `chain`, each time followed by its issuer, to the
/// anchor.
Result<std::vector<Certificate>> verified_path(std::span<const Certificate> chain,
                                               std::span<const Certificate> anchors,
                                               std::chrono::sys_seconds now);

/// Whether a path is valid for the certificate policy (RFC 5280, 6.1): the certificate was issued
/// under it, and each authority above it was allowed to. `policy` is an object identifier in dots.
bool is_valid_for_policy(std::span<const Certificate> chain, std::span<const Certificate> anchors,
                         std::chrono::sys_seconds now, std::string_view policy);

}  // namespace wardlock::x509
