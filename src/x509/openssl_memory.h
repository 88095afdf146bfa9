#pragma once

#include <openssl/asn1.h>
#include <openssl/ocsp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "x509/certificate.h"

namespace wardlock::x509 {

// OpenSSL's types, and who frees them. Private to this room.

struct Certificate::State {
  State(X509* taken, std::string_view text) : certificate(taken), der(text) {}
  ~State() { X509_free(certificate); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  X509* certificate;
  std::string der;
};

struct Free {
  void operator()(ASN1_GENERALIZEDTIME* time) const { ASN1_STRING_free(time); }
  void operator()(ASN1_OBJECT* object) const { ASN1_OBJECT_free(object); }
  void operator()(AUTHORITY_INFO_ACCESS* access) const { AUTHORITY_INFO_ACCESS_free(access); }
  void operator()(AUTHORITY_KEYID* id) const { AUTHORITY_KEYID_free(id); }
  void operator()(BASIC_CONSTRAINTS* constraints) const { BASIC_CONSTRAINTS_free(constraints); }
  void operator()(BIGNUM* number) const { BN_free(number); }
  void operator()(CERTIFICATEPOLICIES* policies) const { CERTIFICATEPOLICIES_free(policies); }
  void operator()(CRL_DIST_POINTS* points) const { CRL_DIST_POINTS_free(points); }
  void operator()(EXTENDED_KEY_USAGE* usage) const { EXTENDED_KEY_USAGE_free(usage); }
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
  void operator()(ISSUING_DIST_POINT* point) const { ISSUING_DIST_POINT_free(point); }
  void operator()(OCSP_BASICRESP* response) const { OCSP_BASICRESP_free(response); }
  void operator()(OCSP_CERTID* id) const { OCSP_CERTID_free(id); }
  void operator()(OCSP_REQUEST* request) const { OCSP_REQUEST_free(request); }
  void operator()(OCSP_RESPONSE* response) const { OCSP_RESPONSE_free(response); }
  void operator()(X509_STORE* store) const { X509_STORE_free(store); }
  void operator()(X509_STORE_CTX* context) const { X509_STORE_CTX_free(context); }
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

inline const std::uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

inline std::string_view text_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

inline X509* as_openssl(const Certificate& certificate) { return certificate.state().certificate; }

/// A copy; an error where it is larger than certificates are.
inline Result<Certificate> copy_of(const X509* certificate) {
  std::uint8_t* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  if (size <= 0) return invalid("a certificate cannot be written");
  const std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return Certificate::from_der(text);
}

/// An extension that occurs once, decoded; null: it is not there, twice, or malformed.
template <typename T>
Owned<T> decoded(const X509* certificate, int id) {
  return Owned<T>(static_cast<T*>(X509_get_ext_d2i(certificate, id, nullptr, nullptr)));
}

}  // namespace wardlock::x509
