#include "server/identity_provider.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "administration/assurance_gate.h"
#include "authn/network.h"
#include "authn/oauth/client_rows.h"
#include "authn/oauth/own_client.h"
#include "authn/oauth/scope.h"
#include "authn/oauth/tables.h"
#include "base/wall_clock.h"
#include "codec/base64url.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "directory/registry/journal.h"
#include "net/egress.h"
#include "server/house_key.h"
#include "server/policy_files.h"

namespace wardlock::server {
namespace {

using account::AuthorizationQuestion;
using account::Onward;
using oauth::Occasion;

constexpr std::chrono::milliseconds kTendInterval{30'000};
/// A client that waits for its token waits for its own keys.
constexpr std::chrono::milliseconds kLongestForKeys{4'000};
constexpr std::size_t kMostKeysBytes = std::size_t{256} << 10;
constexpr secrets::Place kNonceKey = {
    .tenant = "wardlock", .purpose = "oauth", .name = "dpop nonces"};
constexpr secrets::Place kDeviceKey = {
    .tenant = "wardlock", .purpose = "oauth", .name = "device handles"};
/// What somebody signs in for, to policies (administration/assurance_gate.h).
constexpr std::string_view kAdministration = "administration";
/// Before the handle of a device: `device.BCDF-GHJK.` and what proves that it was given here.
constexpr std::string_view kDevicePrefix = "device.";

authn::Ticks ticks() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

/// What a page is asked needs no address: a request remembers at which it came.
Occasion now_at(std::string_view tenant) {
  return {.tenant = std::string(tenant), .issuer = {}, .now_ms = wall_clock_ms()};
}

std::unexpected<Error> error_of(const oauth::Refusal& refusal) {
  const bool is_ours = refusal.fault == oauth::Fault::kTemporarilyUnavailable ||
                       refusal.fault == oauth::Fault::kServerError;
  return fail(is_ours ? ErrorCode::kUnavailable : ErrorCode::kNotFound, refusal.description);
}

/// Empty: any application's.
std::string purpose_of(const std::vector<std::string>& scopes) {
  if (oauth::has_scope(scopes, oauth::kAdministrationScope)) return std::string(kAdministration);
  return oauth::has_scope(scopes, oauth::kBreakGlassScope) ? "break-glass" : "";
}

std::unexpected<Error> unknown_device() {
  return fail(ErrorCode::kNotFound, "no device waits with this code");
}

/// Whose software statements count, with their keys.
Result<std::vector<oauth::SoftwareIssuer>> read_issuers(
    const std::vector<config::SoftwareIssuerFile>& files) {
  std::vector<oauth::SoftwareIssuer> issuers;
  for (const config::SoftwareIssuerFile& each : files) {
    const pdp::Source source = TRY(read_source(each.keys));
    auto keys = jose::KeySet::parse(source.text);
    if (!keys || keys->keys().empty()) {
      return invalid(fmt::format("`{}` holds no public keys: write a JWK Set", each.keys));
    }
    issuers.push_back({.issuer = each.issuer, .keys = *std::move(keys)});
  }
  return issuers;
}

std::string host_of(std::string_view uri) {
  const std::size_t begin = uri.find("://");
  if (begin == std::string_view::npos) return std::string(uri.substr(0, uri.find(':')));
  uri.remove_prefix(begin + 3);
  return std::string(uri.substr(0, uri.find_first_of("/?")));
}

}  // namespace

Result<std::unique_ptr<IdentityProvider>> IdentityProvider::open(const config::Config& config,
                                                                 Directory& directory, Log& log) {
  if (!config.authentication) return nullptr;
  if (directory.secrets == nullptr) {
    return fail(ErrorCode::kFailedPrecondition, "signing in needs `directory.secret_keys`");
  }
  std::unique_ptr<IdentityProvider> opened(new IdentityProvider(config, directory));
  TRY_VOID(opened->start(log));
  return opened;
}

IdentityProvider::IdentityProvider(const config::Config& config, Directory& directory)
    : config_(config),
      directory_(directory),
      throttle_({}),
      limits_(config.administration_quota),
      registration_door_(directory) {}

IdentityProvider::~IdentityProvider() {
  directory_.provider = nullptr;
  interruption_.raise();
  listening_.reset();
  tending_.request_stop();
  if (tending_.joinable()) tending_.join();
}

/// Of a client that may not be asked, or does not answer, whoever runs the server hears.
Result<std::string> IdentityProvider::fetch_keys(const std::string& url, Log& log) const {
  auto reply = egress_->fetch({.url = url}, interruption_, kMostKeysBytes);
  if (reply && reply->status == 200) return std::move(reply->body);
  const std::string why =
      reply ? fmt::format("it answered {}", reply->status) : reply.error().message;
  const auto parsed = net::EgressUrl::parse(url);
  log.warning("client_keys_not_fetched",
              {{"application", parsed ? parsed->origin : std::string()}, {"reason", why}});
  return fail(ErrorCode::kUnavailable, why);
}

Result<void> IdentityProvider::start(Log& log) {
  net::EgressRules egress = config_.authentication->egress;
  egress.timeout = std::min(egress.timeout, kLongestForKeys);
  egress_.emplace(TRY(net::Egress::create(std::move(egress))));
  Secret key, device_key;
  const auto read_keys = [&](storage::Work& work) -> Result<void> {
    key = TRY(find_or_draw_key(work, *directory_.secrets, kNonceKey));
    device_key = TRY(find_or_draw_key(work, *directory_.secrets, kDeviceKey));
    return {};
  };
  TRY_VOID(directory_.store->write(read_keys));
  device_key_.emplace(device_key.reveal());
  rules_ = std::make_unique<oauth::Provider>(
      oauth::Parts{
          .store = *directory_.store,
          .secrets = *directory_.secrets,
          .registry = *directory_.registry,
          .fill_random = &crypto::fill_random,
          .tell = [this](storage::Work& work, const Occasion& occasion,
                         const event::Event& event) { return record(work, occasion, event); },
          .fetch_keys = [this, &log](const std::string& url) { return fetch_keys(url, log); }},
      crypto::HmacKey(key.reveal()),
      oauth::Provider::Options{.software_issuers =
                                   TRY(read_issuers(config_.authentication->software_issuers))});
  TRY_VOID(rules_->tokens.follow());
  TRY_VOID(enter_own_clients());
  directory_.provider = rules_.get();
  courier_ = std::make_unique<LogoutCourier>(
      rules_->logouts, TRY(net::Egress::create(config_.authentication->egress)), log);
  listening_ = TRY(directory_.store->listen(std::string(oauth::kChangeChannel), [this] {
    [[maybe_unused]] const auto followed = rules_->tokens.follow();
  }));
  tending_ = std::jthread([this, &log](const std::stop_token& stop) { tend(stop, log); });
  return {};
}

Result<void> IdentityProvider::record(storage::Work& work, const Occasion& occasion,
                                      const event::Event& event) const {
  const directory::Surroundings surroundings{
      .clock = &wall_clock_ms, .fill_random = &crypto::fill_random, .node = directory_.node};
  directory::Mandate mandate = own_mandate(occasion.tenant, event.action);
  if (!event.principal_id.empty()) {
    mandate = {.tenant = occasion.tenant,
               .actor_type = std::string(event.principal_type),
               .actor_id = std::string(event.principal_id),
               .caller = event.caller.empty() ? "pages" : std::string(event.caller),
               .source_address = std::string(event.source_address)};
  }
  directory::Journal journal(work, mandate, surroundings);
  return journal.add({.what = directory::What::kChanged,
                      .kind = oauth::kClientEntry,
                      .id = event.resource_id,
                      .after = "null"},
                     event);
}

Result<void> IdentityProvider::enter_own_clients() {
  for (const config::Tenant& tenant : config_.tenants) {
    const auto entered = rules_->clients.enter_own(now_at(directory_tenant(tenant.name)),
                                                   oauth::command_line_client());
    if (!entered) return error_of(entered.error());
  }
  return {};
}

void IdentityProvider::note_person_ended(std::string_view tenant, std::string_view person) {
  {
    const std::scoped_lock lock(mutex_);
    gone_.push_back({std::string(tenant), std::string(person)});
  }
  pause_.wake();
}

void IdentityProvider::note_people_changed() {
  looks_at_people_ = true;
  pause_.wake();
}

std::shared_ptr<authn::RateLimit> IdentityProvider::limit_of(std::string_view tenant,
                                                             std::string_view person) {
  return limits_.of(tenant, person);
}

Result<void> IdentityProvider::look_at_people() {
  if (!looks_at_people_.exchange(false)) return {};
  const auto gone = rules_->logouts.gone_people();
  if (!gone) {
    looks_at_people_ = true;
    return error_of(gone.error());
  }
  const std::scoped_lock lock(mutex_);
  gone_.insert(gone_.end(), gone->begin(), gone->end());
  return {};
}

Result<void> IdentityProvider::end_of_people() {
  TRY_VOID(look_at_people());
  while (true) {
    std::optional<oauth::GonePerson> person;
    {
      const std::scoped_lock lock(mutex_);
      if (gone_.empty()) return {};
      person = gone_.front();
    }
    const auto ended = rules_->logouts.person_ended(now_at(person->tenant), person->person);
    if (!ended) return error_of(ended.error());  // as with sessions
    courier_->wake();
    const std::scoped_lock lock(mutex_);
    gone_.pop_front();
  }
}

Result<void> IdentityProvider::tend_once() {
  const auto ended = rules_->logouts.follow_sessions(wall_clock_ms());
  if (!ended) return error_of(ended.error());
  if (*ended != 0) courier_->wake();
  TRY_VOID(end_of_people());
  TRY_VOID(rules_->tokens.follow());
  for (const config::Tenant& tenant : config_.tenants) {
    const auto kept = rules_->keys.keep_up(now_at(directory_tenant(tenant.name)));
    if (!kept) return error_of(kept.error());
  }
  const auto given_up = rules_->logouts.give_up(wall_clock_ms());
  if (!given_up) return error_of(given_up.error());
  return rules_->tidy(wall_clock_ms());
}

void IdentityProvider::tend(const std::stop_token& stop, Log& log) {
  pthread_setname_np(pthread_self(), "oauth");
  do {
    const auto tended = tend_once();
    if (!tended) log.warning("oauth_untended", {{"reason", tended.error().message}});
  } while (pause_.wait_until_woken(stop, kTendInterval));
}

/// Who lets an application administer, or break the glass, shows first what policies ask of those
/// who do.
Result<authn::AssuranceLevel> IdentityProvider::required_of(
    std::string_view tenant, const std::vector<std::string>& scopes,
    const std::optional<authn::Session>& session) const {
  const std::string purpose = purpose_of(scopes);
  if (!session || purpose.empty()) return authn::AssuranceLevel::kAal1;
  const std::vector<std::string> roles = TRY(
      directory_.registry->control_plane_roles(tenant, session->person, directory::Reach::kNow));
  return static_cast<authn::AssuranceLevel>(
      TRY(administration::required_level(*directory_.policies,
                                         {.person = session->person,
                                          .roles = roles,
                                          .environment = session->environment,
                                          .purpose = purpose},
                                         wall_clock_ms())));
}

Result<AuthorizationQuestion> IdentityProvider::find(std::string_view tenant,
                                                     std::string_view handle,
                                                     const std::optional<authn::Session>& session) {
  const Occasion occasion = now_at(tenant);
  if (handle.starts_with(kDevicePrefix)) {
    const auto user_code = user_code_of(tenant, handle);
    if (!user_code) return unknown_device();
    const auto waiting = rules_->devices.find(occasion, *user_code);
    if (!waiting) return error_of(waiting.error());
    return AuthorizationQuestion{.service = waiting->client_name,
                                 .host = {},
                                 .scopes = waiting->scopes,
                                 .required = TRY(required_of(tenant, waiting->scopes, session)),
                                 .purpose = purpose_of(waiting->scopes),
                                 .login_hint = {},
                                 .is_self_registered = waiting->is_self_registered,
                                 .lasts = waiting->lasts};
  }
  const auto waiting = rules_->authorizations.find(occasion, handle, session ? &*session : nullptr);
  if (!waiting) return error_of(waiting.error());
  const std::vector<std::string>& scopes = waiting->request.scopes;
  const auto asked =
      static_cast<authn::AssuranceLevel>(std::max<std::int64_t>(waiting->request.level, 1));
  return AuthorizationQuestion{
      .service = waiting->client_name,
      .host = host_of(waiting->request.address.redirect_uri),
      .scopes = scopes,
      .needs_consent = waiting->awaited != oauth::Awaited::kNothing,
      .required = std::max(asked, TRY(required_of(tenant, scopes, session))),
      .not_before_ms = waiting->signed_in_since_ms,
      .purpose = purpose_of(scopes),
      .login_hint = waiting->request.login_hint,
      .is_self_registered = waiting->is_self_registered,
      .lasts = waiting->lasts};
}

Result<Onward> IdentityProvider::onward(const Occasion& occasion,
                                        const oauth::Answer<oauth::ReturnAnswer>& answer) {
  if (!answer) return error_of(answer.error());
  if (answer->to.mode == oauth::ResponseMode::kQuery) return Onward{.url = answer->url()};
  // A page of ours may not post to other sites; this one may.
  const auto ticket = rules_->authorizations.keep_answer(occasion, *answer);
  if (!ticket) return error_of(ticket.error());
  return Onward{
      .url = fmt::format("{}/oauth2/answer?ticket={}", answer->parameters.text("iss"), *ticket)};
}

Result<Onward> IdentityProvider::approve(std::string_view tenant, std::string_view handle,
                                         const authn::Session& session) {
  const Occasion occasion = now_at(tenant);
  if (!handle.starts_with(kDevicePrefix)) {
    return onward(occasion, rules_->authorizations.approve(occasion, handle, session, {}));
  }
  const auto user_code = user_code_of(tenant, handle);
  if (!user_code) return unknown_device();
  const auto approved = rules_->devices.approve(occasion, *user_code, session, {});
  if (!approved) return error_of(approved.error());
  return Onward();
}

Result<Onward> IdentityProvider::deny(std::string_view tenant, std::string_view handle,
                                      const authn::Session&) {
  const Occasion occasion = now_at(tenant);
  if (!handle.starts_with(kDevicePrefix)) {
    return onward(occasion, rules_->authorizations.deny(occasion, handle));
  }
  const auto user_code = user_code_of(tenant, handle);
  if (!user_code) return unknown_device();
  const auto denied = rules_->devices.deny(occasion, *user_code);
  if (!denied) return error_of(denied.error());
  return Onward();
}

Result<std::string> IdentityProvider::find_device(std::string_view tenant,
                                                  std::string_view user_code,
                                                  std::string_view source_address) {
  constexpr std::string_view kWhat = "user code";
  const std::string_view source = authn::network_of(source_address);
  if (throttle_.begin(source, kWhat, ticks())) {
    return fail(ErrorCode::kResourceExhausted,
                "too many codes were tried from there; wait a moment");
  }
  const auto waiting = rules_->devices.find(now_at(tenant), user_code);
  if (!waiting) return error_of(waiting.error());
  throttle_.succeed(source, kWhat, ticks());
  return device_handle(tenant, oauth::normal_user_code(user_code));
}

/// Codes are short, so that a handle is none that anybody can make: the throttle has seen it.
std::string IdentityProvider::device_handle(std::string_view tenant,
                                            std::string_view user_code) const {
  const auto proof = device_key_->sign({"device\n", tenant, "\n", user_code});
  return fmt::format("{}{}.{}", kDevicePrefix, user_code, codec::to_base64url(proof));
}

std::optional<std::string> IdentityProvider::user_code_of(std::string_view tenant,
                                                          std::string_view handle) const {
  const std::string_view rest = handle.substr(kDevicePrefix.size());
  std::string code(rest.substr(0, rest.find('.')));
  if (!crypto::equal_in_constant_time(device_handle(tenant, code), handle)) return std::nullopt;
  return code;
}

Result<std::vector<account::AllowedApplication>> IdentityProvider::allowed_by(
    std::string_view tenant, std::string_view person) {
  auto given = rules_->consents.given_by(now_at(tenant), person);
  if (!given) return error_of(given.error());
  std::vector<account::AllowedApplication> allowed;
  for (oauth::GivenAccess& each : *given) {
    allowed.push_back({.id = std::move(each.client),
                       .name = std::move(each.client_name),
                       .scopes = std::move(each.scopes),
                       .since_ms = each.since_ms,
                       .is_lasting = each.is_lasting});
  }
  return allowed;
}

Result<void> IdentityProvider::withdraw(std::string_view application, const authn::Session& session,
                                        std::string_view source_address) {
  const auto withdrawn =
      rules_->consents.withdraw(now_at(session.tenant), {.person = session.person,
                                                         .client = application,
                                                         .session = session.id,
                                                         .source_address = source_address});
  if (!withdrawn) return error_of(withdrawn.error());
  if (!*withdrawn) return fail(ErrorCode::kNotFound, "they let that application do nothing");
  return rules_->tokens.follow();
}

}  // namespace wardlock::server
