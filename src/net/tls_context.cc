#include "net/tls_context.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include <array>
#include <string_view>
#include <utility>

#include "base/wall_clock.h"
#include "net/tls_certificate.h"

namespace wardlock::net {
namespace {

using std::string_view;

constexpr std::int64_t kExpiresSoonMs = std::int64_t{14} * 24 * 3600 * 1000;
/// A peer's chain: a handful of certificates of some 2 KiB.
constexpr long kMaxPeerChainBytes = 32L << 10;
constexpr int kMaxPeerChainDepth = 5;

/// The last reason OpenSSL gives, in words; the queue is empty afterwards.
std::string reason() {
  const unsigned long code = ERR_peek_last_error();
  const char* text = ERR_reason_error_string(code);
  ERR_clear_error();
  return text == nullptr ? "it can't be read" : text;
}

std::unexpected<Error> refuse(string_view what, string_view path, string_view why) {
  return fail(ErrorCode::kFailedPrecondition, fmt::format("{} `{}`: {}", what, path, why));
}

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  static constexpr string_view kOurs{"\x02h2\x08http/1.1"};
  const int found = SSL_select_next_proto(const_cast<unsigned char**>(chosen), size,
                                          reinterpret_cast<const unsigned char*>(kOurs.data()),
                                          kOurs.size(), offered, offered_size);
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

/// Whoever starts the server is not there to type a password when certificates are reloaded.
int refuse_password(char*, int, int, void* is_encrypted) {
  *static_cast<bool*>(is_encrypted) = true;
  return -1;
}

/// What both ends have in common.
bool set_rules(SSL_CTX* context, bool allows_tls12) {
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_max_cert_list(context, kMaxPeerChainBytes);
  SSL_CTX_set_verify_depth(context, kMaxPeerChainDepth);
  return SSL_CTX_set_min_proto_version(context, allows_tls12 ? TLS1_2_VERSION : TLS1_3_VERSION) ==
             1 &&
         SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1 &&
         SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1 &&
         SSL_CTX_set1_groups_list(context, "X25519:P-256") == 1;
}

bool set_server_rules(SSL_CTX* context, bool allows_tls12) {
  SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  return set_rules(context, allows_tls12) && SSL_CTX_set_num_tickets(context, 0) == 1;
}

Result<void> check_dates(const X509* certificate, const std::string& path,
                         std::vector<std::string>& warnings) {
  const auto begins = to_ms(X509_get0_notBefore(certificate));
  const auto ends = to_ms(X509_get0_notAfter(certificate));
  const std::int64_t now = wall_clock_ms();
  if (!begins || !ends) return refuse("the certificate", path, "its dates can't be read");
  if (*ends <= now) return refuse("the certificate", path, "it has expired");
  if (*begins > now) return refuse("the certificate", path, "it is not valid yet");
  if (*ends - now < kExpiresSoonMs) {
    warnings.push_back(fmt::format("the certificate `{}` expires within two weeks", path));
  }
  return {};
}

Result<void> use_certificate(SSL_CTX* context, const std::string& path) {
  if (SSL_CTX_use_certificate_chain_file(context, path.c_str()) == 1) return {};
  return refuse("the certificate", path, reason());
}

Result<void> use_key(SSL_CTX* context, const std::string& path,
                     std::vector<std::string>& warnings) {
  bool is_encrypted = false;
  SSL_CTX_set_default_passwd_cb(context, refuse_password);
  SSL_CTX_set_default_passwd_cb_userdata(context, &is_encrypted);
  const int used = SSL_CTX_use_PrivateKey_file(context, path.c_str(), SSL_FILETYPE_PEM);
  SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
  if (is_encrypted) return refuse("the private key", path, "it is encrypted; store it decrypted");
  if (used != 1 || SSL_CTX_check_private_key(context) != 1) {
    return refuse("the private key", path, reason());
  }
  struct stat about{};
  if (::stat(path.c_str(), &about) == 0 && (about.st_mode & S_IRWXO) != 0) {
    warnings.push_back(
        fmt::format("every user of this machine may use the private key `{}`; "
                    "chmod o= it",
                    path));
  }
  return {};
}

Result<void> ask_clients(SSL_CTX* context, const TlsFiles& files) {
  if (files.client_ca.empty()) {
    if (!files.is_client_certificate_required) return {};
    return invalid("client certificates are required, but no authority is named for them");
  }
  STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(files.client_ca.c_str());
  if (names == nullptr ||
      SSL_CTX_load_verify_locations(context, files.client_ca.c_str(), nullptr) != 1) {
    sk_X509_NAME_pop_free(names, X509_NAME_free);
    return refuse("the authority of client certificates", files.client_ca, reason());
  }
  SSL_CTX_set_client_CA_list(context, names);
  const int required = files.is_client_certificate_required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | required, nullptr);
  return {};
}

}  // namespace

Result<LoadedTls> load_tls(const TlsFiles& files) {
  ERR_clear_error();
  LoadedTls loaded{TlsContext(SSL_CTX_new(TLS_server_method())), {}};
  SSL_CTX* const context = loaded.context.get();
  if (context == nullptr || !set_server_rules(context, files.allows_tls12)) {
    return fail(ErrorCode::kInternal, fmt::format("TLS can't be set up: {}", reason()));
  }
  TRY_VOID(use_certificate(context, files.certificate));
  TRY_VOID(check_dates(SSL_CTX_get0_certificate(context), files.certificate, loaded.warnings));
  TRY_VOID(use_key(context, files.key, loaded.warnings));
  TRY_VOID(ask_clients(context, files));
  return loaded;
}

Result<TlsContext> load_client_tls(const ClientTlsFiles& files) {
  ERR_clear_error();
  TlsContext context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr || !set_rules(context.get(), true)) {
    return fail(ErrorCode::kInternal, fmt::format("TLS can't be set up: {}", reason()));
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  const int trusted = files.ca.empty()
                          ? SSL_CTX_set_default_verify_paths(context.get())
                          : SSL_CTX_load_verify_locations(context.get(), files.ca.c_str(), nullptr);
  if (trusted != 1) return refuse("the authority of servers", files.ca, reason());
  if (files.certificate.empty()) return context;
  std::vector<std::string> warnings;  // those of a server's key
  // Whether it has expired, the server judges: that must not keep us from starting.
  TRY_VOID(use_certificate(context.get(), files.certificate));
  TRY_VOID(use_key(context.get(), files.key, warnings));
  return context;
}

Result<void> check_client_tls(const ClientTlsFiles& files) {
  TRY_VOID(load_client_tls(files));
  return {};
}

void TlsPort::publish(TlsContext context) {
  const std::lock_guard lock(mutex_);
  context_.swap(context);
}

std::unique_ptr<TlsChannel> TlsPort::accept(int socket) const {
  const std::lock_guard lock(mutex_);
  return TlsChannel::accept(context_.get(), socket);
}

Result<void> check_tls(const TlsFiles& files) {
  TRY_VOID(load_tls(files));
  return {};
}

}  // namespace wardlock::net
