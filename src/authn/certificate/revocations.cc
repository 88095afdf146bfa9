#include "authn/certificate/revocations.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

#include "crypto/random.h"
#include "crypto/sha256.h"
#include "x509/certificate_names.h"
#include "x509/ocsp.h"

namespace wardlock::authn {

using x509::RevocationStatus;

/// A certificate and who issued it, at a time.
struct Revocations::Pair {
  const x509::Certificate& certificate;
  const x509::Certificate& issuer;
  std::chrono::sys_seconds now;
  x509::StatusTolerance tolerance = {};

  std::string key() const { return crypto::to_hex(crypto::sha256(certificate.der())); }
};

namespace {

constexpr std::chrono::seconds kRetryAfter(30);
constexpr std::size_t kNonceBytes = 32;
/// When a card that was found revoked was good last: before all times, and within no grace.
constexpr auto kRevoked = std::chrono::sys_seconds::min();

std::string new_nonce() {
  std::array<std::uint8_t, kNonceBytes> bytes;
  crypto::fill_random(bytes);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

RevocationStatus nothing(const std::vector<std::string>& whys) {
  return RevocationStatus::unknown(fmt::format("{}", fmt::join(whys, "; ")));
}

}  // namespace

Revocations::Revocations(RevocationSettings settings, const net::Egress* egress)
    : settings_(std::move(settings)), egress_(egress) {
  for (const std::string& path : settings_.crl_files) {
    files_.push_back(std::make_unique<CrlFile>(path));
  }
}

Result<std::unique_ptr<Revocations>> Revocations::create(RevocationSettings settings,
                                                         const net::Egress* egress) {
  const bool asks_others = settings.asks_ocsp || settings.fetches_crls;
  if (asks_others && egress == nullptr) {
    return invalid("OCSP and CRLs are to be asked for, but nothing says which addresses may be");
  }
  if (!asks_others && settings.crl_files.empty()) {
    return invalid(
        "nothing says where to ask whether a certificate was revoked: name CRL files, or let CRLs "
        "be fetched or OCSP be asked");
  }
  return std::unique_ptr<Revocations>(new Revocations(std::move(settings), egress));
}

RevocationStatus Revocations::by_files(const Pair& pair) {
  Whys whys;
  RevocationStatus good = RevocationStatus::unknown("");
  for (const auto& file : files_) {
    const auto crl = file->current();
    auto status = crl ? (*crl)->status_of(pair.certificate, pair.issuer, pair.now, pair.tolerance)
                      : RevocationStatus::unknown(crl.error().message);
    if (status.is_revoked()) return status;
    if (status.is_good())
      good = std::move(status);
    else
      whys.push_back(std::move(status.why));
  }
  return good.is_good() ? good : nothing(whys);
}

Result<RevocationStatus> Revocations::ask(const Pair& pair, std::string_view url,
                                          const net::Interruption& interruption) const {
  const std::string nonce = new_nonce();
  const std::string request = x509::ocsp_request(pair.certificate, pair.issuer, nonce);
  const net::HttpReply reply =
      TRY(egress_->fetch({.method = "POST",
                          .url = url,
                          .headers = {{"Content-Type", "application/ocsp-request"}},
                          .body = request},
                         interruption));
  if (reply.status != 200 || reply.content_type != "application/ocsp-response") {
    return fail(ErrorCode::kUnavailable, fmt::format("the OCSP responder `{}` answers {} with `{}`",
                                                     url, reply.status, reply.content_type));
  }
  return x509::read_ocsp_response(reply.body, pair.certificate, pair.issuer,
                                  {.nonce = nonce,
                                   .is_nonce_required = settings_.is_nonce_required,
                                   .now = pair.now,
                                   .tolerance = pair.tolerance});
}

RevocationStatus Revocations::by_ocsp(const Pair& pair,
                                      const net::Interruption& interruption) const {
  const std::vector<std::string> urls = settings_.ocsp_url.empty()
                                            ? x509::ocsp_addresses(pair.certificate)
                                            : std::vector{settings_.ocsp_url};
  if (urls.empty()) return RevocationStatus::unknown("the certificate names no OCSP responder");
  Whys whys;
  constexpr std::size_t kMostAsked = 2;
  for (std::size_t i = 0; i < std::min(urls.size(), kMostAsked); ++i) {
    auto status = ask(pair, urls[i], interruption);
    if (!status) status = RevocationStatus::unknown(status.error().message);
    if (status->is_good() || status->is_revoked()) return *std::move(status);
    whys.push_back(std::move(status->why));
  }
  return nothing(whys);
}

Result<std::shared_ptr<const KeptCrl>> Revocations::fetch_now(
    const std::string& url, const net::Interruption& interruption) const {
  const net::HttpReply reply =
      TRY(egress_->fetch({.url = url}, interruption, x509::Crl::kMaxBytes));
  if (reply.status == 200) return read_crl(reply.body);
  return fail(ErrorCode::kUnavailable, fmt::format("`{}` answers {}", url, reply.status));
}

Result<std::shared_ptr<const KeptCrl>> Revocations::fetch(const std::string& url,
                                                          std::chrono::sys_seconds now,
                                                          const net::Interruption& interruption) {
  std::shared_ptr<Fetched> place;
  {
    const std::lock_guard lock(mutex_);
    if (!fetched_.contains(url) && fetched_.size() >= kMostFetched) {
      return fail(ErrorCode::kResourceExhausted, "certificates name too many CRLs");
    }
    auto& found = fetched_[url];
    if (found == nullptr) found = std::make_shared<Fetched>();
    place = found;
  }
  const std::lock_guard lock(place->mutex);
  if (now >= place->next) {
    auto fetched = fetch_now(url, interruption);
    place->next = now + (fetched ? settings_.fetch_again : kRetryAfter);
    if (!fetched) {
      place->fault = fetched.error();
    } else if (place->crl == nullptr ||
               (*fetched)->crl().this_update() >= place->crl->crl().this_update()) {
      place->crl = *std::move(fetched);  // an older one would bring back what was revoked
    }
  }
  if (place->crl == nullptr) return std::unexpected(place->fault);
  return place->crl;
}

RevocationStatus Revocations::by_fetched(const Pair& pair, const net::Interruption& interruption) {
  const std::vector<std::string> urls = x509::crl_addresses(pair.certificate);
  if (urls.empty()) return RevocationStatus::unknown("the certificate names no CRL");
  Whys whys;
  for (const std::string& url : urls) {
    const auto crl = fetch(url, pair.now, interruption);
    auto status = crl ? (*crl)->status_of(pair.certificate, pair.issuer, pair.now, pair.tolerance)
                      : RevocationStatus::unknown(crl.error().message);
    if (status.is_good() || status.is_revoked()) return status;
    whys.push_back(std::move(status.why));
  }
  return nothing(whys);
}

RevocationStatus Revocations::status_of(const Pair& pair, const net::Interruption& interruption) {
  Whys whys;
  bool is_good = false;
  const auto take = [&](RevocationStatus& status) {
    is_good = is_good || status.is_good();
    if (!status.why.empty()) whys.push_back(std::move(status.why));
    return status.is_revoked();
  };
  if (!files_.empty()) {
    auto status = by_files(pair);
    if (take(status)) return status;
  }
  if (settings_.asks_ocsp) {
    auto status = by_ocsp(pair, interruption);
    if (take(status)) return status;
  }
  if (settings_.fetches_crls && !is_good) {
    auto status = by_fetched(pair, interruption);
    if (take(status)) return status;
  }
  return is_good ? RevocationStatus::good() : nothing(whys);
}

bool Revocations::was_good(const Pair& pair) const {
  const std::lock_guard lock(mutex_);
  const auto found = good_.find(pair.key());
  return found != good_.end() && pair.now <= found->second + settings_.grace;
}

void Revocations::remember_good(const Pair& pair) {
  if (settings_.grace == std::chrono::seconds(0)) return;
  const std::lock_guard lock(mutex_);
  if (good_.size() >= kMostRemembered) {
    std::erase_if(good_, [&](const auto& each) {
      return each.second != kRevoked && each.second + settings_.grace < pair.now;
    });
    if (good_.size() >= kMostRemembered) return;
  }
  good_[pair.key()] = pair.now;
}

CardStatus Revocations::status_of(const Card& card, std::chrono::sys_seconds now,
                                  const net::Interruption& interruption) {
  CardStatus found{.status = RevocationStatus::good()};
  // What was found revoked has no grace, until it is found good again (a hold that ended).
  const auto was_revoked = [this](const std::string& key) {
    const std::lock_guard lock(mutex_);
    const auto known = good_.find(key);
    return known != good_.end() && known->second == kRevoked;
  };
  for (std::size_t i = 0; i + 1 < card.path().size(); ++i) {
    Pair pair{.certificate = card.path()[i], .issuer = card.path()[i + 1], .now = now};
    auto status = status_of(pair, interruption);
    if (status.is_good()) {
      remember_good(pair);
      continue;
    }
    if (status.is_revoked()) {
      const std::lock_guard lock(mutex_);
      const bool has_room = good_.contains(pair.key()) || good_.size() < kMostRemembered;
      if (settings_.grace != std::chrono::seconds(0) && has_room) good_[pair.key()] = kRevoked;
      return {.status = std::move(status)};
    }
    if (settings_.grace == std::chrono::seconds(0) || was_revoked(pair.key())) {
      return {.status = std::move(status)};
    }
    pair.tolerance.grace = settings_.grace;
    const auto by_old_files = by_files(pair);
    if (by_old_files.is_revoked()) return {.status = by_old_files};
    if (!was_good(pair) && !by_old_files.is_good()) return {.status = std::move(status)};
    found.is_by_grace = true;
  }
  return found;
}

}  // namespace wardlock::authn
