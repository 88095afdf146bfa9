#include "x509/certificate.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <openssl/objects.h>

#include "base/check.h"
#include "x509/openssl_memory.h"

namespace wardlock::x509 {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{16} << 10;

Owned<ASN1_OBJECT> object_of(std::string_view oid) {
  return Owned<ASN1_OBJECT>(OBJ_txt2obj(std::string(oid).c_str(), 1));
}

std::optional<std::string> utf8_of(const ASN1_STRING* text) {
  std::uint8_t* bytes = nullptr;
  const int size = ASN1_STRING_to_UTF8(&bytes, text);
  if (size < 0) {
    ERR_clear_error();
    return std::nullopt;
  }
  std::string out(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return out;
}

std::optional<std::string> only_attribute(const X509_NAME* name, const ASN1_OBJECT* attribute) {
  const int place = X509_NAME_get_index_by_OBJ(name, attribute, -1);
  if (place < 0 || X509_NAME_get_index_by_OBJ(name, attribute, place) >= 0) return std::nullopt;
  return utf8_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, place)));
}

int id_of(NameAttribute attribute) {
  switch (attribute) {
    case NameAttribute::kCommonName: return NID_commonName;
    case NameAttribute::kCountry: return NID_countryName;
    case NameAttribute::kOrganization: return NID_organizationName;
    case NameAttribute::kOrganizationalUnit: return NID_organizationalUnitName;
    case NameAttribute::kSerialNumber: return NID_serialNumber;
    case NameAttribute::kUserId: return NID_userId;
  }
  __builtin_unreachable();
}

}  // namespace

Result<Certificate> Certificate::from_der(std::string_view der) {
  if (der.size() > kMaxBytes) {
    return invalid(
        fmt::format("a certificate has {} bytes; at most {} are read", der.size(), kMaxBytes));
  }
  const std::uint8_t* at = bytes_of(der);
  X509* certificate = d2i_X509(nullptr, &at, static_cast<long>(der.size()));
  if (certificate == nullptr) {
    ERR_clear_error();
    return invalid("a certificate is not X.509 in DER");
  }
  auto state = std::make_shared<const State>(certificate, der);
  if (at != bytes_of(der) + der.size()) return invalid("something follows a certificate");
  const long version = X509_get_version(certificate);
  if (version < X509_VERSION_1 || version > X509_VERSION_3) {
    return invalid("a certificate has a version that there is not");
  }
  return Certificate(std::move(state));
}

const std::string& Certificate::der() const { return state_->der; }

int Certificate::version() const {
  return static_cast<int>(X509_get_version(state_->certificate)) + 1;
}

bool Certificate::has_empty_subject() const {
  return X509_NAME_entry_count(X509_get_subject_name(state_->certificate)) == 0;
}

std::optional<std::string> Certificate::subject(NameAttribute attribute) const {
  return only_attribute(X509_get_subject_name(state_->certificate), OBJ_nid2obj(id_of(attribute)));
}

std::optional<Certificate::Extension> Certificate::extension(std::string_view oid) const {
  const auto object = object_of(oid);
  CHECK(object);
  const int place = X509_get_ext_by_OBJ(state_->certificate, object.get(), -1);
  if (place < 0 || X509_get_ext_by_OBJ(state_->certificate, object.get(), place) >= 0) {
    return std::nullopt;
  }
  X509_EXTENSION* found = X509_get_ext(state_->certificate, place);
  const ASN1_OCTET_STRING* value = X509_EXTENSION_get_data(found);
  return Extension{
      .value = {reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                static_cast<std::size_t>(ASN1_STRING_length(value))},
      .is_critical = X509_EXTENSION_get_critical(found) != 0,
  };
}

bool Certificate::has_extended_key_usage(std::string_view oid) const {
  const auto usages = decoded<EXTENDED_KEY_USAGE>(state_->certificate, NID_ext_key_usage);
  const auto wanted = object_of(oid);
  if (!usages || !wanted) return false;
  for (int i = 0; i < sk_ASN1_OBJECT_num(usages.get()); ++i) {
    if (OBJ_cmp(sk_ASN1_OBJECT_value(usages.get(), i), wanted.get()) == 0) return true;
  }
  return false;
}

bool Certificate::is_marked_end_entity() const {
  const auto constraints = decoded<BASIC_CONSTRAINTS>(state_->certificate, NID_basic_constraints);
  return constraints && constraints->ca == 0;
}

bool Certificate::may_sign() const {
  return (X509_get_key_usage(state_->certificate) & KU_DIGITAL_SIGNATURE) != 0;
}

std::optional<std::string> Certificate::alternative_name_attribute(std::string_view oid) const {
  const auto names = decoded<GENERAL_NAMES>(state_->certificate, NID_subject_alt_name);
  const auto attribute = object_of(oid);
  if (!names || !attribute) return std::nullopt;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_DIRNAME) continue;
    if (auto found = only_attribute(name->d.directoryName, attribute.get())) return found;
  }
  return std::nullopt;
}

Result<crypto::PublicKey> Certificate::public_key() const {
  std::uint8_t* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(state_->certificate), &der);
  CHECK(size > 0);
  const std::string spki(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return crypto::PublicKey::from_spki(spki);
}

}  // namespace wardlock::x509
