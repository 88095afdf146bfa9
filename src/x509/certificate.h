#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "crypto/public_key.h"

namespace wardlock::x509 {

/// An attribute of a distinguished name.
enum class NameAttribute : std::uint8_t {
  kCommonName,
  kCountry,
  kOrganization,
  kOrganizationalUnit,
  kSerialNumber,  ///< of the subject, not of the certificate
  kUserId,
};

/// An X.509 certificate (RFC 5280) that was read, and believed in nothing yet. Cheap to copy.
/// Thread-safe.
class Certificate {
 public:
  struct State;

  /// From DER, with nothing after it; at most 16 KiB.
  static Result<Certificate> from_der(std::string_view der);

  const std::string& der() const;
  /// 1 to 3.
  int version() const;
  bool has_empty_subject() const;
  /// What the subject says there, as UTF-8; nothing where it says it not at all, or twice.
  std::optional<std::string> subject(NameAttribute attribute) const;

  struct Extension {
    std::string value;  ///< what the extension's OCTET STRING holds: DER
    bool is_critical = false;
  };
  /// By its object identifier in dots; nothing where there is none, or several.
  std::optional<Extension> extension(std::string_view oid) const;
  bool has_extended_key_usage(std::string_view oid) const;
  /// Whether it may not sign certificates (RFC 5280, 4.2.1.9): there are basic constraints, and
  /// they say so.
  bool is_marked_end_entity() const;
  /// Whether its key may sign for its subject: its key usage says so, or there is none.
  bool may_sign() const;
  /// An attribute of the directory name among the subject's alternative names.
  std::optional<std::string> alternative_name_attribute(std::string_view oid) const;

  /// Of the types that `crypto::PublicKey` knows.
  Result<crypto::PublicKey> public_key() const;

  const State& state() const { return *state_; }

 private:
  explicit Certificate(std::shared_ptr<const State> state) : state_(std::move(state)) {}

  std::shared_ptr<const State> state_;
};

}  // namespace wardlock::x509
