#include "net/tls_channel.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <cerrno>

#include "net/tls_certificate.h"

namespace wardlock::net {
namespace {

int socket_of(BIO* bio) {
  int fd = -1;
  BIO_get_fd(bio, &fd);
  return fd;
}

int settle(BIO* bio, ssize_t result, bool is_write) {
  BIO_clear_retry_flags(bio);
  if (result >= 0) return static_cast<int>(result);
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
    is_write ? BIO_set_retry_write(bio) : BIO_set_retry_read(bio);
  }
  return -1;
}

int send_quietly(BIO* bio, const char* bytes, int size) {
  return settle(bio, ::send(socket_of(bio), bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL),
                true);
}

int receive(BIO* bio, char* space, int size) {
  return settle(bio, ::recv(socket_of(bio), space, static_cast<std::size_t>(size), 0), false);
}

/// A socket's BIO, but for what it writes and reads with.
const BIO_METHOD* quiet_socket() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* quiet = BIO_meth_new(BIO_TYPE_SOCKET, "quiet socket");
    if (quiet == nullptr) return quiet;
    const BIO_METHOD* socket = BIO_s_socket();
    BIO_meth_set_write(quiet, send_quietly);
    BIO_meth_set_read(quiet, receive);
    BIO_meth_set_ctrl(quiet, BIO_meth_get_ctrl(socket));
    BIO_meth_set_create(quiet, BIO_meth_get_create(socket));
    BIO_meth_set_destroy(quiet, BIO_meth_get_destroy(socket));
    return quiet;
  }();
  return method;
}

}  // namespace

std::unique_ptr<TlsChannel> TlsChannel::on(SSL_CTX* context, int socket) {
  if (quiet_socket() == nullptr) return nullptr;
  std::unique_ptr<TlsChannel> channel(new TlsChannel(SSL_new(context)));
  BIO* bio = BIO_new(quiet_socket());
  if (bio == nullptr || channel->ssl_ == nullptr) {
    BIO_free(bio);
    return nullptr;
  }
  BIO_set_fd(bio, socket, BIO_NOCLOSE);
  SSL_set_bio(channel->ssl_.get(), bio, bio);
  return channel;
}

std::unique_ptr<TlsChannel> TlsChannel::accept(SSL_CTX* context, int socket) {
  std::unique_ptr<TlsChannel> channel = on(context, socket);
  if (channel != nullptr) SSL_set_accept_state(channel->ssl_.get());
  return channel;
}

std::unique_ptr<TlsChannel> TlsChannel::connect(SSL_CTX* context, int socket,
                                                const std::string& name) {
  std::unique_ptr<TlsChannel> channel = on(context, socket);
  if (channel == nullptr) return nullptr;
  SSL* const ssl = channel->ssl_.get();
  SSL_set_connect_state(ssl);
  // What the name must not be is matched by nothing: then no certificate will do.
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name.c_str()) == 1) return channel;
  SSL_set_hostflags(ssl,
                    X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (SSL_set1_host(ssl, name.c_str()) != 1 || SSL_set_tlsext_host_name(ssl, name.c_str()) != 1) {
    return nullptr;
  }
  return channel;
}

Transfer TlsChannel::handshake() {
  ERR_clear_error();
  return to_transfer(SSL_do_handshake(ssl_.get()), 0);
}

Transfer TlsChannel::read(std::span<char> space) {
  if (is_broken_) return {};
  ERR_clear_error();
  std::size_t bytes = 0;
  const int result = SSL_read_ex(ssl_.get(), space.data(), space.size(), &bytes);
  return to_transfer(result, bytes);
}

Transfer TlsChannel::write(std::string_view bytes) {
  if (is_broken_) return {};
  ERR_clear_error();
  std::size_t sent = 0;
  const int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &sent);
  return to_transfer(result, sent);
}

void TlsChannel::finish() {
  if (is_broken_ || !SSL_is_init_finished(ssl_.get())) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());  // whether it comes through or not, the connection is over
  ERR_clear_error();
}

Transfer TlsChannel::to_transfer(int result, std::size_t bytes) {
  using enum Transfer::Outcome;
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_NONE: return {kDone, bytes};
    case SSL_ERROR_WANT_READ: return {kWantsRead};
    case SSL_ERROR_WANT_WRITE: return {kWantsWrite};
    case SSL_ERROR_ZERO_RETURN: return {kEnded};
    default: break;
  }
  is_broken_ = true;
  error_ = ERR_peek_last_error();
  ERR_clear_error();
  return {kEnded};
}

std::string TlsChannel::what_broke() const {
  if (!is_broken_) return "";
  if (const long verdict = SSL_get_verify_result(ssl_.get()); verdict != X509_V_OK) {
    return X509_verify_cert_error_string(verdict);
  }
  const char* const reason = ERR_reason_error_string(error_);
  return reason == nullptr ? "" : reason;
}

bool TlsChannel::speaks_http2() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  return std::string_view(reinterpret_cast<const char*>(name), size) == "h2";
}

std::optional<PeerCertificate> TlsChannel::peer_certificate() const {
  const X509* certificate = SSL_get0_peer_certificate(ssl_.get());
  if (certificate == nullptr || SSL_get_verify_result(ssl_.get()) != X509_V_OK) return std::nullopt;
  return describe(*certificate, SSL_get_peer_cert_chain(ssl_.get()));
}

}  // namespace wardlock::net
