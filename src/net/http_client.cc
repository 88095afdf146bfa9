#include "net/http_client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "net/http.h"
#include "net/transfer.h"

namespace wardlock::net {
namespace {

/// Where a reply is put.
struct Reply {
  HttpReply* reply;
  std::size_t max_bytes;
  bool is_too_large = false;
};

std::size_t take_body(const char* bytes, std::size_t, std::size_t size, void* into) {
  auto& taken = *static_cast<Reply*>(into);
  if (size > taken.max_bytes - taken.reply->body.size()) {
    taken.is_too_large = true;
    return 0;
  }
  taken.reply->body.append(bytes, size);
  return size;
}

/// No line of ours ends within a header.
bool is_header_text(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

Result<TextList> headers_of(const OutgoingRequest& request) {
  TextList list;
  const auto add = [&list](const std::string& line) {
    curl_slist* longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) return false;
    if (list == nullptr) list.reset(longer);
    return true;
  };
  // A server that answers `100 Continue` late would hold every request up.
  bool is_added = add("Expect:");
  for (const auto& [name, value] : request.headers) {
    if (!is_header_text(name) || !is_header_text(value)) {
      return invalid(fmt::format("the header `{}` has characters that no header has", name));
    }
    is_added = is_added && add(fmt::format("{}: {}", name, value));
  }
  if (!is_added) return fail(ErrorCode::kInternal, "out of memory");
  return list;
}

}  // namespace

struct HttpClient::Session {
  HttpClientOptions options;
  std::unique_ptr<CURLM, FreeMulti> multi;
  std::unique_ptr<CURL, FreeEasy> easy;  // before `multi` goes
  std::array<char, CURL_ERROR_SIZE> why = {};
  bool was_kept_away = false;  ///< an address may not be connected to

  static curl_socket_t open_socket(void* session, curlsocktype purpose, curl_sockaddr* address);
  bool set_up();
  bool set_request(const OutgoingRequest& request, const TextList& headers, Reply& reply);
  Error error(CURLcode code, bool is_too_large) const;
};

/// The address is what the name stands for at this moment: nothing is looked up after it.
curl_socket_t HttpClient::Session::open_socket(void* session, curlsocktype,
                                               curl_sockaddr* address) {
  auto& self = *static_cast<Session*>(session);
  if (self.options.may_connect && !self.options.may_connect(&address->addr)) {
    self.was_kept_away = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/// What all requests have.
bool HttpClient::Session::set_up() {
  CURL* const e = easy.get();
  const auto set = [e](CURLoption option, auto value) {
    return curl_easy_setopt(e, option, value) == CURLE_OK;
  };
  const auto set_path = [&](CURLoption option, const std::string& path) {
    return path.empty() || set(option, path.c_str());
  };
  return set(CURLOPT_NOSIGNAL, 1L) && set(CURLOPT_ERRORBUFFER, why.data()) &&
         set(CURLOPT_PROTOCOLS_STR, "http,https") && set(CURLOPT_FOLLOWLOCATION, 0L) &&
         set(CURLOPT_PROXY, options.proxy.c_str()) && set(CURLOPT_NOPROXY, "") &&
         set(CURLOPT_USERAGENT, "wardlock") &&
         set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.count())) &&
         set(CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout.count())) &&
         set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2)) &&
         set(CURLOPT_SSL_VERIFYPEER, 1L) && set(CURLOPT_SSL_VERIFYHOST, 2L) &&
         set(CURLOPT_SSL_CIPHER_LIST, "ECDHE+AESGCM:ECDHE+CHACHA20") &&
         set_path(CURLOPT_CAINFO, options.tls.ca) &&
         (options.tls.ca.empty() || set(CURLOPT_CAPATH, static_cast<char*>(nullptr))) &&
         set_path(CURLOPT_SSLCERT, options.tls.certificate) &&
         set_path(CURLOPT_SSLKEY, options.tls.key) && set(CURLOPT_TCP_KEEPALIVE, 1L) &&
         set(CURLOPT_OPENSOCKETFUNCTION, open_socket) && set(CURLOPT_OPENSOCKETDATA, this) &&
         set(CURLOPT_WRITEFUNCTION, take_body);
}

bool HttpClient::Session::set_request(const OutgoingRequest& request, const TextList& headers,
                                      Reply& reply) {
  CURL* const e = easy.get();
  const std::string url(request.url);
  const std::string method(request.method);
  const bool has_body = method == "POST" || method == "PUT" || method == "PATCH";
  const auto set = [e](CURLoption option, auto value) {
    return curl_easy_setopt(e, option, value) == CURLE_OK;
  };
  return set(CURLOPT_URL, url.c_str()) &&
         (has_body ? set(CURLOPT_POST, 1L) &&
                         set(CURLOPT_POSTFIELDSIZE_LARGE,
                             static_cast<curl_off_t>(request.body.size())) &&
                         set(CURLOPT_POSTFIELDS, request.body.data())
                   : set(CURLOPT_HTTPGET, 1L)) &&
         set(CURLOPT_CUSTOMREQUEST, method.c_str()) && set(CURLOPT_HTTPHEADER, headers.get()) &&
         set(CURLOPT_WRITEDATA, &reply);
}

Error HttpClient::Session::error(CURLcode code, bool is_too_large) const {
  if (is_too_large) {
    return {ErrorCode::kResourceExhausted,
            fmt::format("the reply has more than {} bytes", options.max_reply_bytes)};
  }
  if (was_kept_away) {
    return {ErrorCode::kPermissionDenied,
            "the host's address is one that may not be connected to: it is not of the Internet, "
            "nor of a network that is allowed"};
  }
  return {code_of(code), why[0] == '\0' ? curl_easy_strerror(code) : why.data()};
}

HttpClient::HttpClient(std::unique_ptr<Session> session) : session_(std::move(session)) {}
HttpClient::~HttpClient() {
  const QuietPipes quiet;  // TLS says goodbye
  session_.reset();
}

Result<std::unique_ptr<HttpClient>> HttpClient::create(HttpClientOptions options) {
  begin_transfers();
  auto session = std::make_unique<Session>();
  session->options = std::move(options);
  session->multi.reset(curl_multi_init());
  session->easy.reset(curl_easy_init());
  if (session->multi == nullptr || session->easy == nullptr || !session->set_up()) {
    return fail(ErrorCode::kInternal, "a client of HTTP can't be set up");
  }
  return std::unique_ptr<HttpClient>(new HttpClient(std::move(session)));
}

Result<HttpReply> HttpClient::fetch(const OutgoingRequest& request,
                                    const Interruption& interruption) {
  if (!is_header_text(request.url) || !is_header_text(request.method)) {
    return invalid(fmt::format("`{}` is no URL", request.url));
  }
  const TextList headers = TRY(headers_of(request));
  HttpReply reply;
  Reply taken{.reply = &reply, .max_bytes = session_->options.max_reply_bytes};
  session_->why[0] = '\0';
  session_->was_kept_away = false;
  if (!session_->set_request(request, headers, taken)) {
    return fail(ErrorCode::kInternal, "the request can't be made");
  }
  const QuietPipes quiet;
  const CURLcode code = TRY(transfer(session_->multi.get(), session_->easy.get(), interruption));
  if (code != CURLE_OK) return std::unexpected(session_->error(code, taken.is_too_large));
  long status = 0;
  curl_easy_getinfo(session_->easy.get(), CURLINFO_RESPONSE_CODE, &status);
  curl_off_t wait = 0;
  curl_easy_getinfo(session_->easy.get(), CURLINFO_RETRY_AFTER, &wait);
  const char* type = nullptr;
  curl_easy_getinfo(session_->easy.get(), CURLINFO_CONTENT_TYPE, &type);
  reply.status = static_cast<int>(status);
  reply.retry_after = std::chrono::seconds(wait);
  if (type != nullptr) reply.content_type = type;
  curl_header* each = nullptr;
  while ((each = curl_easy_nextheader(session_->easy.get(), CURLH_HEADER, -1, each)) != nullptr) {
    reply.headers.emplace_back(each->name, each->value);
  }
  return reply;
}

std::optional<std::string_view> HttpReply::header(std::string_view name) const {
  for (const auto& [each, value] : headers) {
    if (equal_ignoring_case(each, name)) return value;
  }
  return std::nullopt;
}

}  // namespace wardlock::net
