#include "authn/certificate/card.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "x509/certificate_names.h"
#include "x509/path.h"

namespace wardlock::authn {
namespace {

using x509::Certificate;

constexpr std::size_t kMostOthers = 8;

constexpr auto kNames = std::to_array<std::pair<CertificateName, std::string_view>>({
    {CertificateName::kPrincipal, "upn"},
    {CertificateName::kEmail, "email"},
    {CertificateName::kUuid, "uuid"},
    {CertificateName::kFascN, "fasc-n"},
    {CertificateName::kSerialNumber, "serial-number"},
    {CertificateName::kUserId, "uid"},
    {CertificateName::kIssuerAndSerial, "issuer-serial"},
});

std::unexpected<Error> refuse(std::string message) {
  return fail(ErrorCode::kUnauthenticated, std::move(message));
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return lower(c); });
  return out;
}

Result<std::vector<Certificate>> chain_of(const net::PeerCertificate& shown,
                                          const CertificateRules& rules) {
  std::vector<Certificate> chain = {TRY(Certificate::from_der(shown.der))};
  for (const std::string& other : shown.others) {
    if (other == shown.der) continue;
    if (chain.size() > kMostOthers) return refuse("too many certificates came with the client's");
    chain.push_back(TRY(Certificate::from_der(other)));
  }
  chain.insert(chain.end(), rules.intermediates.begin(), rules.intermediates.end());
  return chain;
}

Result<void> check_use(const Certificate& certificate, const CertificateRules& rules) {
  if (!certificate.is_marked_end_entity() && certificate.extension("2.5.29.19")) {
    return refuse("the certificate is one of an authority");
  }
  if (!certificate.may_sign()) return refuse("the certificate's key is not for signatures");
  const bool is_for_signing_in = std::ranges::any_of(rules.usages, [&](const std::string& each) {
    return certificate.has_extended_key_usage(each);
  });
  if (is_for_signing_in) return {};
  return refuse("the certificate is not one for signing in");
}

Result<std::string> only(const std::vector<std::string>& names, std::string_view what) {
  if (names.size() == 1) return names.front();
  return refuse(
      fmt::format("the certificate has {} {}", names.empty() ? "no" : "more than one", what));
}

Result<std::string> only_uuid(const std::vector<std::string>& uris) {
  std::vector<std::string> found;
  for (const std::string& uri : uris) {
    if (auto uuid = uuid_of_urn(uri)) found.push_back(*std::move(uuid));
  }
  return only(found, "UUID");
}

Result<std::string> subject(const Certificate& certificate, x509::NameAttribute attribute,
                            std::string_view what) {
  const auto value = certificate.subject(attribute);
  if (value && !value->empty() && value->find('\0') == std::string::npos) return *value;
  return refuse(fmt::format("the certificate's subject has no {}, or more than one", what));
}

/// Without the realm, in which it must be.
Result<std::string> within(std::string_view realm, std::string name) {
  name = lower(name);
  if (realm.empty()) return name;
  if (name.size() <= realm.size() || !name.ends_with(lower(realm))) {
    return refuse("the certificate's name is of another realm");
  }
  name.resize(name.size() - realm.size());
  return name;
}

Result<std::string> value_in(const Certificate& certificate, const CertificateRules& rules) {
  const x509::AlternativeNames names = TRY(x509::alternative_names(certificate));
  switch (rules.name) {
    case CertificateName::kPrincipal:
      return within(rules.realm, TRY(only(names.principals, "principal name")));
    case CertificateName::kEmail:
      return within(rules.realm, TRY(only(names.emails, "e-mail address")));
    case CertificateName::kUuid: return only_uuid(names.uris);
    case CertificateName::kFascN: return only(names.fasc_ns, "FASC-N");
    case CertificateName::kSerialNumber:
      return subject(certificate, x509::NameAttribute::kSerialNumber, "serial number");
    case CertificateName::kUserId:
      return subject(certificate, x509::NameAttribute::kUserId, "user id");
    case CertificateName::kIssuerAndSerial: return x509::issuer_and_serial(certificate);
  }
  __builtin_unreachable();
}

/// Whatever was malformed: nobody is recognised by it.
template <typename T>
Result<T> unrecognised(Result<T> result) {
  if (!result) result.error().code = ErrorCode::kUnauthenticated;
  return result;
}

}  // namespace

std::string_view to_string(CertificateName name) {
  const auto found =
      std::ranges::find(kNames, name, &std::pair<CertificateName, std::string_view>::first);
  CHECK(found != kNames.end());
  return found->second;
}

std::optional<CertificateName> find_certificate_name(std::string_view text) {
  for (const auto& [name, each] : kNames) {
    if (each == text) return name;
  }
  return std::nullopt;
}

std::optional<std::string> uuid_of_urn(std::string_view uri) {
  constexpr std::string_view kPrefix = "urn:uuid:";
  const std::string text = lower(uri);
  if (!text.starts_with(kPrefix)) return std::nullopt;
  const std::string_view uuid = std::string_view(text).substr(kPrefix.size());
  if (uuid.size() != 36) return std::nullopt;
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool is_hex = (uuid[i] >= '0' && uuid[i] <= '9') || (uuid[i] >= 'a' && uuid[i] <= 'f');
    if (is_dash ? uuid[i] != '-' : !is_hex) return std::nullopt;
  }
  return std::string(uuid);
}

std::string Card::place() const { return fmt::format("{}:{}", to_string(name_), value_); }

Result<Card> read_card(const net::PeerCertificate& shown, const CertificateRules& rules,
                       std::chrono::sys_seconds now) {
  const std::vector<Certificate> chain = TRY(unrecognised(chain_of(shown, rules)));
  Card card;
  card.path_ = TRY(unrecognised(x509::verified_path(chain, rules.anchors, now)));
  if (card.path_.size() < 2) return refuse("the certificate is an anchor itself");
  TRY_VOID(check_use(chain.front(), rules));
  card.name_ = rules.name;
  card.value_ = TRY(unrecognised(value_in(chain.front(), rules)));
  const bool is_card = std::ranges::any_of(rules.card_policies, [&](const std::string& policy) {
    return x509::is_valid_for_policy(chain, rules.anchors, now, policy);
  });
  card.proof_ = is_card ? Proof::kSmartcard : Proof::kCertificate;
  return card;
}

}  // namespace wardlock::authn
