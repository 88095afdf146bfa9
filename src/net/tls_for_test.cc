#include "net/tls_for_test.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>

#include "base/check.h"

namespace wardlock::net {
namespace {

std::filesystem::path new_folder() {
  std::string name = std::filesystem::temp_directory_path() / "wardlock-tls-XXXXXX";
  CHECK(::mkdtemp(name.data()) != nullptr);
  return name;
}

void add_extension(X509* certificate, X509* issuer, int what, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str());
  CHECK(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

X509* new_certificate(EVP_PKEY* key, const std::string& name, std::chrono::seconds begins,
                      std::chrono::seconds ends) {
  static std::atomic<long> serial = 1;
  X509* certificate = X509_new();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate), begins.count());
  X509_gmtime_adj(X509_getm_notAfter(certificate), ends.count());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_pubkey(certificate, key);
  return certificate;
}

template <typename Write>
std::string write_file(const std::filesystem::path& path, Write write) {
  std::FILE* file = std::fopen(path.c_str(), "w");
  CHECK(file != nullptr && write(file) == 1);
  std::fclose(file);
  return path;
}

}  // namespace

struct Authority::Made {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = nullptr;
};

Authority::Authority() : folder_(new_folder()), made_(std::make_unique<Made>()) {
  X509* certificate = new_certificate(made_->key, "authority of " + folder_.string(),
                                      std::chrono::hours(-1), std::chrono::days(365));
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
  CHECK(X509_sign(certificate, made_->key, EVP_sha256()) > 0);
  made_->certificate = certificate;
  certificate_ = write_file(folder_ / "authority.pem",
                            [&](std::FILE* file) { return PEM_write_X509(file, certificate); });
}

Authority::~Authority() {
  X509_free(made_->certificate);
  EVP_PKEY_free(made_->key);
  std::filesystem::remove_all(folder_);
}

KeyPair Authority::issue(const Wish& wish) const {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = new_certificate(key, wish.name, wish.begins, wish.ends);
  X509_set_issuer_name(certificate, X509_get_subject_name(made_->certificate));
  add_extension(certificate, made_->certificate, NID_subject_alt_name, wish.alternatives);
  CHECK(X509_sign(certificate, made_->key, EVP_sha256()) > 0);
  KeyPair pair;
  pair.certificate = write_file(folder_ / (wish.name + ".pem"),
                                [&](std::FILE* file) { return PEM_write_X509(file, certificate); });
  pair.key = write_file(folder_ / (wish.name + ".key"), [&](std::FILE* file) {
    std::string password = "secret";
    return PEM_write_PKCS8PrivateKey(file, key, wish.is_key_encrypted ? EVP_aes_128_cbc() : nullptr,
                                     nullptr, 0, nullptr,
                                     wish.is_key_encrypted ? password.data() : nullptr);
  });
  std::filesystem::permissions(
      pair.key, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return pair;
}

TlsClient::TlsClient(std::uint16_t port, const Adjust& adjust)
    : RawClient(port), context_(SSL_CTX_new(TLS_client_method())) {
  if (adjust) adjust(context_);
  ssl_ = SSL_new(context_);
  SSL_set_fd(ssl_, socket());
  is_trusted_ = SSL_connect(ssl_) == 1;
}

TlsClient::~TlsClient() {
  SSL_free(ssl_);
  SSL_CTX_free(context_);
}

ssize_t TlsClient::write_some(std::string_view bytes) {
  return SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()));
}

ssize_t TlsClient::read_some(char* space, std::size_t size) {
  const int got = SSL_read(ssl_, space, static_cast<int>(size));
  if (got > 0) return got;
  return SSL_get_error(ssl_, got) == SSL_ERROR_ZERO_RETURN ? 0 : -1;
}

TlsClient::Adjust with(const KeyPair& pair) {
  return [pair](SSL_CTX* context) {
    CHECK(SSL_CTX_use_certificate_chain_file(context, pair.certificate.c_str()) == 1);
    CHECK(SSL_CTX_use_PrivateKey_file(context, pair.key.c_str(), SSL_FILETYPE_PEM) == 1);
  };
}

}  // namespace wardlock::net
