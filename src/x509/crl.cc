#include "x509/crl.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>

#include "base/check.h"
#include "codec/der.h"
#include "x509/openssl_memory.h"
#include "x509/status_rules.h"

namespace wardlock::x509 {

struct Crl::State {
  explicit State(X509_CRL* taken) : list(taken) {}
  ~State() { X509_CRL_free(list); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  X509_CRL* list;
  std::chrono::sys_seconds this_update;
  std::chrono::sys_seconds next_update;
  Owned<ISSUING_DIST_POINT> point;  ///< null: it is for all certificates of its issuer
};

namespace {

using codec::DerReader;
using codec::DerTag;

std::string name_of(const X509_EXTENSION* extension) {
  char text[64];
  OBJ_obj2txt(text, sizeof(text), X509_EXTENSION_get_object(const_cast<X509_EXTENSION*>(extension)),
              1);
  return text;
}

/// RFC 5280, 5.1.1.2: what is signed names the algorithm of the signature. OpenSSL does not
/// compare.
Result<void> check_one_algorithm(std::string_view der) {
  DerReader outer(der);
  DerReader list(TRY(outer.next(DerTag::kSequence)).contents);
  DerReader signed_part(TRY(list.next(DerTag::kSequence)).contents);
  const codec::DerElement version = TRY(signed_part.next());
  const codec::DerElement within =
      version.is(DerTag::kInteger) ? TRY(signed_part.next(DerTag::kSequence)) : version;
  const codec::DerElement without = TRY(list.next(DerTag::kSequence));
  if (within.contents == without.contents) return {};
  return invalid("a CRL names two algorithms of its signature");
}

Result<void> check_extensions(const X509_CRL* list) {
  if (X509_CRL_get_ext_by_NID(list, NID_delta_crl, -1) >= 0) {
    return invalid("a delta CRL is not taken: the complete one is wanted");
  }
  for (int i = 0; i < X509_CRL_get_ext_count(list); ++i) {
    X509_EXTENSION* each = X509_CRL_get_ext(list, i);
    const ASN1_OBJECT* object = X509_EXTENSION_get_object(each);
    if (X509_CRL_get_ext_by_OBJ(list, object, i) >= 0) {
      return invalid(fmt::format("a CRL has the extension {} twice", name_of(each)));
    }
    if (X509_EXTENSION_get_critical(each) == 0) continue;
    const int id = OBJ_obj2nid(object);
    if (id == NID_issuing_distribution_point || id == NID_authority_key_identifier ||
        id == NID_crl_number) {
      continue;
    }
    return invalid(
        fmt::format("a CRL has the critical extension {}, which is not understood", name_of(each)));
  }
  return {};
}

Result<Owned<ISSUING_DIST_POINT>> read_point(const X509_CRL* list) {
  int found = -1;  // that it is not there
  Owned<ISSUING_DIST_POINT> point(static_cast<ISSUING_DIST_POINT*>(
      X509_CRL_get_ext_d2i(list, NID_issuing_distribution_point, &found, nullptr)));
  if (!point) {
    if (found == -1) return point;
    return invalid("a CRL's issuing distribution point is malformed");
  }
  if (point->indirectCRL > 0) {
    return invalid("an indirect CRL is not taken: one of the certificates' own issuer is wanted");
  }
  if (point->onlysomereasons != nullptr) {
    return invalid("a CRL for some reasons alone is not taken: one for all of them is wanted");
  }
  const int kinds =
      (point->onlyuser > 0 ? 1 : 0) + (point->onlyCA > 0 ? 1 : 0) + (point->onlyattr > 0 ? 1 : 0);
  if (kinds > 1) return invalid("a CRL is for two kinds of certificates alone");
  return point;
}

Result<void> check_entry(X509_REVOKED* entry) {
  TRY_VOID(time_of(X509_REVOKED_get0_revocationDate(entry)));
  for (int i = 0; i < X509_REVOKED_get_ext_count(entry); ++i) {
    const X509_EXTENSION* each = X509_REVOKED_get_ext(entry, i);
    const int id = OBJ_obj2nid(X509_EXTENSION_get_object(const_cast<X509_EXTENSION*>(each)));
    if (id == NID_certificate_issuer) {
      return invalid("an entry of a CRL names an issuer of its own: an indirect CRL is not taken");
    }
    if (X509_EXTENSION_get_critical(each) != 0 && id != NID_crl_reason &&
        id != NID_invalidity_date) {
      return invalid(
          fmt::format("an entry of a CRL has the critical extension {}, which is not understood",
                      name_of(each)));
    }
  }
  return {};
}

Result<RevocationReason> reason_in(const X509_REVOKED* entry) {
  int found = -1;
  ASN1_ENUMERATED* number = static_cast<ASN1_ENUMERATED*>(
      X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, &found, nullptr));
  if (number == nullptr) {
    if (found == -1) return RevocationReason::kUnspecified;
    return invalid("the reason of a CRL's entry is malformed");
  }
  const long value = ASN1_ENUMERATED_get(number);
  ASN1_ENUMERATED_free(number);
  return reason_of(value);
}

Result<void> check_entries(X509_CRL* list) {
  STACK_OF(X509_REVOKED)* entries = X509_CRL_get_REVOKED(list);
  for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
    X509_REVOKED* entry = sk_X509_REVOKED_value(entries, i);
    TRY_VOID(check_entry(entry));
    TRY_VOID(reason_in(entry));
  }
  return {};
}

/// RFC 5280, 6.3.3 (b)(2)(i): whether one of the list's names is one of the names of a distribution
/// point of the certificate.
bool names_same_point(const DIST_POINT_NAME& here, const X509* certificate) {
  const auto points = decoded<CRL_DIST_POINTS>(certificate, NID_crl_distribution_points);
  if (!points || here.type != 0) return false;  // relative names are not taken
  for (int i = 0; i < sk_DIST_POINT_num(points.get()); ++i) {
    const DIST_POINT* each = sk_DIST_POINT_value(points.get(), i);
    if (each->distpoint == nullptr || each->distpoint->type != 0) continue;
    for (int j = 0; j < sk_GENERAL_NAME_num(each->distpoint->name.fullname); ++j) {
      for (int k = 0; k < sk_GENERAL_NAME_num(here.name.fullname); ++k) {
        if (GENERAL_NAME_cmp(sk_GENERAL_NAME_value(each->distpoint->name.fullname, j),
                             sk_GENERAL_NAME_value(here.name.fullname, k)) == 0) {
          return true;
        }
      }
    }
  }
  return false;
}

/// Empty: the list is for the certificate; otherwise why not.
std::string other_because(const ISSUING_DIST_POINT* point, const Certificate& certificate) {
  if (point == nullptr) return "";
  const bool is_ca = X509_check_ca(as_openssl(certificate)) != 0;
  if (point->onlyuser > 0 && is_ca) return "the CRL is not for certificates of authorities";
  if (point->onlyCA > 0 && !is_ca) return "the CRL is for certificates of authorities alone";
  if (point->onlyattr > 0) return "the CRL is for attribute certificates alone";
  if (point->distpoint != nullptr &&
      !names_same_point(*point->distpoint, as_openssl(certificate))) {
    return "the CRL is of another distribution point than the certificate names";
  }
  return "";
}

/// Where the list names the key that signed it, it is this authority's.
Result<void> check_key_id(const X509_CRL* list, X509* issuer) {
  const Owned<AUTHORITY_KEYID> id(static_cast<AUTHORITY_KEYID*>(
      X509_CRL_get_ext_d2i(list, NID_authority_key_identifier, nullptr, nullptr)));
  if (!id || X509_check_akid(issuer, id.get()) == X509_V_OK) return {};
  return invalid("the CRL was signed with another key than the authority's");
}

}  // namespace

Result<Crl> Crl::from_der(std::string_view der) {
  if (der.size() > kMaxBytes) {
    return invalid(fmt::format("a CRL has {} bytes; at most {} are read", der.size(), kMaxBytes));
  }
  const std::uint8_t* at = bytes_of(der);
  X509_CRL* list = d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size()));
  ERR_clear_error();
  if (list == nullptr) return invalid("a CRL is not X.509 in DER");
  auto state = std::make_shared<State>(list);
  if (at != bytes_of(der) + der.size()) return invalid("something follows a CRL");
  if (X509_CRL_get_version(list) != 1) return invalid("a CRL has not version 2");
  TRY_VOID(check_one_algorithm(der));
  state->this_update = TRY(time_of(X509_CRL_get0_lastUpdate(list)));
  if (X509_CRL_get0_nextUpdate(list) == nullptr) {
    return invalid("a CRL does not say when it is renewed");
  }
  state->next_update = TRY(time_of(X509_CRL_get0_nextUpdate(list)));
  TRY_VOID(check_extensions(list));
  state->point = TRY(read_point(list));
  TRY_VOID(check_entries(list));
  return Crl(std::move(state));
}

std::chrono::sys_seconds Crl::this_update() const { return state_->this_update; }
std::chrono::sys_seconds Crl::next_update() const { return state_->next_update; }

Result<VerifiedCrl> verify_crl(const Crl& crl, const Certificate& issuer) {
  X509_CRL* const list = crl.state().list;
  X509* const authority = as_openssl(issuer);
  if (X509_NAME_cmp(X509_CRL_get_issuer(list), X509_get_subject_name(authority)) != 0) {
    return invalid("the CRL is of another issuer");
  }
  if (X509_check_ca(authority) != 1) return invalid("the CRL's issuer is no authority");
  TRY_VOID(check_key_id(list, authority));  // after what reads the authority's extensions
  if ((X509_get_key_usage(authority) & KU_CRL_SIGN) == 0) {
    return invalid("the CRL's issuer may not sign CRLs");
  }
  const X509_ALGOR* algorithm = nullptr;
  X509_CRL_get0_signature(list, nullptr, &algorithm);
  if (!is_taken_signature(algorithm)) {
    return invalid("the CRL's signature is of a kind that is not taken");
  }
  TRY_VOID(issuer.public_key());  // of a kind and size that are taken
  const int verified = X509_CRL_verify(list, X509_get0_pubkey(authority));
  ERR_clear_error();
  if (verified != 1) return invalid("the CRL's signature is not its issuer's");
  return VerifiedCrl(crl, issuer);
}

RevocationStatus VerifiedCrl::status_of(const Certificate& certificate,
                                        std::chrono::sys_seconds now,
                                        const StatusTolerance& tolerance) const {
  X509* const asked = as_openssl(certificate);
  const Crl::State& state = crl_.state();
  if (X509_NAME_cmp(X509_get_issuer_name(asked), X509_CRL_get_issuer(state.list)) != 0) {
    return RevocationStatus::unknown("the CRL is of another issuer");
  }
  const int issued = X509_verify(asked, X509_get0_pubkey(as_openssl(issuer_)));
  ERR_clear_error();
  if (issued != 1) return RevocationStatus::unknown("the certificate is of another issuer");
  if (auto why = other_because(state.point.get(), certificate); !why.empty()) {
    return RevocationStatus::unknown(std::move(why));
  }
  X509_REVOKED* entry = nullptr;
  const int found = X509_CRL_get0_by_serial(state.list, &entry, X509_get_serialNumber(asked));
  ERR_clear_error();
  auto stale = stale_because("the CRL", state.this_update, state.next_update, now, tolerance);
  // What was revoked once stays so, whatever the list's age; a hold may have ended.
  const auto reason = found == 0 ? RevocationReason::kUnspecified : reason_in(entry).value();
  if (!stale.empty() && (found == 0 || reason == RevocationReason::kCertificateHold)) {
    return RevocationStatus::unknown(std::move(stale));
  }
  if (found == 0) return RevocationStatus::good();
  return {.kind = RevocationStatus::Kind::kRevoked,
          .since = time_of(X509_REVOKED_get0_revocationDate(entry)).value(),
          .reason = reason,
          .why = {}};
}

}  // namespace wardlock::x509
