#include "authn/account/account_for_test.h"

#include <algorithm>
#include <array>

#include "authn/session/tables.h"
#include "codec/base32.h"
#include "codec/base64url.h"
#include "codec/json.h"
#include "crypto/digest.h"
#include "event/draft.h"

namespace wardlock::authn {
namespace {

std::string encoded(std::string_view bytes) {
  return codec::to_base64url(
      std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
}

template <typename T>
T must(Result<T> result) {
  if (!result) {
    ADD_FAILURE() << to_string(result.error().code) << ": " << result.error().message;
    std::abort();
  }
  return std::move(*result);
}

const secrets::Sealer& sealer() {
  static const std::array keys = {crypto::SymmetricKey::random()};
  static const auto sealer = secrets::Sealer::make(keys);
  return *sealer;
}

}  // namespace

std::string bytes_in(std::string_view json, std::string_view path) {
  const auto parsed = codec::parse_json(json);
  std::error_code error;
  const auto* value = parsed->find_pointer(std::string(path), error);
  return value == nullptr
             ? ""
             : codec::from_base64url(std::string_view(value->as_string())).value_or("");
}

std::string registration_json(const webauthn::TestAuthenticator& authenticator,
                              std::string_view options, std::string_view origin) {
  using namespace webauthn;
  const std::string client =
      client_data("webauthn.create", bytes_in(options, "/challenge"), origin);
  const std::string object =
      cbor_map({{cbor_text("fmt"), cbor_text("none")},
                {cbor_text("attStmt"), cbor_map({})},
                {cbor_text("authData"),
                 cbor_bytes(authenticator.authenticator_data(/*with_credential=*/true))}});
  return codec::to_json_text(boost::json::object{
      {"id", encoded(authenticator.credential_id)},
      {"rawId", encoded(authenticator.credential_id)},
      {"type", "public-key"},
      {"response", boost::json::object{{"clientDataJSON", encoded(client)},
                                       {"attestationObject", encoded(object)},
                                       {"transports", boost::json::array{"internal"}}}},
      {"clientExtensionResults", boost::json::object{}}});
}

std::string assertion_json(const webauthn::TestAuthenticator& authenticator,
                           std::string_view options, std::string_view user_handle,
                           std::string_view origin) {
  const std::string client =
      webauthn::client_data("webauthn.get", bytes_in(options, "/challenge"), origin);
  const std::string data = authenticator.authenticator_data(/*with_credential=*/false);
  const std::string signature =
      authenticator.sign(data + crypto::digest(crypto::HashAlgorithm::kSha256, client));
  boost::json::object response{{"clientDataJSON", encoded(client)},
                               {"authenticatorData", encoded(data)},
                               {"signature", encoded(signature)}};
  if (!user_handle.empty()) response["userHandle"] = encoded(user_handle);
  return codec::to_json_text(
      boost::json::object{{"id", encoded(authenticator.credential_id)},
                          {"rawId", encoded(authenticator.credential_id)},
                          {"type", "public-key"},
                          {"response", response},
                          {"clientExtensionResults", boost::json::object{}}});
}

AccountsForTest::AccountsForTest()
    : HospitalWith({kSessionTables, kAccountTables, kApprovedRecoveries, kMessageTables}) {
  rules_.party = {.id = "example.org", .origins = {"https://example.org"}, .top_origins = {}};
  secrets_ = std::make_unique<secrets::SecretTable>(sealer());
  passwords_ =
      std::make_unique<PasswordVerifier>(checked_cost({.passes = 3, .memory_kib = 12'288}).value());
  surroundings_.secrets = secrets_.get();
  start();
}

AccountsForTest::~AccountsForTest() = default;

AccountSurroundings AccountsForTest::accounts() const {
  return {.store = *store_,
          .sessions = *sessions_,
          .passwords = *passwords_,
          .directory = surroundings_,
          .rules = [this](std::string_view) -> const AccountRules& { return rules_; },
          .cached = is_cached_ ? cached_.get() : nullptr,
          .messages = messages_.get(),
          .has_outside_password = [this](std::string_view, std::string_view) -> Result<bool> {
            return outside_password_.has_value();
          },
          .least_level = [this](std::string_view, std::string_view) -> Result<AssuranceLevel> {
            return required_;
          }};
}

void AccountsForTest::start() {
  sign_in_.reset();
  sessions_.reset();
  sessions_ = must(Sessions::start(*store_, {}, {.fill_random = &crypto::fill_random}));
  cached_ = std::make_unique<CachedAuthenticators>(CacheLimits{});
  messages_ = std::make_unique<Messages>(*store_, surroundings_, message_settings_);
  throttle_ = std::make_unique<AttemptThrottle>(limits_);
  devices_ = std::make_unique<FamiliarDevice>(crypto::HmacKey("a key for tests"));
  accounts_ = std::make_unique<Accounts>(accounts());
  enrolments_ = std::make_unique<Enrolments>(accounts());
  desk_ = std::make_unique<RecoveryDesk>(accounts());
  sign_in_ = std::make_unique<SignIn>(SignInParts{
      .accounts = accounts(),
      .throttle = *throttle_,
      .devices = *devices_,
      .required = [this](const AssuranceQuestion&) -> Result<AssuranceLevel> { return required_; },
      .ticks = [this] { return ticks_; },
      .outside_password =
          [this](const OutsideQuestion& question, const Secret&) {
            asked_outside_.emplace_back(question.person);
            return question.person.empty() ? std::nullopt : outside_password_;
          }});
}

AccountChange AccountsForTest::change(const Thing& person, std::string label) {
  return {.mandate = mandate_, .person = person.id, .label = std::move(label), .expires_ms = {}};
}

Authenticator AccountsForTest::give_password(const Thing& person, std::string_view password) {
  auto choice = must(accounts_->set_password(change(person), Secret(password)));
  for (const std::string& fault : choice.faults) ADD_FAILURE() << fault;
  return choice.kept.value();
}

AccountsForTest::App AccountsForTest::give_app(const Thing& person) {
  const OtpOffer offer = must(accounts_->offer_totp(change(person, "phone")));
  std::string typed(offer.typed.reveal());
  std::erase(typed, ' ');
  App app{.id = offer.authenticator.id, .secret = Secret(codec::from_base32(typed).value())};
  must(accounts_->confirm_app(change(person), app.id, code_of(app)));
  // The code that confirmed it counts no more.
  now_ += 30 * kSecond;
  return app;
}

std::string AccountsForTest::code_of(const App& app) const {
  const auto now = std::chrono::sys_seconds(std::chrono::seconds(now_ / 1000));
  return hotp(app.secret, totp_step(now, {}), {});
}

std::vector<Secret> AccountsForTest::give_recovery_codes(const Thing& person) {
  return must(accounts_->make_recovery_codes(change(person))).codes;
}

Authenticator AccountsForTest::give_passkey(const Thing& person,
                                            webauthn::TestAuthenticator& authenticator) {
  const PasskeyOffer offer = must(accounts_->offer_passkey(change(person)));
  return must(accounts_->add_passkey(change(person, "key"), offer.handle,
                                     registration_json(authenticator, offer.options)));
}

SignInStart AccountsForTest::from(std::string_view user_name, std::string mark) const {
  return {.tenant = std::string(kTenant),
          .user_name = std::string(user_name),
          .source = {.address = "192.0.2.7", .mark = std::move(mark)},
          .environment = "office"};
}

SignInStep AccountsForTest::begin(std::string_view user_name, std::string mark) {
  return must(sign_in_->begin(from(user_name, std::move(mark))));
}

SignInStep AccountsForTest::show_password(const SignInStep& step, std::string_view password,
                                          std::string mark) {
  return must(
      sign_in_->show_password(step.handle, Secret(password), from("", std::move(mark)).source));
}

SignInStep AccountsForTest::show_code(const SignInStep& step, const std::string& code,
                                      std::string mark) {
  return must(sign_in_->show_code(step.handle, Secret(code), from("", std::move(mark)).source));
}

std::string AccountsForTest::told(const Result<SignInStep>& step) {
  if (!step) return "error " + step.error().message;
  std::string text;
  if (step->refusal) {
    text = to_string(*step->refusal);
  } else if (step->recognised) {
    text = "done aal" + std::to_string(number_of(step->recognised->assurance.level));
    for (const std::string& each : step->recognised->assurance.methods) text += " " + each;
  } else {
    text = "more";
    for (const Factor each : step->offered) text += " " + std::string(to_string(each));
  }
  return text;
}

Session AccountsForTest::open_session(const Thing& person,
                                      std::vector<std::string> authenticators) {
  return must(sessions_->open({.tenant = std::string(kTenant),
                               .person = person.id,
                               .assurance = assurance_of({Proof::kPassword}, now_),
                               .environment = "office",
                               .authenticators = std::move(authenticators)},
                              now_))
      .session;
}

bool AccountsForTest::is_live(const Session& session) {
  return sessions_->find_id(kTenant, session.id, now_).has_value();
}

std::vector<std::string> AccountsForTest::notices() {
  std::vector<std::string> all;
  for (const Message& each : must(messages_->due(MessageKind::kNotice, 1000))) {
    std::string told(to_string(each.about));
    for (const std::string& kind : each.details.authenticators) told += " " + kind;
    all.push_back(std::move(told));
    EXPECT_TRUE(messages_->settle(each, MessageFate::kDelivered, "mail"));
  }
  std::ranges::sort(all);
  return all;
}

std::vector<Message> AccountsForTest::sent_codes() {
  auto all = must(messages_->due(MessageKind::kCode, 1000));
  for (const Message& each : all) {
    EXPECT_TRUE(messages_->settle(each, MessageFate::kDelivered, "webhook"));
  }
  return all;
}

std::string AccountsForTest::everything_kept() {
  std::string all;
  for (const auto& entry : feed()) all += entry.document + "\n";
  for (const auto& waiting : must(outbox_->waiting(10'000))) {
    const event::DraftView draft = must(event::read_draft(waiting.draft));
    all += std::string(draft.clear_json);
    for (const event::DraftPart& part : draft.parts()) all += std::string(part.json);
  }
  storage::write(*store_, [&](storage::Work& work) -> Result<void> {
    for (const char* sql : {"SELECT id, label, COALESCE(place, ''), verifier FROM authenticator",
                            "SELECT hash, '', '', '' FROM recovery_code",
                            "SELECT handle, '', '', '' FROM used_handle",
                            "SELECT token, COALESCE(handle, ''), '', '' FROM enrolment",
                            "SELECT about, details, '', '' FROM message",
                            "SELECT what, '', '', '' FROM message_said"}) {
      const storage::Rows rows = TRY(work.query(sql));
      for (const storage::Row row : rows) {
        for (std::size_t i = 0; i < 4; ++i) all += std::string(row.text(i)) + "\n";
      }
    }
    const storage::Rows rows = TRY(work.query("SELECT sealed FROM secret"));
    for (const storage::Row row : rows) {
      all.append(row.bytes(0).begin(), row.bytes(0).end());
    }
    return {};
  });
  return all;
}

}  // namespace wardlock::authn
