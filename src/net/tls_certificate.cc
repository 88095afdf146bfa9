#include "net/tls_certificate.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <iterator>
#include <memory>
#include <span>
#include <string_view>

namespace wardlock::net {
namespace {

std::optional<std::string> fingerprint_of(const X509& certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  if (X509_digest(&certificate, EVP_sha256(), digest.data(), &size) != 1) return std::nullopt;
  std::string text = "sha256:";
  for (const unsigned char byte : std::span(digest).first(size)) {
    fmt::format_to(std::back_inserter(text), "{:02x}", byte);
  }
  return text;
}

std::string der_of(const X509& certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(&certificate, &der);
  if (size <= 0) return {};
  std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return out;
}

std::string_view text_of(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<std::size_t>(ASN1_STRING_length(string))};
}

bool is_visible(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

std::vector<std::string> names_of(const X509& certificate) {
  std::vector<std::string> names;
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> alternatives(
      static_cast<GENERAL_NAMES*>(
          X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)),
      &GENERAL_NAMES_free);
  for (int i = 0; i < sk_GENERAL_NAME_num(alternatives.get()); ++i) {
    int type = -1;
    const void* value =
        GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(alternatives.get(), i), &type);
    if (type != GEN_DNS && type != GEN_URI) continue;
    const std::string_view name = text_of(static_cast<const ASN1_STRING*>(value));
    if (is_visible(name)) names.push_back((type == GEN_DNS ? "dns:" : "uri:") + std::string(name));
  }
  return names;
}

}  // namespace

std::optional<PeerCertificate> describe(const X509& certificate, const STACK_OF(X509) * others) {
  std::optional<std::string> fingerprint = fingerprint_of(certificate);
  const std::optional<std::int64_t> expires_at = to_ms(X509_get0_notAfter(&certificate));
  if (!fingerprint || !expires_at) return std::nullopt;
  PeerCertificate described{.fingerprint = *std::move(fingerprint),
                            .names = names_of(certificate),
                            .expires_at = *expires_at,
                            .der = der_of(certificate),
                            .others = {}};
  for (int i = 0; i < sk_X509_num(others); ++i) {
    described.others.push_back(der_of(*sk_X509_value(others, i)));
  }
  return described;
}

std::optional<std::int64_t> to_ms(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  return static_cast<std::int64_t>(::timegm(&parts)) * 1000;
}

}  // namespace wardlock::net
