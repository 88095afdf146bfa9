#pragma once

#include <string>
#include <string_view>

#include "x509/certificate.h"

namespace wardlock::x509 {

/// What an authority of a test has issued.
struct IssuedForTest {
  Certificate certificate;
  std::string certificate_file;  ///< PEM
  std::string key_file;          ///< PEM, not encrypted
};

/// An authority that OpenSSL's own tools (`openssl ca`, `openssl ocsp`) run in a folder of their
/// own, by the clock of this machine: what we read of certificates, CRLs and OCSP is compared with
/// somebody else's work. The folder goes with it.
class AuthorityForTest {
 public:
  /// Its certificate says `usage` about its key, which `openssl req -newkey` makes so.
  explicit AuthorityForTest(const std::string& name,
                            const std::string& usage = "critical,keyCertSign,cRLSign",
                            const std::string& key = "ec -pkeyopt ec_paramgen_curve:P-256");
  ~AuthorityForTest();
  AuthorityForTest(const AuthorityForTest&) = delete;
  AuthorityForTest& operator=(const AuthorityForTest&) = delete;

  const Certificate& certificate() const { return own_.certificate; }
  const std::string& certificate_file() const { return own_.certificate_file; }
  const std::string& folder() const { return folder_; }

  /// `extensions` as OpenSSL's configuration has them, a line each.
  IssuedForTest issue(const std::string& common_name, const std::string& extensions = "");
  /// With the whole subject: `/CN=…/serialNumber=…`.
  IssuedForTest issue_to(const std::string& subject, const std::string& extensions);
  /// A certificate for another authority's key and name.
  IssuedForTest certify(const AuthorityForTest& other, const std::string& extensions);
  void revoke(const IssuedForTest& issued, const std::string& reason = "keyCompromise");

  /// A CRL in DER, for a day, with further options of `openssl ca` and extensions of its own.
  std::string crl(const std::string& options = "-crldays 1",
                  const std::string& extensions = "authorityKeyIdentifier=keyid") const;
  /// A CRL in DER whose only entry has a critical extension, which `openssl ca` cannot make.
  std::string crl_with_entry(const IssuedForTest& revoked, const std::string& oid,
                             std::string_view value) const;
  /// What a responder answers to a request, both in DER. It signs with the authority's own key, or
  /// with `responder`'s.
  std::string ocsp(std::string_view request, const std::string& options = "-ndays 1",
                   const IssuedForTest* responder = nullptr) const;
  /// The authority's own response that a certificate is good, with a critical extension of the
  /// whole or of what it says about the one, which `openssl ocsp` cannot make.
  std::string ocsp_with_extension(const IssuedForTest& about, const std::string& oid,
                                  bool is_of_whole) const;

 private:
  void run(const std::string& command) const;
  std::string read(const std::string& name) const;
  void write(const std::string& name, std::string_view text) const;
  /// Signs `base`.csr.
  IssuedForTest sign(const std::string& base, const std::string& extensions) const;
  IssuedForTest own_certificate(const std::string& name, const std::string& usage,
                                const std::string& key) const;

  std::string folder_;
  IssuedForTest own_;
  int issued_ = 0;
};

/// The first certificate of a PEM file, which must hold one.
Certificate certificate_in(const std::string& pem_file);

}  // namespace wardlock::x509
