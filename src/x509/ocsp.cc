#include "x509/ocsp.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>

#include <vector>

#include "base/check.h"
#include "x509/openssl_memory.h"
#include "x509/path.h"
#include "x509/status_rules.h"

namespace wardlock::x509 {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{64} << 10;
constexpr std::string_view kOcspSigning = "1.3.6.1.5.5.7.3.9";

std::string encoded(OCSP_REQUEST* request) {
  std::uint8_t* der = nullptr;
  const int size = i2d_OCSP_REQUEST(request, &der);
  CHECK(size > 0);
  std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return out;
}

Result<Owned<OCSP_BASICRESP>> basic_response(std::string_view der) {
  if (der.size() > kMaxBytes) {
    return invalid(
        fmt::format("an OCSP response has {} bytes; at most {} are read", der.size(), kMaxBytes));
  }
  const std::uint8_t* at = bytes_of(der);
  const Owned<OCSP_RESPONSE> response(
      d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  if (!response) return invalid("an OCSP response is not DER");
  if (at != bytes_of(der) + der.size()) return invalid("something follows an OCSP response");
  const int status = OCSP_response_status(response.get());
  if (status != OCSP_RESPONSE_STATUS_SUCCESSFUL) {
    return fail(ErrorCode::kUnavailable, fmt::format("the OCSP responder has no answer: {}",
                                                     OCSP_response_status_str(status)));
  }
  Owned<OCSP_BASICRESP> basic(OCSP_response_get1_basic(response.get()));
  ERR_clear_error();
  if (!basic) return invalid("an OCSP response is of a kind that is not known");
  return basic;
}

/// Whether a responder is named so: by its name, or by its key.
bool is_named(const OCSP_BASICRESP* response, X509* certificate) {
  const ASN1_OCTET_STRING* key = nullptr;
  const X509_NAME* name = nullptr;
  if (OCSP_resp_get0_id(response, &key, &name) != 1) return false;
  if (name != nullptr) return X509_NAME_cmp(name, X509_get_subject_name(certificate)) == 0;
  std::uint8_t hash[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  return X509_pubkey_digest(certificate, EVP_sha1(), hash, &size) == 1 &&  // RFC 6960, 4.2.1
         text_of(key) == std::string_view(reinterpret_cast<const char*>(hash), size);
}

/// RFC 6960, 4.2.2.2: appointed by the issuer itself, for now.
Result<void> check_appointed(const Certificate& responder, const Certificate& issuer,
                             std::chrono::sys_seconds now) {
  if (auto led = verify_chain({&responder, 1}, {&issuer, 1}, now); !led) {
    return invalid(
        fmt::format("the OCSP responder was not appointed by the certificate's issuer: {}",
                    led.error().message));
  }
  if (!responder.has_extended_key_usage(kOcspSigning)) {
    return invalid("the OCSP responder's certificate is not one for OCSP");
  }
  if (!responder.may_sign()) {
    return invalid("the OCSP responder's certificate is not for signatures");
  }
  return {};
}

/// Whose signature a response must have.
Result<Certificate> responder_of(const OCSP_BASICRESP* response, const Certificate& issuer,
                                 std::chrono::sys_seconds now) {
  if (is_named(response, as_openssl(issuer))) return issuer;
  const STACK_OF(X509)* brought = OCSP_resp_get0_certs(response);
  for (int i = 0; i < sk_X509_num(brought); ++i) {
    X509* each = sk_X509_value(brought, i);
    if (!is_named(response, each)) continue;
    Certificate responder = TRY(copy_of(each));
    TRY_VOID(check_appointed(responder, issuer, now));
    return responder;
  }
  return invalid("an OCSP response does not show who signed it");
}

Result<void> check_signature(OCSP_BASICRESP* response, const Certificate& responder) {
  if (!is_taken_signature(OCSP_resp_get0_tbs_sigalg(response))) {
    return invalid("the OCSP response's signature is of a kind that is not taken");
  }
  TRY_VOID(responder.public_key());  // of a kind and size that are taken
  const Owned<STACK_OF(X509)> only(sk_X509_new_null());
  CHECK(only && sk_X509_push(only.get(), as_openssl(responder)) > 0);
  const int verified =
      OCSP_basic_verify(response, only.get(), nullptr, OCSP_NOVERIFY | OCSP_NOINTERN);
  ERR_clear_error();
  if (verified == 1) return {};
  return invalid("the OCSP response's signature is not the responder's");
}

Result<void> check_nonce(OCSP_BASICRESP* response, const OcspExpectations& expected) {
  const int place = OCSP_BASICRESP_get_ext_by_NID(response, NID_id_pkix_OCSP_Nonce, -1);
  if (place < 0) {
    if (expected.nonce.empty() || !expected.is_nonce_required) return {};
    return invalid("the OCSP response does not repeat our nonce");
  }
  if (expected.nonce.empty()) return {};  // somebody else's: it says nothing
  const ASN1_OCTET_STRING* value = X509_EXTENSION_get_data(OCSP_BASICRESP_get_ext(response, place));
  const std::uint8_t* at = ASN1_STRING_get0_data(value);
  ASN1_OCTET_STRING* nonce = d2i_ASN1_OCTET_STRING(nullptr, &at, ASN1_STRING_length(value));
  ERR_clear_error();
  const bool is_ours = nonce != nullptr && text_of(nonce) == expected.nonce;
  ASN1_OCTET_STRING_free(nonce);
  if (is_ours) return {};
  return invalid("the OCSP response answers another question");
}

/// None is known that would have to be understood.
Result<void> check_extensions(OCSP_BASICRESP* response, OCSP_SINGLERESP* single) {
  int place = -1;
  while ((place = OCSP_BASICRESP_get_ext_by_critical(response, 1, place)) >= 0) {
    const auto* extension = OCSP_BASICRESP_get_ext(response, place);
    if (OBJ_obj2nid(X509_EXTENSION_get_object(const_cast<X509_EXTENSION*>(extension))) ==
        NID_id_pkix_OCSP_Nonce) {
      continue;
    }
    return invalid("an OCSP response has a critical extension that is not understood");
  }
  if (OCSP_SINGLERESP_get_ext_by_critical(single, 1, -1) < 0) return {};
  return invalid("an OCSP response has a critical extension that is not understood");
}

bool is_about(const OCSP_SINGLERESP* single, const Certificate& certificate,
              const Certificate& issuer) {
  const OCSP_CERTID* id = OCSP_SINGLERESP_get0_id(single);
  ASN1_OBJECT* hash = nullptr;
  OCSP_id_get0_info(nullptr, &hash, nullptr, nullptr, const_cast<OCSP_CERTID*>(id));
  const int kind = OBJ_obj2nid(hash);
  if (kind != NID_sha1 && kind != NID_sha256) return false;
  const Owned<OCSP_CERTID> ours(OCSP_cert_to_id(kind == NID_sha1 ? EVP_sha1() : EVP_sha256(),
                                                as_openssl(certificate), as_openssl(issuer)));
  return ours && OCSP_id_cmp(ours.get(), id) == 0;
}

Result<OCSP_SINGLERESP*> only_about(OCSP_BASICRESP* response, const Certificate& certificate,
                                    const Certificate& issuer) {
  OCSP_SINGLERESP* found = nullptr;
  for (int i = 0; i < OCSP_resp_count(response); ++i) {
    OCSP_SINGLERESP* each = OCSP_resp_get0(response, i);
    if (!is_about(each, certificate, issuer)) continue;
    if (found != nullptr) return invalid("an OCSP response says two things of the certificate");
    found = each;
  }
  ERR_clear_error();
  if (found == nullptr) return invalid("an OCSP response is not about the certificate");
  return found;
}

Result<RevocationStatus> status_in(OCSP_SINGLERESP* single, const OcspExpectations& expected) {
  int reason = -1;
  ASN1_GENERALIZEDTIME* revoked = nullptr;
  ASN1_GENERALIZEDTIME* from = nullptr;
  ASN1_GENERALIZEDTIME* until = nullptr;
  const int status = OCSP_single_get0_status(single, &reason, &revoked, &from, &until);
  const auto this_update = TRY(time_of(from));
  const auto next_update = until == nullptr ? this_update + expected.longest : TRY(time_of(until));
  if (auto stale = stale_because("the OCSP response", this_update, next_update, expected.now,
                                 expected.tolerance);
      !stale.empty()) {
    return RevocationStatus::unknown(std::move(stale));
  }
  if (status == V_OCSP_CERTSTATUS_GOOD) return RevocationStatus::good();
  if (status != V_OCSP_CERTSTATUS_REVOKED) {
    return RevocationStatus::unknown("the OCSP responder does not know the certificate");
  }
  return RevocationStatus{
      .kind = RevocationStatus::Kind::kRevoked,
      .since = TRY(time_of(revoked)),
      .reason = reason < 0 ? RevocationReason::kUnspecified : TRY(reason_of(reason)),
      .why = {}};
}

}  // namespace

std::string ocsp_request(const Certificate& certificate, const Certificate& issuer,
                         std::string_view nonce) {
  CHECK(nonce.size() <= 128);
  const Owned<OCSP_REQUEST> request(OCSP_REQUEST_new());
  OCSP_CERTID* id = OCSP_cert_to_id(EVP_sha1(), as_openssl(certificate), as_openssl(issuer));
  CHECK(request && id != nullptr && OCSP_request_add0_id(request.get(), id) != nullptr);
  if (!nonce.empty()) {
    std::vector<unsigned char> bytes(nonce.begin(), nonce.end());
    CHECK(OCSP_request_add1_nonce(request.get(), bytes.data(), static_cast<int>(bytes.size())) ==
          1);
  }
  return encoded(request.get());
}

Result<RevocationStatus> read_ocsp_response(std::string_view der, const Certificate& certificate,
                                            const Certificate& issuer,
                                            const OcspExpectations& expectations) {
  const auto response = TRY(basic_response(der));
  const Certificate responder = TRY(responder_of(response.get(), issuer, expectations.now));
  TRY_VOID(check_signature(response.get(), responder));
  TRY_VOID(check_nonce(response.get(), expectations));
  OCSP_SINGLERESP* const single = TRY(only_about(response.get(), certificate, issuer));
  TRY_VOID(check_extensions(response.get(), single));
  return status_in(single, expectations);
}

}  // namespace wardlock::x509
