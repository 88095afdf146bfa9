#include "authn/certificate/kept_crl.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include "x509/pem.h"

namespace wardlock::authn {

Result<x509::VerifiedCrl> KeptCrl::verified_for(const x509::Certificate& issuer) const {
  const std::lock_guard lock(mutex_);
  for (const Judged& each : judged_) {
    if (each.issuer == issuer.der()) return each.verified;
  }
  auto verified = x509::verify_crl(crl_, issuer);
  if (judged_.size() < kMostIssuers) judged_.push_back({issuer.der(), verified});
  return verified;
}

x509::RevocationStatus KeptCrl::status_of(const x509::Certificate& certificate,
                                          const x509::Certificate& issuer,
                                          std::chrono::sys_seconds now,
                                          const x509::StatusTolerance& tolerance) const {
  const auto verified = verified_for(issuer);
  if (!verified) return x509::RevocationStatus::unknown(verified.error().message);
  return verified->status_of(certificate, now, tolerance);
}

Result<std::shared_ptr<const KeptCrl>> read_crl(std::string_view text) {
  if (text.size() > 2 * x509::Crl::kMaxBytes) return invalid("a CRL is too large");
  const std::vector<std::string> blocks = TRY(x509::read_pem(text, "X509 CRL"));
  if (blocks.size() != 1) return invalid("there are several CRLs in one file: name each by itself");
  return std::make_shared<const KeptCrl>(TRY(x509::Crl::from_der(blocks.front())));
}

Result<CrlFile::Stamp> CrlFile::stamp() const {
  struct stat about{};
  if (::stat(path_.c_str(), &about) != 0) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("the CRL `{}` cannot be read: {}", path_, std::strerror(errno)));
  }
  return Stamp{.seconds = about.st_mtim.tv_sec,
               .nanoseconds = about.st_mtim.tv_nsec,
               .inode = about.st_ino,
               .size = static_cast<std::uint64_t>(about.st_size)};
}

Result<std::shared_ptr<const KeptCrl>> CrlFile::current() {
  const std::lock_guard lock(mutex_);
  const auto now = stamp();
  if (!now) {
    fault_ = now.error();
  } else if (read_at_ != *now) {
    read_at_ = *now;
    std::ifstream file(path_, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    auto read = read_crl(text);
    if (read) {
      crl_ = *std::move(read);
    } else {
      fault_ = read.error().in(path_);
    }
  }
  if (crl_ == nullptr) return std::unexpected(fault_);
  return crl_;
}

}  // namespace wardlock::authn
