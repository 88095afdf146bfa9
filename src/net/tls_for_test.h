#pragma once

#include <openssl/ssl.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "net/listener.h"
#include "net/server_for_test.h"

// Certificates made on the spot, and a client that uses them.
namespace wardlock::net {

struct KeyPair {
  std::string certificate = {};  ///< path of a PEM file
  std::string key = {};
};

/// A certificate authority in a folder of its own, which goes with it.
class Authority {
 public:
  Authority();
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  struct Wish {
    std::string name = "server";  ///< of the files
    std::string alternatives = "IP:127.0.0.1,DNS:localhost";
    std::chrono::seconds begins{-60};  ///< from now
    std::chrono::seconds ends = std::chrono::days(90);
    bool is_key_encrypted = false;
  };
  KeyPair issue(const Wish& wish) const;
  KeyPair issue() const { return issue(Wish{}); }

  const std::string& certificate() const { return certificate_; }
  std::filesystem::path folder() const { return folder_; }
  /// For a server whose certificate is `pair`.
  static TlsFiles files(const KeyPair& pair) {
    return {.certificate = pair.certificate, .key = pair.key};
  }

 private:
  struct Made;
  std::filesystem::path folder_;
  std::string certificate_;
  std::unique_ptr<Made> made_;
};

/// A client over TLS. `adjust` may change what it offers, before it connects.
class TlsClient final : public RawClient {
 public:
  using Adjust = std::function<void(SSL_CTX*)>;
  explicit TlsClient(std::uint16_t port, const Adjust& adjust = {});
  ~TlsClient() override;

  bool is_trusted() const { return is_trusted_; }  ///< the handshake has succeeded
  SSL* tls() { return ssl_; }

 protected:
  ssize_t write_some(std::string_view bytes) override;
  ssize_t read_some(char* space, std::size_t size) override;

 private:
  SSL_CTX* context_;
  SSL* ssl_;
  bool is_trusted_ = false;
};

/// Shows the certificate to the server.
TlsClient::Adjust with(const KeyPair& pair);

}  // namespace wardlock::net
