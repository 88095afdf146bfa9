#include "server/entrance.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include "administration/assurance_gate.h"
#include "base/background.h"
#include "base/wall_clock.h"
#include "crypto/random.h"
#include "crypto/sha256.h"
#include "event/draft.h"
#include "server/attestation_anchors.h"
#include "server/house_key.h"
#include "server/identity_provider.h"
#include "server/sign_in_record.h"

namespace wardlock::server {
namespace {

constexpr std::chrono::milliseconds kFollowInterval{5'000};
/// They wait for others' servers, and take nothing of the machine.
/// So that while one hash is made, others' records are written and read.
constexpr std::size_t kWaitingForOneHasher = 4;
constexpr std::size_t kThreadsAbroad = 4;
constexpr std::size_t kMostWaitingAbroad = 64;
constexpr unsigned kTidyTurns = 6;  // tidied every half minute
constexpr secrets::Place kDeviceKey = {.tenant = "wardlock", .purpose = "pages", .name = "devices"};
constexpr secrets::Place kAwayKey = {.tenant = "wardlock", .purpose = "pages", .name = "away"};
constexpr secrets::Place kFormKey = {.tenant = "wardlock", .purpose = "pages", .name = "forms"};

/// With their tenants as the directory calls them.
std::vector<directory::LdapSource> sources_of(const config::Directory& settings) {
  std::vector<directory::LdapSource> sources = settings.ldap;
  for (directory::LdapSource& source : sources) source.tenant = directory_tenant(source.tenant);
  return sources;
}

std::int64_t steady_ms() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

authn::Ticks ticks() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

}  // namespace

Result<std::unique_ptr<Entrance>> Entrance::open(const config::Config& config, Directory& directory,
                                                 IdentityProvider* provider, Log& log) {
  if (!config.authentication) return nullptr;
  const Keys keys = TRY(load_keys(directory));
  account::Pages pages = TRY(account::Pages::build());
  std::unique_ptr<Entrance> opened(new Entrance(config, directory, std::move(pages), keys));
  opened->provider_ = provider;
  TRY_VOID(opened->load_rules());
  TRY_VOID(opened->start(log));
  return opened;
}

Entrance::Entrance(const config::Config& config, Directory& directory, account::Pages pages,
                   const Keys& keys)
    : settings_(*config.authentication),
      ways_(config.messages),
      directory_(directory),
      pages_(std::move(pages)),
      hashers_(config.authentication->hashing_threads),
      passwords_(config.authentication->cost, &hashers_),
      directory_passwords_(*directory.registry, sources_of(*config.directory), &steady_ms),
      throttle_({}),
      devices_(keys.devices),
      form_tokens_(keys.forms),
      away_key_(keys.away),
      cached_(config.authentication->cache) {}

Entrance::~Entrance() {
  tending_.request_stop();
  if (tending_.joinable()) tending_.join();
  if (cards_ != nullptr) cards_->stop();
  if (providers_ != nullptr) providers_->stop();
  directory_.accounts = nullptr;
  directory_.enrolments = nullptr;
  directory_.recoveries = nullptr;
  directory_.sessions = nullptr;
  directory_.foreign = nullptr;
}

Result<Entrance::Keys> Entrance::load_keys(Directory& directory) {
  if (directory.secrets == nullptr) {
    return fail(ErrorCode::kFailedPrecondition, "signing in needs `directory.secret_keys`");
  }
  Secret devices, forms, away;
  const auto read_all = [&](storage::Work& work) -> Result<void> {
    devices = TRY(find_or_draw_key(work, *directory.secrets, kDeviceKey));
    forms = TRY(find_or_draw_key(work, *directory.secrets, kFormKey));
    away = TRY(find_or_draw_key(work, *directory.secrets, kAwayKey));
    return {};
  };
  TRY_VOID(directory.store->write(read_all));
  return Keys{.devices = crypto::HmacKey(devices.reveal()),
              .forms = crypto::HmacKey(forms.reveal()),
              .away = crypto::SymmetricKey(crypto::sha256(away.reveal()))};
}

Result<void> Entrance::load_rules() {
  for (const std::string& path : settings_.block_lists) {
    lists_.push_back(TRY(authn::BlockList::open(path)));
  }
  block_lists_.push_back(&authn::common_passwords());
  for (const authn::BlockList& each : lists_) block_lists_.push_back(&each);
  rules_.party = settings_.party;
  rules_.party_name = settings_.party_name;
  rules_.passwords = settings_.passwords;
  rules_.block_lists = block_lists_;
  rules_.service_words.insert(rules_.service_words.end(), settings_.words.begin(),
                              settings_.words.end());
  rules_.passkeys.demands_trust = settings_.demands_attestation;
  if (!settings_.attestation_anchors.empty()) {
    rules_.passkeys.anchors = TRY(read_anchors(settings_.attestation_anchors));
  }
  return {};
}

Result<void> Entrance::start(Log& log) {
  authn::SessionSurroundings outside;
  outside.fill_random = &crypto::fill_random;
  outside.ended = [this](const authn::Session& session, authn::EndReason reason) {
    note_end(session, reason);
  };
  sessions_ =
      TRY(authn::Sessions::start(*directory_.store, settings_.sessions, std::move(outside)));
  watch_ = TRY(authn::PersonWatch::start(*directory_.store, *directory_.registry, *sessions_,
                                         &wall_clock_ms, news_of_people()));
  account_watch_ = TRY(authn::AccountWatch::start(surroundings(), *directory_.registry));
  if (settings_.cards) {
    cards_ = TRY(CardReader::open(*settings_.cards, settings_.egress, *directory_.registry, log));
  }
  if (!settings_.providers.empty()) {
    providers_ = TRY(ForeignProviders::open(settings_.providers, settings_.egress, away_key_, log));
  }
  make_parts();
  abroad_ = std::make_unique<ErrandOffice>(
      ErrandOffice::Options{.threads = kThreadsAbroad, .most_waiting = kMostWaitingAbroad});
  hashing_ = std::make_unique<ErrandOffice>(
      ErrandOffice::Options{.threads = kWaitingForOneHasher * settings_.hashing_threads,
                            .most_waiting = settings_.hashing_waiting});
  if (directory_.messages != nullptr) {
    courier_ = TRY(MessageCourier::start(*ways_, settings_.party_name, *directory_.messages,
                                         *directory_.registry, *directory_.store, log));
  }
  tending_ = std::jthread([this, &log](const std::stop_token& stop) { tend(stop, log); });
  return {};
}

directory::Surroundings Entrance::directory_surroundings() const {
  return {.clock = &wall_clock_ms,
          .fill_random = &crypto::fill_random,
          .node = directory_.node,
          .secrets = directory_.secrets.get()};
}

authn::AccountSurroundings Entrance::surroundings() {
  const bool may_cache = settings_.cache.without_database > std::chrono::seconds(0);
  return {.store = *directory_.store,
          .sessions = *sessions_,
          .passwords = passwords_,
          .directory = directory_surroundings(),
          .rules = [this](std::string_view) -> const authn::AccountRules& { return rules_; },
          .cached = may_cache ? &cached_ : nullptr,
          .messages = directory_.messages.get(),
          .has_outside_password =
              [this](std::string_view tenant, std::string_view person) {
                return directory_passwords_.keeps(tenant, person);
              },
          .least_level = [this](std::string_view tenant,
                                std::string_view person) { return least_level(tenant, person); }};
}

void Entrance::make_parts() {
  accounts_ = std::make_unique<authn::Accounts>(surroundings());
  enrolments_ = std::make_unique<authn::Enrolments>(surroundings());
  recoveries_ = std::make_unique<authn::RecoveryDesk>(surroundings());
  directory_.accounts = accounts_.get();
  directory_.enrolments = enrolments_.get();
  directory_.recoveries = recoveries_.get();
  directory_.sessions = sessions_.get();
  directory_.foreign = providers_.get();
  sign_in_ = std::make_unique<authn::SignIn>(authn::SignInParts{
      .accounts = surroundings(),
      .throttle = throttle_,
      .devices = devices_,
      .required = [this](const authn::AssuranceQuestion& question) { return required(question); },
      .ticks = &ticks,
      .outside_password =
          [this](const authn::OutsideQuestion& question, const Secret& password) {
            return directory_passwords_.lets_in({.tenant = question.tenant,
                                                 .user_name = question.user_name,
                                                 .person = question.person},
                                                password);
          }});
  using enum config::DeviceCodes;
  const config::DeviceCodes codes = ways_ ? ways_->device_codes : kOff;
  parts_ =
      std::make_unique<account::Parts>(account::Parts{.pages = pages_,
                                                      .form_tokens = form_tokens_,
                                                      .sign_in = *sign_in_,
                                                      .sessions = *sessions_,
                                                      .accounts = *accounts_,
                                                      .enrolments = *enrolments_,
                                                      .registry = *directory_.registry,
                                                      .authorizations = provider_,
                                                      .passwords = settings_.passwords,
                                                      .cards = cards_.get(),
                                                      .providers = providers_.get(),
                                                      .sends_codes = codes != kOff,
                                                      .are_codes_restricted = codes == kTelephone});
}

Result<authn::AssuranceLevel> Entrance::required(const authn::AssuranceQuestion& question) const {
  const std::vector<std::string> roles = TRY(directory_.registry->control_plane_roles(
      question.tenant, question.person, directory::Reach::kNow));
  const std::int64_t level =
      TRY(administration::required_level(*directory_.policies,
                                         {.person = question.person,
                                          .roles = roles,
                                          .environment = question.environment,
                                          .purpose = question.purpose},
                                         wall_clock_ms()));
  return static_cast<authn::AssuranceLevel>(level);
}

Result<authn::AssuranceLevel> Entrance::least_level(std::string_view tenant,
                                                    std::string_view person) const {
  auto least = authn::AssuranceLevel::kAal3;
  for (const authn::SessionEnvironment& each : settings_.sessions.environments) {
    least = std::min(least, TRY(required({.tenant = tenant,
                                          .person = person,
                                          .environment = each.name,
                                          .purpose = {},
                                          .address = {}})));
  }
  return least;
}

/// Nobody waits for this record: it tells of what has happened.
void Entrance::note_end(const authn::Session& session, authn::EndReason reason) {
  event::Event event{.kind = event::Kind::kLogout,
                     .outcome = event::Outcome::kSuccess,
                     .tenant = directory::event_tenant(session.tenant),
                     .principal_type = directory::schema_of(directory::Kind::kPerson).cedar_type,
                     .principal_id = session.person,
                     .caller = "pages",
                     .session = session.id,
                     .cause = to_string(reason)};
  [[maybe_unused]] const auto recorded = record_sign_in(directory_, event);
  if (provider_ != nullptr) provider_->note_ended();
}

/// What somebody granted who is gone ends with their sessions, and where they have none, too.
authn::PersonNews Entrance::news_of_people() const {
  if (provider_ == nullptr) return {};
  return {.ended = [provider = provider_](
                       std::string_view tenant,
                       std::string_view person) { provider->note_person_ended(tenant, person); },
          .all = [provider = provider_] { provider->note_people_changed(); }};
}

/// What other nodes and administrators did, also where the database's word of it was missed.
Result<void> Entrance::follow() {
  TRY_VOID(watch_->follow());
  TRY_VOID(sessions_->follow());
  return account_watch_->follow();
}

Result<void> Entrance::tidy() {
  TRY_VOID(sessions_->tidy(wall_clock_ms()));
  TRY_VOID(accounts_->tidy());
  return {};
}

void Entrance::tend(const std::stop_token& stop, Log& log) {
  pthread_setname_np(pthread_self(), "sessions");
  give_way_to_others();
  for (unsigned turn = 0; pause_.wait(stop, kFollowInterval); ++turn) {
    auto done = follow();
    if (done && turn % kTidyTurns == 0) done = tidy();
    if (!done) log.warning("sessions_untended", {{"reason", done.error().message}});
  }
}

void Entrance::add_to(Exposition& out) const {
  tally_.add_to(out);
  out.single("wardlock_sessions", "gauge", "Sessions of people that are live.",
             static_cast<double>(sessions_->size()));
  out.single("wardlock_sign_ins_waiting", "gauge",
             "Requests that wait for the threads that hash passwords.",
             static_cast<double>(hashing_->waiting()));
}

}  // namespace wardlock::server
