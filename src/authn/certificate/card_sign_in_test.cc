// A card signs its owner in over TLS, until it is revoked.
#include <gtest/gtest.h>

#include "authn/certificate/card_owner.h"
#include "authn/certificate/revocations.h"
#include "authn/certificate/site_for_test.h"
#include "directory/registry/hospital_for_test.h"
#include "net/server_for_test.h"

namespace wardlock::authn {
namespace {

using directory::name_of;
using directory::tested_databases;
using x509::AuthorityForTest;
using x509::IssuedForTest;

class CardSignIn : public directory::HospitalForTest {
 protected:
  net::HttpResponse sign_in(const net::HttpRequest& request) {
    if (request.peer_certificate == nullptr) return {.status = 401, .body = "no certificate"};
    const auto card =
        read_card(*request.peer_certificate, {.anchors = {cards_.certificate()}}, now_for_test());
    if (!card) return {.status = 401, .body = card.error().message};
    const CardStatus found = revocations_->status_of(*card, now_for_test(), interruption_);
    if (found.status.is_revoked()) return {.status = 401, .body = "revoked"};
    if (!found.status.is_good()) return {.status = 401, .body = found.status.why};
    const auto owner = find_card_owner(*registry_, "st-mary", *card, "userName");
    if (!owner) return {.status = 401, .body = owner.error().message};
    const Assurance assurance = assurance_of({card->proof()}, 0);
    std::string methods;
    for (const std::string& each : assurance.methods) methods += " " + each;
    return {.body = *owner + " " + std::string(acr_of(assurance.level)) + methods};
  }

  /// What the server says to whoever shows that.
  std::string answer(const IssuedForTest* shown) {
    net::HttpClientOptions options{.tls = {.ca = house_.certificate_file()}};
    if (shown != nullptr) {
      options.tls.certificate = shown->certificate_file;
      options.tls.key = shown->key_file;
    }
    const auto client = net::HttpClient::create(options).value();
    const std::string url = "https://localhost:" + std::to_string(server_->port()) + "/";
    const auto reply = client->fetch({.url = url}, interruption_);
    return reply ? reply->body : std::string(to_string(reply.error().code));
  }
  void serve(RevocationSettings settings) {
    revocations_ = Revocations::create(std::move(settings), &egress_).value();
    server_ = std::make_unique<net::RunningServer>(
        [this](const net::HttpRequest& request) { return sign_in(request); },
        net::ServerOptions{
            .listeners = {{.tls = net::TlsFiles{.certificate = server_pair_.certificate_file,
                                                .key = server_pair_.key_file,
                                                .client_ca = cards_.certificate_file()}}}});
  }

  AuthorityForTest house_{"servers"};
  IssuedForTest server_pair_ =
      house_.issue("localhost", "subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth");
  AuthorityForTest cards_{"cards"};
  net::RunningServer responder_{[this](const net::HttpRequest& request) {
    return net::HttpResponse{.content_type = "application/ocsp-response",
                             .body = cards_.ocsp(request.body)};
  }};
  std::string ocsp_ = "http://127.0.0.1:" + std::to_string(responder_.port());
  net::Egress egress_ = *net::Egress::create(
      {.origins = {ocsp_}, .networks = {*net::IpNetwork::parse("127.0.0.0/8")}});
  net::Interruption interruption_;
  std::unique_ptr<Revocations> revocations_;
  std::unique_ptr<net::RunningServer> server_;
};
WARDLOCK_ON_EACH_DATABASE(CardSignIn);

TEST_P(CardSignIn, UntilTheListSaysThatItWasRevoked) {
  const auto grey = person("grey@st-mary.example");
  const IssuedForTest card = cards_.issue("Grey", card_extensions("grey@st-mary.example"));
  const std::string file = cards_.folder() + "/published.crl";
  write_file(file, cards_.crl());
  serve({.crl_files = {file}});
  EXPECT_EQ(answer(&card), grey.id + " http://idmanagement.gov/ns/assurance/aal/3 hwk mfa pin sc");
  cards_.revoke(card);
  write_file(file, cards_.crl());
  EXPECT_EQ(answer(&card), "revoked");
  EXPECT_EQ(answer(nullptr), "no certificate");
}

TEST_P(CardSignIn, UntilTheResponderSaysThatItWasRevoked) {
  person("grey@st-mary.example");
  const IssuedForTest card = cards_.issue(
      "Grey", card_extensions("grey@st-mary.example", "authorityInfoAccess=OCSP;URI:" + ocsp_));
  serve({.asks_ocsp = true});
  EXPECT_NE(answer(&card).find("aal/3"), std::string::npos) << answer(&card);
  cards_.revoke(card);
  EXPECT_EQ(answer(&card), "revoked");
}

TEST_P(CardSignIn, OnlyOfWhoIsKnownHere) {
  const IssuedForTest card = cards_.issue("Grey", card_extensions("grey@st-mary.example"));
  const std::string file = cards_.folder() + "/published.crl";
  write_file(file, cards_.crl());
  serve({.crl_files = {file}});
  EXPECT_EQ(answer(&card), "no person has the certificate's name in `userName`");
  // Another authority's card does not even connect.
  AuthorityForTest other("cards");
  const IssuedForTest forged = other.issue("Grey", card_extensions("grey@st-mary.example"));
  const std::string refused = answer(&forged);
  EXPECT_TRUE(refused == "unauthenticated" || refused == "unavailable") << refused;
}

}  // namespace
}  // namespace wardlock::authn
