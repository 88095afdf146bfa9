#include "directory/ldap/connection.h"

#include <fmt/format.h>
#include <ldap.h>
#include <openldap.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/utf8.h"
#include "directory/ldap/ldap_memory.h"
#include "directory/ldap/ldap_socket.h"
#include "directory/ldap/simple_bind.h"
#include "storage/private_file.h"

namespace wardlock::directory {
namespace {

constexpr char kSystemAuthorities[] = "/etc/ssl/certs/ca-certificates.crt";
constexpr std::string_view kPlain = "ldap://";
/// Of one message: a group of half a million members is smaller.
constexpr ber_len_t kMostBytes = ber_len_t{64} << 20;

timeval time_of(std::chrono::milliseconds time) {
  return {.tv_sec = time.count() / 1000, .tv_usec = (time.count() % 1000) * 1000};
}

ErrorCode code_of(int code) {
  switch (code) {
    case LDAP_INVALID_CREDENTIALS:
    case LDAP_INSUFFICIENT_ACCESS:
    case LDAP_INAPPROPRIATE_AUTH:
    case LDAP_STRONG_AUTH_REQUIRED: return ErrorCode::kPermissionDenied;
    case LDAP_SIZELIMIT_EXCEEDED:
    case LDAP_TIMELIMIT_EXCEEDED:
    case LDAP_ADMINLIMIT_EXCEEDED: return ErrorCode::kResourceExhausted;
    case LDAP_FILTER_ERROR:
    case LDAP_PROTOCOL_ERROR:
    case LDAP_INVALID_DN_SYNTAX:
    case LDAP_PARAM_ERROR:
    case LDAP_UNAVAILABLE_CRITICAL_EXTENSION: return ErrorCode::kInvalidArgument;
    case LDAP_NO_SUCH_OBJECT: return ErrorCode::kNotFound;
    default: return ErrorCode::kUnavailable;
  }
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

/// A connection that was lost is not made again: the new one would not be ours, nor over TLS.
int refuse_connection(LDAP*, Sockbuf*, LDAPURLDesc*, sockaddr*, ldap_conncb*) {
  return LDAP_SERVER_DOWN;
}
void pass_over(LDAP*, Sockbuf*, ldap_conncb*) {}

using LdapUrl = std::unique_ptr<LDAPURLDesc, FreeWith<ldap_free_urldesc>>;

}  // namespace

std::string_view LdapEntry::first(std::string_view attribute) const {
  const auto found = attributes.find(attribute);
  if (found == attributes.end() || found->second.empty()) return {};
  return found->second.front();
}

struct LdapConnection::State {
  LDAP* ldap = nullptr;
  std::string url;
  std::chrono::milliseconds timeout{0};
  std::size_t page = 0;
  std::size_t most_entries = 0;
  std::size_t entries = 0;
  std::size_t references = 0;
  ldap_conncb no_other = {.lc_add = &refuse_connection, .lc_del = &pass_over, .lc_arg = nullptr};
  std::unique_ptr<SocketWatch> watch;  // goes before the socket, which is libldap's

  std::stop_token stop;
  std::optional<std::stop_callback<std::function<void()>>> on_stop;  // goes before the watch

  /// As long as it lives, the server has the time that an answer may take.
  struct Waiting {
    explicit Waiting(const State& state) : watch(*state.watch) { watch.begin(state.timeout); }
    ~Waiting() { watch.rest(); }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    NoBrokenPipe no_broken_pipe;
    SocketWatch& watch;
  };

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    const NoBrokenPipe no_broken_pipe;
    on_stop.reset();
    watch.reset();
    if (ldap != nullptr) ldap_unbind_ext_s(ldap, nullptr, nullptr);
  }

  Result<void> connect();

  template <typename Call>
  int within_time(Call call) const {
    const Waiting waiting(*this);
    return call();
  }
  std::unexpected<Error> failed(int code, std::string_view doing) const;
  Result<void> check(int code, std::string_view doing) const {
    if (code == LDAP_SUCCESS) return {};
    return failed(code, doing);
  }
  Result<void> set(int option, const void* value) const {
    return check(ldap_set_option(ldap, option, value), "setting an option");
  }
  Result<void> set_up(const LdapSource& source);
  Result<void> set_up_tls(const LdapSource& source);
  Result<void> start_tls();
  Result<void> bind(const LdapSource& source, std::string_view password);

  struct Page {
    LdapMessage answer;
    std::string cookie;  ///< empty: it is the last
  };
  Result<Page> ask(const Search& search, std::vector<char*>& names, const std::string& cookie);
  Result<std::string> read_end(LDAPMessage* answer) const;
  Result<LdapEntry> read(LDAPMessage* message) const;
};

std::unexpected<Error> LdapConnection::State::failed(int code, std::string_view doing) const {
  if (stop.stop_requested()) return fail(ErrorCode::kCancelled, "the sync was asked to stop");
  char* detail = nullptr;
  ldap_get_option(ldap, LDAP_OPT_DIAGNOSTIC_MESSAGE, &detail);
  const LdapText owned(detail);
  std::string words = ldap_err2string(code);
  if (detail != nullptr && *detail != '\0') words += fmt::format(" ({})", printable(detail));
  // Whichever of the two notices first, libldap or what watches the socket.
  const bool has_ended = watch != nullptr && watch->has_ended();
  if (has_ended || code == LDAP_TIMEOUT) words = "it did not answer in time";
  return fail(code_of(code), fmt::format("{} `{}` failed: {}", doing, url, words));
}

Result<void> LdapConnection::State::connect() {
  LDAPURLDesc* parsed = nullptr;
  const int code = ldap_url_parse(url.c_str(), &parsed);
  const LdapUrl owned(parsed);
  if (code != LDAP_URL_SUCCESS || parsed->lud_host == nullptr || *parsed->lud_host == '\0') {
    return invalid(fmt::format("`{}` is no URL of an LDAP server", url));
  }
  Descriptor socket = TRY(connect_to(parsed->lud_host, parsed->lud_port, timeout));
  if (ldap_init_fd(socket.number(), LDAP_PROTO_TCP, url.c_str(), &ldap) != LDAP_SUCCESS) {
    return invalid(fmt::format("`{}` is no URL of an LDAP server", url));
  }
  watch = std::make_unique<SocketWatch>(socket.release());
  return {};
}

Result<void> LdapConnection::State::set_up(const LdapSource& source) {
  const int version = LDAP_VERSION3;
  const timeval limit = time_of(timeout);
  const int never = LDAP_DEREF_NEVER;
  TRY_VOID(set(LDAP_OPT_PROTOCOL_VERSION, &version));
  TRY_VOID(set(LDAP_OPT_REFERRALS, LDAP_OPT_OFF));
  TRY_VOID(set(LDAP_OPT_DEREF, &never));
  TRY_VOID(set(LDAP_OPT_TIMEOUT, &limit));
  TRY_VOID(set(LDAP_OPT_CONNECT_CB, &no_other));
  Sockbuf* buffer = nullptr;
  ldap_get_option(ldap, LDAP_OPT_SOCKBUF, &buffer);
  ber_len_t most = kMostBytes;
  ber_sockbuf_ctrl(buffer, LBER_SB_OPT_SET_MAX_INCOMING, &most);
  return set_up_tls(source);
}

// Whatever the system's settings say: what is set on the handle counts.
Result<void> LdapConnection::State::set_up_tls(const LdapSource& source) {
  const int demand = LDAP_OPT_X_TLS_DEMAND;
  const int tls12 = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2;
  const int as_client = 0;
  TRY_VOID(set(LDAP_OPT_X_TLS_REQUIRE_CERT, &demand));
  TRY_VOID(set(LDAP_OPT_X_TLS_CACERTFILE,
               source.ca_file.empty() ? kSystemAuthorities : source.ca_file.c_str()));
  TRY_VOID(set(LDAP_OPT_X_TLS_CACERTDIR, nullptr));
  TRY_VOID(set(LDAP_OPT_X_TLS_CIPHER_SUITE, "NORMAL"));
  TRY_VOID(set(LDAP_OPT_X_TLS_PROTOCOL_MIN, &tls12));
  const auto made = set(LDAP_OPT_X_TLS_NEWCTX, &as_client);
  if (made) return {};
  return fail(ErrorCode::kFailedPrecondition,
              fmt::format("the authorities in `{}` cannot be used: certificates in PEM are wanted",
                          source.ca_file.empty() ? kSystemAuthorities : source.ca_file));
}

Result<void> LdapConnection::State::start_tls() {
  const bool is_asked_for = url.starts_with(kPlain);
  return check(within_time([&] {
                 return is_asked_for ? ldap_start_tls_s(ldap, nullptr, nullptr)
                                     : ldap_install_tls(ldap);
               }),
               "starting TLS with");
}

Result<void> LdapConnection::State::bind(const LdapSource& source, std::string_view password) {
  // An empty password would be no bind at all, and succeed (RFC 4513 §5.1.2).
  if (!source.bind_dn.empty() && password.empty()) return invalid("the password is empty");
  BindAnswer answer;
  const int code =
      within_time([&] { return simple_bind(ldap, source.bind_dn, password, timeout, answer); });
  return check(code == LDAP_SUCCESS ? answer.code : code,
               fmt::format("binding as `{}` to", source.bind_dn));
}

LdapConnection::LdapConnection(std::unique_ptr<State> state) : state_(std::move(state)) {}
LdapConnection::~LdapConnection() = default;
LdapConnection::LdapConnection(LdapConnection&&) noexcept = default;

Result<std::unique_ptr<LdapConnection::State>> LdapConnection::connect(
    const LdapSource& source, const std::stop_token& stop) {
  auto state = std::make_unique<State>();
  state->url = source.url;
  state->timeout = source.timeout;
  state->page = source.page;
  state->most_entries = source.most_entries;
  TRY_VOID(state->connect());
  state->stop = stop;
  state->on_stop.emplace(stop, [watch = state->watch.get()] { watch->end(); });
  TRY_VOID(state->set_up(source));
  TRY_VOID(state->start_tls());
  return state;
}

Result<LdapConnection> LdapConnection::open(const LdapSource& source, std::string_view password,
                                            const std::stop_token& stop) {
  auto state = TRY(connect(source, stop));
  TRY_VOID(state->bind(source, password));
  return LdapConnection(std::move(state));
}

Result<LdapConnection> LdapConnection::open(const LdapSource& source, const std::stop_token& stop) {
  std::string password;
  if (!source.password_file.empty()) {
    password = TRY(storage::read_private_file(source.password_file));
  }
  const std::size_t end = std::min(password.find_first_of("\r\n"), password.size());
  auto connection = open(source, std::string_view(password).substr(0, end), stop);
  wipe(password);
  return connection;
}

Result<PasswordVerdict> LdapConnection::try_password(const LdapSource& source,
                                                     const std::string& dn, const Secret& password,
                                                     const std::stop_token& stop) {
  // Neither is a proof: without a password or a name there is no bind at all (RFC 4513 §5.1).
  if (dn.empty() || password.empty()) return PasswordVerdict::kWrong;
  const auto state = TRY(connect(source, stop));
  BindAnswer answer;
  const int code = state->within_time(
      [&] { return simple_bind(state->ldap, dn, password.reveal(), state->timeout, answer); });
  TRY_VOID(state->check(code, "binding to"));
  if (const auto verdict = verdict_of(answer, source.flavour)) return *verdict;
  return state->failed(answer.code, "binding to");
}

Result<LdapConnection::State::Page> LdapConnection::State::ask(const Search& search,
                                                               std::vector<char*>& names,
                                                               const std::string& cookie) {
  std::string sent = cookie;
  berval at = {.bv_len = sent.size(), .bv_val = sent.data()};
  LDAPControl* paging = nullptr;
  const auto size = static_cast<ber_int_t>(page);
  // Critical: who does not know it is not to answer a part as if it were all.
  TRY_VOID(check(ldap_create_page_control(ldap, size, cookie.empty() ? nullptr : &at, 1, &paging),
                 "asking"));
  const LdapControl owned(paging);
  LDAPControl* controls[] = {paging, nullptr};
  timeval limit = time_of(timeout);
  LDAPMessage* answer = nullptr;
  const int code = within_time([&] {
    return ldap_search_ext_s(
        ldap, search.base.c_str(), search.is_base_only ? LDAP_SCOPE_BASE : LDAP_SCOPE_SUBTREE,
        search.filter.c_str(), names.data(), 0, search.is_base_only ? nullptr : controls, nullptr,
        &limit, LDAP_NO_LIMIT, &answer);
  });
  LdapMessage kept(answer);
  TRY_VOID(check(code, fmt::format("searching `{}` at", search.base)));
  std::string next;
  if (!search.is_base_only) next = TRY(read_end(kept.get()));
  return Page{.answer = std::move(kept), .cookie = std::move(next)};
}

/// Where the next page begins.
Result<std::string> LdapConnection::State::read_end(LDAPMessage* answer) const {
  LDAPControl** controls = nullptr;
  int code = LDAP_SUCCESS;
  TRY_VOID(check(ldap_parse_result(ldap, answer, &code, nullptr, nullptr, nullptr, &controls, 0),
                 "reading an answer of"));
  const LdapControls owned(controls);
  TRY_VOID(check(code, "searching"));
  LDAPControl* paging = ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, controls, nullptr);
  if (paging == nullptr) return std::string();
  ber_int_t estimate = 0;
  berval cookie = {};
  TRY_VOID(check(ldap_parse_pageresponse_control(ldap, paging, &estimate, &cookie),
                 "reading an answer of"));
  const LdapText memory(cookie.bv_val);
  return cookie.bv_val == nullptr ? std::string() : std::string(cookie.bv_val, cookie.bv_len);
}

Result<LdapEntry> LdapConnection::State::read(LDAPMessage* message) const {
  LdapEntry entry;
  const LdapText dn(ldap_get_dn(ldap, message));
  if (dn == nullptr) return failed(LDAP_DECODING_ERROR, "reading an entry of");
  entry.dn = dn.get();
  BerElement* at = nullptr;
  LdapText name(ldap_first_attribute(ldap, message, &at));
  const LdapElement owned(at);
  for (; name != nullptr; name.reset(ldap_next_attribute(ldap, message, at))) {
    const LdapValues values(ldap_get_values_len(ldap, message, name.get()));
    auto& kept = entry.attributes[lower(name.get())];
    for (berval** value = values.get(); value != nullptr && *value != nullptr; ++value) {
      kept.emplace_back((*value)->bv_val, (*value)->bv_len);
    }
  }
  return entry;
}

Result<void> LdapConnection::search(const Search& search,
                                    const std::function<Result<void>(const LdapEntry&)>& visit) {
  std::vector<std::string> attributes = search.attributes;
  std::vector<char*> names;
  for (std::string& attribute : attributes) names.push_back(attribute.data());
  names.push_back(nullptr);
  std::string cookie;
  do {
    if (state_->stop.stop_requested()) return state_->failed(LDAP_USER_CANCELLED, "searching");
    const State::Page page = TRY(state_->ask(search, names, cookie));
    ++state_->entries;  // so that empty pages end, too
    for (LDAPMessage* message = ldap_first_message(state_->ldap, page.answer.get());
         message != nullptr; message = ldap_next_message(state_->ldap, message)) {
      if (ldap_msgtype(message) == LDAP_RES_SEARCH_REFERENCE) ++state_->references;
      if (ldap_msgtype(message) != LDAP_RES_SEARCH_ENTRY) continue;
      if (++state_->entries > 4 * state_->most_entries) {
        return fail(ErrorCode::kResourceExhausted,
                    fmt::format("`{}` answers without end", state_->url));
      }
      const LdapEntry entry = TRY(state_->read(message));
      TRY_VOID(visit(entry));
    }
    cookie = page.cookie;
  } while (!cookie.empty());
  return {};
}

std::size_t LdapConnection::references() const { return state_->references; }

}  // namespace wardlock::directory
