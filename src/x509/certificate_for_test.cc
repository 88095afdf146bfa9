#include "x509/certificate_for_test.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

#include "base/check.h"

namespace wardlock::x509 {
namespace {

struct Free {
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_NAME* name) const { X509_NAME_free(name); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
  void operator()(ASN1_OBJECT* object) const { ASN1_OBJECT_free(object); }
  void operator()(ASN1_OCTET_STRING* text) const { ASN1_OCTET_STRING_free(text); }
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

const std::uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

Owned<X509_NAME> make_name(const std::vector<std::pair<std::string, std::string>>& attributes) {
  Owned<X509_NAME> name(X509_NAME_new());
  for (const auto& [attribute, value] : attributes) {
    const Owned<ASN1_OBJECT> object(OBJ_txt2obj(attribute.c_str(), 0));
    CHECK(object &&
          X509_NAME_add_entry_by_OBJ(name.get(), object.get(), MBSTRING_UTF8, bytes_of(value),
                                     static_cast<int>(value.size()), -1, 0) == 1);
  }
  return name;
}

void add(X509* certificate, const char* oid, std::string_view value, bool is_critical) {
  const Owned<ASN1_OBJECT> object(OBJ_txt2obj(oid, 1));
  const Owned<ASN1_OCTET_STRING> text(ASN1_OCTET_STRING_new());
  CHECK(ASN1_OCTET_STRING_set(text.get(), bytes_of(value), static_cast<int>(value.size())) == 1);
  const Owned<X509_EXTENSION> extension(
      X509_EXTENSION_create_by_OBJ(nullptr, object.get(), is_critical ? 1 : 0, text.get()));
  CHECK(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

void add(X509* certificate, int id, const char* value) {
  const Owned<X509_EXTENSION> extension(X509V3_EXT_conf_nid(nullptr, nullptr, id, value));
  CHECK(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

void add_alternative_name(X509* certificate, const CertificateForTest& says) {
  const Owned<GENERAL_NAMES> names(GENERAL_NAMES_new());
  GENERAL_NAME* name = GENERAL_NAME_new();
  GENERAL_NAME_set0_value(name, GEN_DIRNAME, make_name(says.alternative_name).release());
  CHECK(sk_GENERAL_NAME_push(names.get(), name) > 0);
  CHECK(X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 1, 0) == 1);
}

Certificate sign(const CertificateForTest& says, const crypto::PublicKey& subject_key,
                 const std::string& issuer, const crypto::PrivateKey& issuer_key) {
  const Owned<X509> certificate(X509_new());
  X509* const made = certificate.get();
  const std::string spki = subject_key.spki();
  const std::uint8_t* at = bytes_of(spki);
  const Owned<EVP_PKEY> key(d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())));
  const Secret pkcs8 = issuer_key.pkcs8();
  at = bytes_of(pkcs8.reveal());
  const Owned<EVP_PKEY> signer(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(pkcs8.size())));
  CHECK(key && signer);
  X509_set_version(made, says.version - 1);
  ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
  ASN1_TIME_set(X509_getm_notBefore(made), says.not_before.time_since_epoch().count());
  ASN1_TIME_set(X509_getm_notAfter(made), says.not_after.time_since_epoch().count());
  X509_set_subject_name(made, make_name(says.subject).get());
  X509_set_issuer_name(made, make_name({{"CN", issuer}}).get());
  CHECK(X509_set_pubkey(made, key.get()) == 1);
  if (says.has_constraints) {
    add(made, NID_basic_constraints, says.is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
  }
  if (!says.extended_key_usage.empty()) {
    add(made, NID_ext_key_usage, says.extended_key_usage.c_str());
  }
  if (!says.alternative_name.empty()) add_alternative_name(made, says);
  for (const auto& extension : says.extensions) {
    add(made, extension.oid.c_str(), extension.value, extension.is_critical);
  }
  CHECK(X509_sign(made, signer.get(), says.uses_sha1 ? EVP_sha1() : EVP_sha256()) > 0);
  std::uint8_t* der = nullptr;
  const int size = i2d_X509(made, &der);
  CHECK(size > 0);
  const std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return Certificate::from_der(text).value();
}

}  // namespace

IssuerForTest::IssuerForTest(std::string name)
    : name_(std::move(name)), key_(crypto::PrivateKey::generate(crypto::KeyType::kP256)) {
  CertificateForTest says;
  says.subject = {{"CN", name_}};
  says.is_ca = true;
  certificate_ = sign(says, key_.public_key(), name_, key_);
}

Certificate IssuerForTest::issue(const CertificateForTest& says,
                                 const crypto::PublicKey& key) const {
  return sign(says, key, name_, key_);
}

}  // namespace wardlock::x509
