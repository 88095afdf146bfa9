#include "api/account/account_for_test.h"

#include <array>
#include <chrono>
#include <utility>

#include "net/query_string.h"

namespace wardlock::account {
namespace {

constexpr std::string_view kBaseUrl = "https://wardlock.example";

authn::Ticks ticks() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

}  // namespace

PagesForTest::PagesForTest() {
  registry_.reset();
  outbox_.reset();
  store_.reset();
  store_ = open(tables::migrations());
  secrets_ = std::make_unique<secrets::SecretTable>(
      secrets::Sealer::make(std::array{crypto::SymmetricKey::random()}).value());
  const directory::Surroundings surroundings{.clock = [this] { return now_; },
                                             .fill_random = &crypto::fill_random,
                                             .node = "node-1",
                                             .secrets = secrets_.get()};
  registry_ = std::make_unique<directory::Registry>(*store_, surroundings);
  outbox_ = std::make_unique<directory::Outbox>(*store_, "node-1");
  rules_.party = {.id = "wardlock.example", .origins = {std::string(kBaseUrl)}, .top_origins = {}};
  rules_.block_lists = lists_;
  sessions_ = authn::Sessions::start(*store_, {}, {.fill_random = &crypto::fill_random}).value();
  messages_ = std::make_unique<authn::Messages>(*store_, surroundings,
                                                authn::MessageSettings{.has_codes = true});
  const authn::AccountSurroundings accounts{
      .store = *store_,
      .sessions = *sessions_,
      .passwords = passwords_,
      .directory = surroundings,
      .rules = [this](std::string_view) -> const authn::AccountRules& { return rules_; },
      .messages = messages_.get()};
  accounts_ = std::make_unique<authn::Accounts>(accounts);
  enrolments_ = std::make_unique<authn::Enrolments>(accounts);
  sign_in_ = std::make_unique<authn::SignIn>(authn::SignInParts{
      .accounts = accounts,
      .throttle = throttle_,
      .devices = devices_,
      .required = [this](const authn::AssuranceQuestion&) -> Result<authn::AssuranceLevel> {
        return required_;
      },
      .ticks = &ticks});
}

std::string PagesForTest::urlencoded(const Fields& fields) {
  std::string body;
  for (const auto& [name, value] : fields) {
    if (!body.empty()) body += '&';
    body += net::percent_encoded(name) + "=" + net::percent_encoded(value);
  }
  return body;
}

void PagesForTest::keep(const std::string& set_cookie) {
  const std::size_t equals = set_cookie.find('=');
  const std::string name = set_cookie.substr(0, equals);
  const std::string value = set_cookie.substr(equals + 1, set_cookie.find(';') - equals - 1);
  if (set_cookie.find("Max-Age=0") != std::string::npos) {
    cookies_.erase(name);
  } else {
    cookies_[name] = value;
  }
}

PagesForTest::Page PagesForTest::send(std::string_view method, std::string_view path,
                                      std::string_view query, std::string_view body,
                                      std::vector<net::HttpHeader> headers) {
  std::string cookies;
  for (const auto& [name, value] : cookies_) cookies += name + "=" + value + "; ";
  headers.push_back({"Cookie", cookies});
  const net::HttpRequest request{.method = method,
                                 .target = path,
                                 .path = path,
                                 .query = query,
                                 .headers = std::move(headers),
                                 .body = body,
                                 .remote_address = "192.0.2.7",
                                 .is_secure = is_secure_};
  const auto tell = [&](event::Event& event) -> Result<void> {
    if (!can_record_) return fail(ErrorCode::kUnavailable, "the log is full");
    recorded_.push_back(std::string(to_string(event.kind)) + " " + std::string(event.principal_id) +
                        " " + std::string(event.session));
    return {};
  };
  const Parts parts{.pages = pages_,
                    .form_tokens = tokens_,
                    .sign_in = *sign_in_,
                    .sessions = *sessions_,
                    .accounts = *accounts_,
                    .enrolments = *enrolments_,
                    .registry = *registry_,
                    .authorizations = authorizations_,
                    .passwords = {},
                    .cards = nullptr,
                    .providers = providers_,
                    .sends_codes = sends_codes_,
                    .are_codes_restricted = are_codes_restricted_};
  net::HttpResponse response;
  answer(parts,
         {.request = request,
          .tenant = kTenant,
          .tenant_name = kTenant,
          .base_path = "/st-mary",
          .base_url = std::string(kBaseUrl) + "/st-mary",
          .environment = environment_,
          .now = now_,
          .tell = tell,
          .trail = trail_},
         response);
  Page page{.status = response.status, .location = {}, .html = response.body, .set_cookies = {}};
  for (const auto& field : response.headers) {
    if (field.name == "Location") page.location = field.value;
    if (field.name != "Set-Cookie") continue;
    page.set_cookies.push_back(field.value);
    keep(field.value);
  }
  last_html_ = page.html;
  return page;
}

PagesForTest::Page PagesForTest::get(std::string_view path, std::string_view query) {
  return send("GET", path, query, {}, {});
}

PagesForTest::Page PagesForTest::post(std::string_view path, Fields fields) {
  fields.emplace("csrf", hidden("csrf"));
  fields.emplace("handle", hidden("handle"));
  const std::string body = urlencoded(fields);
  return send("POST", path, {}, body,
              {{"Origin", kBaseUrl}, {"Content-Type", "application/x-www-form-urlencoded"}});
}

std::string PagesForTest::hidden(std::string_view name) const {
  const std::string begin = "name=\"" + std::string(name) + "\" value=\"";
  const std::size_t at = last_html_.find(begin);
  if (at == std::string::npos) return {};
  const std::size_t from = at + begin.size();
  return last_html_.substr(from, last_html_.find('"', from) - from);
}

void PagesForTest::invite(const directory::Thing& person, std::string_view password) {
  const auto invited = enrolments_->invite(mandate_, person.id,
                                           authn::EnrolmentPurpose::kInvitation, now_ + 3'600'000);
  ASSERT_TRUE(invited) << invited.error().message;
  get("/account/enrol");
  ASSERT_EQ(post("/account/enrol", {{"token", std::string(invited->token.reveal())}}).status, 303);
  get("/account/password");
  ASSERT_EQ(post("/account/password", {{"new", std::string(password)}}).status, 200) << last_html_;
  ASSERT_EQ(post("/account/enrol/finish", {}).status, 200) << last_html_;
}

PagesForTest::Page PagesForTest::sign_in(std::string_view user, std::string_view password) {
  get("/sign-in");
  post("/sign-in", {{"do", "begin"}, {"user", std::string(user)}});
  return post(
      "/sign-in",
      {{"do", "password"}, {"user", std::string(user)}, {"password", std::string(password)}});
}

}  // namespace wardlock::account
