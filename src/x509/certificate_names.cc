#include "x509/certificate_names.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <openssl/objects.h>

#include <algorithm>

#include "base/check.h"
#include "base/utf8.h"
#include "x509/openssl_memory.h"

namespace wardlock::x509 {
namespace {

constexpr std::string_view kPrincipal = "1.3.6.1.4.1.311.20.2.3";
constexpr std::string_view kFascN = "2.16.840.1.101.3.6.6";

std::string oid_of(const ASN1_OBJECT* object) {
  char text[80];
  OBJ_obj2txt(text, sizeof(text), object, 1);
  return text;
}

bool is_visible_ascii(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

Result<void> add_visible(std::vector<std::string>& names, const ASN1_STRING* name) {
  if (!is_visible_ascii(text_of(name))) {
    return invalid("a certificate's alternative name has characters that it may not have");
  }
  names.emplace_back(text_of(name));
  return {};
}

/// No NUL, at which some readers stop, and nothing that cannot be seen.
Result<void> add_principal(std::vector<std::string>& names, const ASN1_TYPE* value) {
  if (value->type != V_ASN1_UTF8STRING) {
    return invalid("a certificate's principal name is not UTF-8");
  }
  const std::string_view name = text_of(value->value.utf8string);
  if (name.empty() || find_invalid_utf8(name) || find_deceptive_character(name) ||
      name.find(' ') != std::string_view::npos) {
    return invalid("a certificate's principal name has characters that it may not have");
  }
  names.emplace_back(name);
  return {};
}

Result<void> add_fasc_n(std::vector<std::string>& names, const ASN1_TYPE* value) {
  constexpr int kBytes = 25;  // SP 800-73, part 1, 3.1.2
  if (value->type != V_ASN1_OCTET_STRING ||
      ASN1_STRING_length(value->value.octet_string) != kBytes) {
    return invalid("a certificate's FASC-N is malformed");
  }
  std::string hex;
  for (const char c : text_of(value->value.octet_string)) {
    hex += fmt::format("{:02x}", static_cast<std::uint8_t>(c));
  }
  names.push_back(std::move(hex));
  return {};
}

Result<void> add(AlternativeNames& names, const GENERAL_NAME& name) {
  if (name.type == GEN_EMAIL) return add_visible(names.emails, name.d.rfc822Name);
  if (name.type == GEN_URI) return add_visible(names.uris, name.d.uniformResourceIdentifier);
  if (name.type != GEN_OTHERNAME) return {};
  const std::string oid = oid_of(name.d.otherName->type_id);
  if (oid == kPrincipal) return add_principal(names.principals, name.d.otherName->value);
  if (oid == kFascN) return add_fasc_n(names.fasc_ns, name.d.otherName->value);
  return {};
}

void add_address(std::vector<std::string>& addresses, const GENERAL_NAME* name) {
  if (name->type != GEN_URI) return;
  const std::string_view text = text_of(name->d.uniformResourceIdentifier);
  if (is_visible_ascii(text) && (text.starts_with("https:") || text.starts_with("http:"))) {
    addresses.emplace_back(text);
  }
}

std::string text_of_name(const X509_NAME* name) {
  BIO* const out = BIO_new(BIO_s_mem());
  CHECK(out != nullptr && X509_NAME_print_ex(out, name, 0, XN_FLAG_RFC2253) >= 0);
  char* text = nullptr;
  const long size = BIO_get_mem_data(out, &text);
  std::string written(text, static_cast<std::size_t>(size));
  BIO_free(out);
  return written;
}

std::string hex_of(const ASN1_INTEGER* number) {
  const Owned<BIGNUM> value(ASN1_INTEGER_to_BN(number, nullptr));
  CHECK(value);
  char* const text = BN_bn2hex(value.get());
  CHECK(text != nullptr);
  std::string hex(text);
  OPENSSL_free(text);
  return hex;
}

}  // namespace

Result<AlternativeNames> alternative_names(const Certificate& certificate) {
  int found = -1;  // that there are none
  const Owned<GENERAL_NAMES> list(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(as_openssl(certificate), NID_subject_alt_name, &found, nullptr)));
  ERR_clear_error();
  AlternativeNames names;
  if (!list) {
    if (found == -1) return names;
    return invalid("a certificate's alternative names are malformed, or there twice");
  }
  for (int i = 0; i < sk_GENERAL_NAME_num(list.get()); ++i) {
    TRY_VOID(add(names, *sk_GENERAL_NAME_value(list.get(), i)));
  }
  return names;
}

std::string issuer_and_serial(const Certificate& certificate) {
  X509* const read = as_openssl(certificate);
  return fmt::format("{}#{}", text_of_name(X509_get_issuer_name(read)),
                     hex_of(X509_get0_serialNumber(read)));
}

std::vector<std::string> crl_addresses(const Certificate& certificate) {
  std::vector<std::string> addresses;
  const auto points =
      decoded<CRL_DIST_POINTS>(as_openssl(certificate), NID_crl_distribution_points);
  ERR_clear_error();
  for (int i = 0; i < sk_DIST_POINT_num(points.get()); ++i) {
    const DIST_POINT* point = sk_DIST_POINT_value(points.get(), i);
    if (point->distpoint == nullptr || point->distpoint->type != 0) continue;
    if (point->reasons != nullptr || point->CRLissuer != nullptr) continue;  // parts, or indirect
    for (int j = 0; j < sk_GENERAL_NAME_num(point->distpoint->name.fullname); ++j) {
      add_address(addresses, sk_GENERAL_NAME_value(point->distpoint->name.fullname, j));
    }
  }
  return addresses;
}

std::vector<std::string> ocsp_addresses(const Certificate& certificate) {
  std::vector<std::string> addresses;
  const auto access = decoded<AUTHORITY_INFO_ACCESS>(as_openssl(certificate), NID_info_access);
  ERR_clear_error();
  for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(access.get()); ++i) {
    const ACCESS_DESCRIPTION* each = sk_ACCESS_DESCRIPTION_value(access.get(), i);
    if (OBJ_obj2nid(each->method) == NID_ad_OCSP) add_address(addresses, each->location);
  }
  return addresses;
}

}  // namespace wardlock::x509
