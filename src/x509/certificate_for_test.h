#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crypto/private_key.h"
#include "x509/certificate.h"

namespace wardlock::x509 {

/// What a test's certificate says; as it stands, an end entity's that nothing is wrong with.
struct CertificateForTest {
  std::vector<std::pair<std::string, std::string>> subject = {{"CN", "somebody"}};
  bool is_ca = false;
  bool has_constraints = true;
  int version = 3;
  std::chrono::sys_seconds not_before = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);
  std::chrono::sys_seconds not_after = std::chrono::sys_days(std::chrono::year(2027) / 1 / 1);
  struct Extension {
    std::string oid;
    std::string value;  ///< DER
    bool is_critical = false;
  };
  std::vector<Extension> extensions;
  std::string extended_key_usage;  ///< OpenSSL's text, e.g. `2.23.133.8.3`
  /// Attributes of a directory name among the alternative names.
  std::vector<std::pair<std::string, std::string>> alternative_name;
  bool uses_sha1 = false;
};

/// A CA of a test's own.
class IssuerForTest {
 public:
  explicit IssuerForTest(std::string name);

  const Certificate& certificate() const { return *certificate_; }
  Certificate issue(const CertificateForTest& says, const crypto::PublicKey& key) const;

 private:
  std::string name_;
  crypto::PrivateKey key_;
  std::optional<Certificate> certificate_;
};

}  // namespace wardlock::x509
