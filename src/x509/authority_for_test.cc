#include "x509/authority_for_test.h"

#include <fmt/format.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/check.h"
#include "x509/openssl_memory.h"

namespace wardlock::x509 {
namespace {

constexpr std::string_view kConfiguration = R"([ca]
default_ca = one
[one]
database = {0}/index.txt
new_certs_dir = {0}
serial = {0}/serial
crlnumber = {0}/crlnumber
certificate = {0}/authority.pem
private_key = {0}/authority.key
default_md = sha256
default_days = 30
policy = any
unique_subject = no
[any]
commonName = optional
serialNumber = optional
UID = optional
emailAddress = optional
organizationName = optional
[req]
distinguished_name = name
[name]
)";

std::string new_folder() {
  std::string name = "/tmp/wardlock-authority-XXXXXX";
  CHECK(::mkdtemp(name.data()) != nullptr);
  return name;
}

}  // namespace

Certificate certificate_in(const std::string& pem_file) {
  std::FILE* file = std::fopen(pem_file.c_str(), "r");
  CHECK(file != nullptr);
  X509* read = PEM_read_X509(file, nullptr, nullptr, nullptr);
  CHECK(std::fclose(file) == 0 && read != nullptr);
  std::uint8_t* der = nullptr;
  const int size = i2d_X509(read, &der);
  X509_free(read);
  CHECK(size > 0);
  const std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return Certificate::from_der(text).value();
}

AuthorityForTest::AuthorityForTest(const std::string& name, const std::string& usage,
                                   const std::string& key)
    : folder_(new_folder()), own_(own_certificate(name, usage, key)) {
  write("index.txt", "");
  write("serial", "1001\n");
  write("crlnumber", "01\n");
}

AuthorityForTest::~AuthorityForTest() { std::filesystem::remove_all(folder_); }

IssuedForTest AuthorityForTest::own_certificate(const std::string& name, const std::string& usage,
                                                const std::string& key) const {
  write("openssl.cnf", fmt::format(fmt::runtime(kConfiguration), folder_));
  run(
      fmt::format("openssl req -x509 -config {0}/openssl.cnf -newkey {3} -nodes -keyout "
                  "{0}/authority.key -out "
                  "{0}/authority.pem -days 60 -subj '/CN={1}' -addext "
                  "basicConstraints=critical,CA:TRUE -addext 'keyUsage={2}' -addext "
                  "subjectKeyIdentifier=hash",
                  folder_, name, usage, key));
  const std::string file = folder_ + "/authority.pem";
  return {certificate_in(file), file, folder_ + "/authority.key"};
}

IssuedForTest AuthorityForTest::issue(const std::string& common_name,
                                      const std::string& extensions) {
  return issue_to("/CN=" + common_name, extensions);
}

IssuedForTest AuthorityForTest::issue_to(const std::string& subject,
                                         const std::string& extensions) {
  const std::string base = fmt::format("{}/issued-{}", folder_, ++issued_);
  run(
      fmt::format("openssl req -new -config {0}/openssl.cnf -utf8 -newkey ec -pkeyopt "
                  "ec_paramgen_curve:P-256 -nodes -keyout {1}.key -out {1}.csr -subj '{2}'",
                  folder_, base, subject));
  return sign(base, extensions);
}

IssuedForTest AuthorityForTest::certify(const AuthorityForTest& other,
                                        const std::string& extensions) {
  const std::string base = fmt::format("{}/issued-{}", folder_, ++issued_);
  run(
      fmt::format("openssl x509 -x509toreq -in {0}/authority.pem -signkey {0}/authority.key -out "
                  "{1}.csr",
                  other.folder_, base));
  return sign(base, extensions);
}

IssuedForTest AuthorityForTest::sign(const std::string& base, const std::string& extensions) const {
  std::ofstream(base + ".ext") << "[extensions]\n" << extensions << "\n";
  run(
      fmt::format("openssl ca -batch -notext -config {0}/openssl.cnf -in {1}.csr -out {1}.pem "
                  "-extfile {1}.ext -extensions extensions",
                  folder_, base));
  return {certificate_in(base + ".pem"), base + ".pem", base + ".key"};
}

void AuthorityForTest::revoke(const IssuedForTest& issued, const std::string& reason) {
  run(fmt::format("openssl ca -config {}/openssl.cnf -revoke {} -crl_reason {}", folder_,
                  issued.certificate_file, reason));
}

std::string AuthorityForTest::crl(const std::string& options, const std::string& extensions) const {
  write("crl.cnf",
        fmt::format(fmt::runtime(kConfiguration), folder_) + "[crl]\n" + extensions + "\n");
  run(fmt::format("openssl ca -config {0}/crl.cnf -gencrl {1} {2} -out {0}/crl.pem", folder_,
                  options, extensions.empty() ? "" : "-crlexts crl"));
  run(fmt::format("openssl crl -in {0}/crl.pem -outform DER -out {0}/crl.der", folder_));
  return read("crl.der");
}

std::string AuthorityForTest::crl_with_entry(const IssuedForTest& revoked, const std::string& oid,
                                             std::string_view value) const {
  X509* const certificate = as_openssl(revoked.certificate);
  X509_REVOKED* const entry = X509_REVOKED_new();
  ASN1_TIME* const now = X509_gmtime_adj(nullptr, 0);
  X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(certificate));
  X509_REVOKED_set_revocationDate(entry, now);
  const Owned<ASN1_OBJECT> object(OBJ_txt2obj(oid.c_str(), 1));
  ASN1_OCTET_STRING* const text = ASN1_OCTET_STRING_new();
  ASN1_OCTET_STRING_set(text, bytes_of(value), static_cast<int>(value.size()));
  X509_EXTENSION* const extension = X509_EXTENSION_create_by_OBJ(nullptr, object.get(), 1, text);
  CHECK(X509_REVOKED_add_ext(entry, extension, -1) == 1);
  X509_CRL* const list = X509_CRL_new();
  X509_CRL_set_version(list, 1);
  X509_CRL_set_issuer_name(list, X509_get_subject_name(as_openssl(own_.certificate)));
  X509_CRL_set1_lastUpdate(list, now);
  X509_CRL_set1_nextUpdate(list, X509_gmtime_adj(now, 3600));
  CHECK(X509_CRL_add0_revoked(list, entry) == 1);
  std::FILE* const file = std::fopen(own_.key_file.c_str(), "r");
  EVP_PKEY* const key = PEM_read_PrivateKey(file, nullptr, nullptr, nullptr);
  CHECK(std::fclose(file) == 0 && X509_CRL_sign(list, key, EVP_sha256()) > 0);
  std::uint8_t* der = nullptr;
  const int size = i2d_X509_CRL(list, &der);
  std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  EVP_PKEY_free(key);
  X509_CRL_free(list);
  X509_EXTENSION_free(extension);
  ASN1_OCTET_STRING_free(text);
  ASN1_STRING_free(now);
  return out;
}

std::string AuthorityForTest::ocsp(std::string_view request, const std::string& options,
                                   const IssuedForTest* responder) const {
  write("request.der", request);
  const IssuedForTest& signer = responder == nullptr ? own_ : *responder;
  run(
      fmt::format("openssl ocsp -index {0}/index.txt -CA {0}/authority.pem -rsigner {1} -rkey {2} "
                  "-reqin {0}/request.der -respout {0}/response.der {3}",
                  folder_, signer.certificate_file, signer.key_file, options));
  return read("response.der");
}

std::string AuthorityForTest::ocsp_with_extension(const IssuedForTest& about,
                                                  const std::string& oid, bool is_of_whole) const {
  X509* const own = as_openssl(own_.certificate);
  const Owned<OCSP_BASICRESP> basic(OCSP_BASICRESP_new());
  const Owned<OCSP_CERTID> id(OCSP_cert_to_id(EVP_sha1(), as_openssl(about.certificate), own));
  ASN1_TIME* const from = X509_gmtime_adj(nullptr, 0);
  ASN1_TIME* const until = X509_gmtime_adj(nullptr, 3600);
  OCSP_SINGLERESP* const single = OCSP_basic_add1_status(
      basic.get(), id.get(), V_OCSP_CERTSTATUS_GOOD, 0, nullptr, from, until);
  ASN1_STRING_free(from);
  ASN1_STRING_free(until);
  const Owned<ASN1_OBJECT> object(OBJ_txt2obj(oid.c_str(), 1));
  ASN1_OCTET_STRING* const text = ASN1_OCTET_STRING_new();
  X509_EXTENSION* const extension = X509_EXTENSION_create_by_OBJ(nullptr, object.get(), 1, text);
  CHECK((is_of_whole ? OCSP_BASICRESP_add_ext(basic.get(), extension, -1)
                     : OCSP_SINGLERESP_add_ext(single, extension, -1)) == 1);
  X509_EXTENSION_free(extension);
  ASN1_OCTET_STRING_free(text);
  std::FILE* const file = std::fopen(own_.key_file.c_str(), "r");
  EVP_PKEY* const key = PEM_read_PrivateKey(file, nullptr, nullptr, nullptr);
  CHECK(std::fclose(file) == 0);
  CHECK(OCSP_basic_sign(basic.get(), own, key, EVP_sha256(), nullptr, 0) == 1);
  EVP_PKEY_free(key);
  const Owned<OCSP_RESPONSE> response(
      OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic.get()));
  std::uint8_t* der = nullptr;
  const int size = i2d_OCSP_RESPONSE(response.get(), &der);
  std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return out;
}

void AuthorityForTest::run(const std::string& command) const {
  if (std::system((command + " >" + folder_ + "/log 2>&1").c_str()) == 0) return;
  fmt::print(stderr, "{}\n{}\n", command, read("log"));
  CHECK(!"OpenSSL's tool did not do it");
}

std::string AuthorityForTest::read(const std::string& name) const {
  std::ifstream file(folder_ + "/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void AuthorityForTest::write(const std::string& name, std::string_view text) const {
  std::ofstream(folder_ + "/" + name, std::ios::binary) << text;
}

}  // namespace wardlock::x509
