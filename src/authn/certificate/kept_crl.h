#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "x509/certificate.h"
#include "x509/crl.h"
#include "x509/revocation.h"

namespace wardlock::authn {

/// A list as it was got, which says something once it is known to be an issuer's. Its signature is
/// verified once for each issuer. Thread-safe.
class KeptCrl {
 public:
  explicit KeptCrl(x509::Crl crl) : crl_(std::move(crl)) {}

  const x509::Crl& crl() const { return crl_; }

  /// What it says of a certificate of that issuer.
  x509::RevocationStatus status_of(const x509::Certificate& certificate,
                                   const x509::Certificate& issuer, std::chrono::sys_seconds now,
                                   const x509::StatusTolerance& tolerance) const;

 private:
  static constexpr std::size_t kMostIssuers = 8;

  struct Judged {
    std::string issuer;  ///< DER
    Result<x509::VerifiedCrl> verified;
  };
  Result<x509::VerifiedCrl> verified_for(const x509::Certificate& issuer) const;

  x509::Crl crl_;
  mutable std::mutex mutex_;
  mutable std::vector<Judged> judged_;
};

/// A list, in PEM or DER. Error kInvalidArgument.
Result<std::shared_ptr<const KeptCrl>> read_crl(std::string_view text);

/// A file with a list, which somebody replaces now and then. Thread-safe.
class CrlFile {
 public:
  explicit CrlFile(std::string path) : path_(std::move(path)) {}

  /// The list as the file has it now; read anew where the file is another one. A file that cannot
  /// be read leaves what was read before, which ages.
  Result<std::shared_ptr<const KeptCrl>> current();

  const std::string& path() const { return path_; }

 private:
  struct Stamp {
    std::int64_t seconds = 0, nanoseconds = 0;
    std::uint64_t inode = 0, size = 0;

    bool operator==(const Stamp&) const = default;
  };
  Result<Stamp> stamp() const;

  const std::string path_;
  std::mutex mutex_;
  std::optional<Stamp> read_at_;
  Error fault_;
  std::shared_ptr<const KeptCrl> crl_;  // null: none was ever read
};

}  // namespace wardlock::authn
