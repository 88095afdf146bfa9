#include "authn/certificate/revocations.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>

#include "authn/certificate/site_for_test.h"
#include "net/server_for_test.h"

namespace wardlock::authn {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using x509::AuthorityForTest;
using x509::IssuedForTest;

/// A hospital's authority, whose CRL and responder can be asked by HTTP.
class Asking : public testing::Test {
 protected:
  net::HttpResponse answer(const net::HttpRequest& request) {
    ++asked_;
    if (is_down_) return {.status = 503};
    if (request.path == "/crl") return {.body = crl_};
    if (request.path != "/ocsp") return {.status = 404};
    const std::string body = is_replaying_ ? replayed_ : authority_.ocsp(request.body, "-nmin 60");
    replayed_ = body;
    return {.content_type = "application/ocsp-response", .body = body};
  }

  std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(server_.port()) + path;
  }
  Card card(const std::string& more = "") {
    issued_ = authority_.issue("grey", card_extensions("grey", more));
    return read_card(shown(issued_->certificate), {.anchors = {authority_.certificate()}},
                     now_for_test())
        .value();
  }
  Card pointing_card() {
    return card("crlDistributionPoints=URI:" + url("/crl") +
                "\nauthorityInfoAccess=OCSP;URI:" + url("/ocsp"));
  }
  std::unique_ptr<Revocations> made(RevocationSettings settings) {
    return Revocations::create(std::move(settings), &egress_).value();
  }
  CardStatus status(Revocations& revocations, const Card& card,
                    std::chrono::seconds later = std::chrono::seconds(0)) {
    return revocations.status_of(card, now_for_test() + later, interruption_);
  }

  AuthorityForTest authority_{"hospital"};
  std::optional<IssuedForTest> issued_;
  std::string crl_ = authority_.crl("-crlhours 2");
  std::string file_ = authority_.folder() + "/published.crl";
  std::atomic<bool> is_down_ = false;
  std::atomic<bool> is_replaying_ = false;
  std::atomic<int> asked_ = 0;
  std::string replayed_;
  net::RunningServer server_{[this](const net::HttpRequest& request) { return answer(request); }};
  net::Egress egress_ = *net::Egress::create(
      {.origins = {url("")}, .networks = {*net::IpNetwork::parse("127.0.0.0/8")}});
  net::Interruption interruption_;
};

TEST_F(Asking, AFileIsFollowed) {
  const Card grey = card();
  const auto revocations = made({.crl_files = {file_}});
  const CardStatus without = status(*revocations, grey);
  EXPECT_EQ(without.status.kind, x509::RevocationStatus::Kind::kUnknown);
  EXPECT_NE(without.status.why.find("cannot be read"), std::string::npos) << without.status.why;
  write_file(file_, authority_.crl());
  EXPECT_TRUE(status(*revocations, grey).status.is_good());
  authority_.revoke(*issued_);
  EXPECT_TRUE(status(*revocations, grey).status.is_good());  // nobody has told yet
  write_file(file_, authority_.crl());
  EXPECT_TRUE(status(*revocations, grey).status.is_revoked());
}

TEST_F(Asking, AFileThatBreaksLeavesWhatWasKnownAndItAges) {
  const Card grey = card();
  const auto revocations = made({.crl_files = {file_}});
  write_file(file_, authority_.crl("-crlhours 2"));
  EXPECT_TRUE(status(*revocations, grey).status.is_good());
  write_file(file_, "junk");
  EXPECT_TRUE(status(*revocations, grey).status.is_good());
  std::filesystem::remove(file_);
  EXPECT_TRUE(status(*revocations, grey).status.is_good());
  EXPECT_FALSE(status(*revocations, grey, hours(3)).status.is_good());
}

TEST_F(Asking, APemFileIsReadToo) {
  const Card grey = card();
  authority_.crl();
  const auto revocations = made({.crl_files = {authority_.folder() + "/crl.pem"}});
  EXPECT_TRUE(status(*revocations, grey).status.is_good());
}

TEST_F(Asking, AForgedFileSaysNothing) {
  const Card grey = card();
  const AuthorityForTest twin("hospital");
  write_file(file_, twin.crl());
  const auto revocations = made({.crl_files = {file_}});
  EXPECT_EQ(status(*revocations, grey).status.why,
            "the CRL was signed with another key than the authority's");
}

TEST_F(Asking, OcspTellsAtOnce) {
  const Card grey = pointing_card();
  const auto revocations = made({.asks_ocsp = true});
  EXPECT_TRUE(status(*revocations, grey).status.is_good());
  authority_.revoke(*issued_);
  const CardStatus revoked = status(*revocations, grey);
  EXPECT_TRUE(revoked.status.is_revoked());
  EXPECT_EQ(revoked.status.reason, x509::RevocationReason::kKeyCompromise);
}

TEST_F(Asking, AnOldAnswerIsNotTakenAgain) {
  const Card grey = pointing_card();
  const auto revocations = made({.asks_ocsp = true});
  EXPECT_TRUE(status(*revocations, grey).status.is_good());
  authority_.revoke(*issued_);
  is_replaying_ = true;
  EXPECT_EQ(status(*revocations, grey).status.why, "the OCSP response answers another question");
}

TEST_F(Asking, TheRespondersAddressMayBeOurs) {
  const Card grey = card();  // which names none
  EXPECT_EQ(status(*made({.asks_ocsp = true}), grey).status.why,
            "the certificate names no OCSP responder");
  EXPECT_TRUE(status(*made({.asks_ocsp = true, .ocsp_url = url("/ocsp")}), grey).status.is_good());
}

TEST_F(Asking, AListIsFetchedAndFetchedAgain) {
  const Card grey = pointing_card();
  const auto revocations = made({.fetches_crls = true});
  EXPECT_TRUE(status(*revocations, grey).status.is_good());
  EXPECT_TRUE(status(*revocations, grey).status.is_good());
  EXPECT_EQ(asked_, 1);
  authority_.revoke(*issued_);
  const std::string before = crl_;
  crl_ = authority_.crl("-crlhours 2");
  EXPECT_TRUE(status(*revocations, grey, minutes(14)).status.is_good());
  EXPECT_TRUE(status(*revocations, grey, minutes(16)).status.is_revoked());
  EXPECT_EQ(asked_, 2);
}

TEST_F(Asking, AnOlderListDoesNotReplaceANewerOne) {
  const Card grey = pointing_card();
  const std::string before =
      authority_.crl("-crl_lastupdate 20260101000000Z -crl_nextupdate 20991231000000Z");
  authority_.revoke(*issued_);
  crl_ = authority_.crl("-crlhours 2");
  const auto revocations = made({.fetches_crls = true});
  EXPECT_TRUE(status(*revocations, grey).status.is_revoked());
  crl_ = before;
  EXPECT_TRUE(status(*revocations, grey, minutes(16)).status.is_revoked());
  EXPECT_EQ(asked_, 2);
}

TEST_F(Asking, OneThatSaysRevokedIsEnough) {
  const Card grey = pointing_card();
  write_file(file_, authority_.crl());
  const auto revocations = made({.crl_files = {file_}, .asks_ocsp = true});
  authority_.revoke(*issued_);
  EXPECT_TRUE(status(*revocations, grey).status.is_revoked());  // the file does not say it yet
  is_down_ = true;
  EXPECT_TRUE(status(*revocations, grey).status.is_good());  // and is in force
  write_file(file_, authority_.crl());
  EXPECT_TRUE(status(*revocations, grey).status.is_revoked());
}

TEST_F(Asking, WithoutAStatusItIsRefused) {
  const Card grey = pointing_card();
  is_down_ = true;
  const auto revocations = made({.asks_ocsp = true, .fetches_crls = true});
  const CardStatus found = status(*revocations, grey);
  EXPECT_EQ(found.status.kind, x509::RevocationStatus::Kind::kUnknown);
  EXPECT_NE(found.status.why.find("answers 503"), std::string::npos) << found.status.why;
}

TEST_F(Asking, WithinTheGraceWhatWasGoodStaysSo) {
  const Card grey = pointing_card();
  const auto revocations = made({.asks_ocsp = true, .grace = hours(4)});
  EXPECT_FALSE(status(*revocations, grey).is_by_grace);
  is_down_ = true;
  const CardStatus soon = status(*revocations, grey, hours(3));
  EXPECT_TRUE(soon.status.is_good());
  EXPECT_TRUE(soon.is_by_grace);
  EXPECT_FALSE(status(*revocations, grey, hours(5)).status.is_good());
  EXPECT_FALSE(status(*revocations, pointing_card()).status.is_good());  // never seen before
}

TEST_F(Asking, WhatWasFoundRevokedHasNoGrace) {
  const Card grey = pointing_card();
  const auto revocations = made({.crl_files = {file_}, .asks_ocsp = true, .grace = hours(4)});
  write_file(file_, authority_.crl("-crlhours 2"));
  EXPECT_TRUE(status(*revocations, grey).status.is_good());
  authority_.revoke(*issued_);
  EXPECT_TRUE(status(*revocations, grey).status.is_revoked());
  is_down_ = true;
  EXPECT_FALSE(status(*revocations, grey, hours(3)).status.is_good())
      << "neither by what it was, nor by a list from before";
}

TEST_F(Asking, TheGraceIsOfListsToo) {
  const Card grey = card();
  write_file(file_, authority_.crl("-crlhours 2"));
  const auto revocations = made({.crl_files = {file_}, .grace = hours(4)});
  const CardStatus late = status(*revocations, grey, hours(5));
  EXPECT_TRUE(late.status.is_good());
  EXPECT_TRUE(late.is_by_grace);
  EXPECT_FALSE(status(*revocations, grey, hours(7)).status.is_good());
  authority_.revoke(*issued_);
  write_file(file_, authority_.crl("-crlhours 2"));
  EXPECT_TRUE(status(*revocations, grey, hours(5)).status.is_revoked());
}

TEST_F(Asking, OthersAddressesAreNotAsked) {
  const Card grey = pointing_card();
  const auto elsewhere = net::Egress::create({.origins = {"http://pki.example"}}).value();
  const auto revocations =
      Revocations::create({.asks_ocsp = true, .fetches_crls = true}, &elsewhere).value();
  EXPECT_NE(status(*revocations, grey).status.why.find("may not be asked"), std::string::npos);
  EXPECT_EQ(asked_, 0);
}

TEST_F(Asking, AnAuthorityBelowTheAnchorIsLookedUpToo) {
  // A certificate whose issuer's status nobody knows.
  const Card grey = card();
  write_file(file_, authority_.crl());
  const auto revocations = made({.crl_files = {file_}});
  ASSERT_TRUE(status(*revocations, grey).status.is_good());
  AuthorityForTest root("root");
  const Card below = [&] {
    // The hospital's key, certified by a root.
    const IssuedForTest cross = root.certify(authority_,
                                             "basicConstraints=critical,CA:TRUE\n"
                                             "keyUsage=keyCertSign,cRLSign\n"
                                             "subjectKeyIdentifier=hash");
    return read_card(shown(issued_->certificate, {cross.certificate}),
                     {.anchors = {root.certificate()}}, now_for_test())
        .value();
  }();
  ASSERT_EQ(below.path().size(), 3);
  EXPECT_FALSE(status(*revocations, below).status.is_good());
  const std::string second = root.folder() + "/published.crl";
  write_file(second, root.crl());
  EXPECT_TRUE(status(*made({.crl_files = {file_, second}}), below).status.is_good());
}

TEST(Revocations, AreAskedForSomewhere) {
  EXPECT_FALSE(Revocations::create({}, nullptr));
  EXPECT_FALSE(Revocations::create({.asks_ocsp = true}, nullptr));
  EXPECT_FALSE(Revocations::create({.fetches_crls = true}, nullptr));
  EXPECT_TRUE(Revocations::create({.crl_files = {"/no/such.crl"}}, nullptr));
}

}  // namespace
}  // namespace wardlock::authn
