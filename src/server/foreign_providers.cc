#include "server/foreign_providers.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "authn/network.h"
#include "base/secret.h"
#include "crypto/random.h"
#include "server/directory.h"
#include "storage/private_file.h"

namespace wardlock::server {
namespace {

using account::OfferedProvider;
using account::ProviderRefusal;

/// Three requests at most go by before somebody who waits is told: metadata, keys, the token.
constexpr std::chrono::milliseconds kLongest{8'000};

authn::Ticks ticks() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

std::chrono::sys_seconds seconds_of(std::int64_t ms) {
  return std::chrono::sys_seconds(std::chrono::seconds(ms / 1000));
}

Result<Secret> read_secret(const std::string& path) {
  std::string text = TRY(storage::read_private_file(path));
  Secret secret(std::string_view(text).substr(0, text.find_first_of("\r\n")));
  wipe(text);
  return secret;
}

}  // namespace

Result<std::unique_ptr<ForeignProviders>> ForeignProviders::open(
    const std::vector<config::ForeignProvider>& settings, net::EgressRules egress,
    const crypto::SymmetricKey& key, Log& log) {
  egress.timeout = std::min(egress.timeout, kLongest);
  std::unique_ptr<ForeignProviders> opened(
      new ForeignProviders(TRY(net::Egress::create(std::move(egress))), key, log));
  for (const config::ForeignProvider& each : settings) {
    authn::ProviderSettings with = each.settings;
    with.proof = TRY(read_secret(each.secret_file));
    Known known{.tenant = std::string(directory_tenant(with.tenant)),
                .offered = {.name = with.name,
                            .label = each.label,
                            .may_be_linked_by_people = each.may_be_linked_by_people},
                .sign_in = nullptr};
    known.sign_in = TRY(authn::ForeignSignIn::create(std::move(with), opened->egress_, opened->key_,
                                                     &crypto::fill_random));
    opened->all_.push_back(std::move(known));
  }
  return opened;
}

const ForeignProviders::Known* ForeignProviders::find(std::string_view tenant,
                                                      std::string_view name) const {
  const auto found = std::ranges::find_if(
      all_, [&](const Known& each) { return each.tenant == tenant && each.offered.name == name; });
  return found == all_.end() ? nullptr : &*found;
}

std::vector<OfferedProvider> ForeignProviders::of(std::string_view tenant) const {
  std::vector<OfferedProvider> offered;
  for (const Known& each : all_) {
    if (each.tenant == tenant) offered.push_back(each.offered);
  }
  return offered;
}

std::vector<std::string> ForeignProviders::issuers_of(std::string_view tenant) const {
  std::vector<std::string> issuers;
  for (const Known& each : all_) {
    if (each.tenant == tenant) issuers.push_back(each.sign_in->settings().issuer);
  }
  return issuers;
}

/// What it says is for whoever runs the server: which check failed, and nothing of a token.
ProviderRefusal ForeignProviders::refusal_of(const Known& provider, const Error& error) const {
  const auto tell = [&](std::string_view event) {
    log_.warning(event, {{"provider", provider.offered.name}, {"reason", error.message}});
  };
  switch (error.code) {
    case ErrorCode::kUnauthenticated:
      tell("provider_answer_refused");
      return ProviderRefusal::kNotOurs;
    case ErrorCode::kFailedPrecondition: tell("provider_refused"); return ProviderRefusal::kRefused;
    default: tell("provider_down"); return ProviderRefusal::kDown;
  }
}

std::expected<authn::BegunErrand, ProviderRefusal> ForeignProviders::begin(
    std::string_view tenant, std::string_view name, const authn::ForeignErrand& errand,
    std::int64_t now_ms) {
  const Known* known = find(tenant, name);
  if (known == nullptr) return std::unexpected(ProviderRefusal::kUnknown);
  auto begun = known->sign_in->begin(errand, seconds_of(now_ms), interruption_);
  if (!begun) return std::unexpected(refusal_of(*known, begun.error()));
  return *std::move(begun);
}

std::expected<authn::FinishedErrand, ProviderRefusal> ForeignProviders::finish(
    std::string_view tenant, std::string_view name, std::string_view cookie, std::string_view query,
    std::string_view source_address, std::int64_t now_ms) {
  const Known* known = find(tenant, name);
  if (known == nullptr) return std::unexpected(ProviderRefusal::kUnknown);
  // Each answer that is looked at may have the provider asked.
  const std::string source(authn::network_of(source_address));
  const std::string what = fmt::format("provider\n{}\n{}", tenant, name);
  if (throttle_.begin(source, what, ticks())) return std::unexpected(ProviderRefusal::kWait);
  auto finished = known->sign_in->finish(cookie, query, seconds_of(now_ms), interruption_);
  if (!finished) return std::unexpected(refusal_of(*known, finished.error()));
  throttle_.succeed(source, what, ticks());
  return *std::move(finished);
}

}  // namespace wardlock::server
