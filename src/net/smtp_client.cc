#include "net/smtp_client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <utility>

#include "net/transfer.h"

namespace wardlock::net {
namespace {

/// What is left of a mail to be sent.
struct Rest {
  std::string_view bytes;
};

std::size_t give_bytes(char* into, std::size_t size, std::size_t count, void* from) {
  auto& rest = *static_cast<Rest*>(from);
  const std::size_t given = std::min(size * count, rest.bytes.size());
  std::memcpy(into, rest.bytes.data(), given);
  rest.bytes.remove_prefix(given);
  return given;
}

/// What servers say is nobody's to read, and goes nowhere.
std::size_t drop_bytes(const char*, std::size_t size, std::size_t count, void*) {
  return size * count;
}

/// One mail on its way.
class Delivery {
 public:
  Delivery(const SmtpServer& server, const Mail& mail, std::string_view wire)
      : server_(server), mail_(mail), rest_{wire} {}

  Result<void> run(const Interruption& interruption) {
    const QuietPipes quiet;
    begin_transfers();
    multi_.reset(curl_multi_init());
    easy_.reset(curl_easy_init());
    if (multi_ == nullptr || easy_ == nullptr || !set_up()) {
      return fail(ErrorCode::kInternal, "a client of SMTP can't be set up");
    }
    const CURLcode code = TRY(transfer(multi_.get(), easy_.get(), interruption));
    if (code == CURLE_OK) return {};
    return std::unexpected(error(code));
  }

 private:
  template <typename Value>
  bool set(CURLoption option, Value value) {
    return curl_easy_setopt(easy_.get(), option, value) == CURLE_OK;
  }
  bool set_path(CURLoption option, const std::string& path) {
    return path.empty() || set(option, path.c_str());
  }

  bool set_up() {
    const std::string domain = mail_.from.substr(mail_.from.rfind('@') + 1);
    const std::string url = fmt::format("{}://{}:{}/{}", server_.is_tls_at_once ? "smtps" : "smtp",
                                        server_.host, server_.port, domain);
    const std::string from = fmt::format("<{}>", mail_.from);
    receivers_.reset(curl_slist_append(nullptr, fmt::format("<{}>", mail_.to).c_str()));
    return receivers_ != nullptr && set(CURLOPT_NOSIGNAL, 1L) &&
           set(CURLOPT_ERRORBUFFER, why_.data()) && set(CURLOPT_PROTOCOLS_STR, "smtp,smtps") &&
           set(CURLOPT_URL, url.c_str()) && set(CURLOPT_PROXY, "") && set(CURLOPT_NOPROXY, "") &&
           set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(server_.connect_timeout.count())) &&
           set(CURLOPT_TIMEOUT_MS, static_cast<long>(server_.timeout.count())) && set_up_tls() &&
           set_up_login() && set(CURLOPT_MAIL_FROM, from.c_str()) &&
           set(CURLOPT_MAIL_RCPT, receivers_.get()) && set(CURLOPT_UPLOAD, 1L) &&
           set(CURLOPT_READFUNCTION, give_bytes) && set(CURLOPT_READDATA, &rest_) &&
           set(CURLOPT_WRITEFUNCTION, drop_bytes);
  }

  /// Without TLS nothing is said, not even a name.
  bool set_up_tls() {
    return set(CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL)) &&
           set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2)) &&
           set(CURLOPT_SSL_VERIFYPEER, 1L) && set(CURLOPT_SSL_VERIFYHOST, 2L) &&
           set(CURLOPT_SSL_CIPHER_LIST, "ECDHE+AESGCM:ECDHE+CHACHA20") &&
           set_path(CURLOPT_CAINFO, server_.tls.ca) &&
           (server_.tls.ca.empty() || set(CURLOPT_CAPATH, static_cast<char*>(nullptr))) &&
           set_path(CURLOPT_SSLCERT, server_.tls.certificate) &&
           set_path(CURLOPT_SSLKEY, server_.tls.key);
  }

  bool set_up_login() {
    if (server_.user.empty()) return true;
    std::string password(server_.password.reveal());
    const bool is_set =
        set(CURLOPT_USERNAME, server_.user.c_str()) && set(CURLOPT_PASSWORD, password.c_str());
    wipe(password);
    return is_set;
  }

  Error error(CURLcode code) const {
    const std::string_view why = why_[0] == '\0' ? curl_easy_strerror(code) : why_.data();
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    // What else is refused may be the server's settings, or ours, which somebody mends.
    const bool is_refused = why.starts_with("RCPT failed") && status >= 500 && status < 600;
    if (is_refused) {
      return {ErrorCode::kPermissionDenied,
              fmt::format("the server takes no mail for its receiver ({})", status)};
    }
    return {code_of(code), std::string(why)};
  }

  const SmtpServer& server_;
  const Mail& mail_;
  Rest rest_;
  std::unique_ptr<CURLM, FreeMulti> multi_;
  TextList receivers_;
  std::unique_ptr<CURL, FreeEasy> easy_;  // before the others go
  std::array<char, CURL_ERROR_SIZE> why_ = {};
};

}  // namespace

Result<void> send_mail(const SmtpServer& server, const Mail& mail,
                       const Interruption& interruption) {
  const std::string wire = TRY(to_wire(mail));
  return Delivery(server, mail, wire).run(interruption);
}

}  // namespace wardlock::net
