#include "x509/ocsp.h"

#include <gtest/gtest.h>

#include "x509/authority_for_test.h"

namespace wardlock::x509 {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::string_view kNonce = "0123456789abcdef0123456789abcdef";

std::chrono::sys_seconds now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

struct Site {
  AuthorityForTest authority{"hospital"};
  IssuedForTest good = authority.issue("good");
  IssuedForTest lost = authority.issue("lost");
  IssuedForTest responder = authority.issue("responder", "extendedKeyUsage=OCSPSigning");

  Site() { authority.revoke(lost); }

  std::string answer(const IssuedForTest& about, const std::string& options = "-ndays 1",
                     const IssuedForTest* by = nullptr) const {
    return authority.ocsp(ocsp_request(about.certificate, authority.certificate(), kNonce), options,
                          by);
  }
};
Site& site() {
  static Site site;
  return site;
}

Result<RevocationStatus> read(std::string_view response, const IssuedForTest& about,
                              std::chrono::sys_seconds when = now()) {
  return read_ocsp_response(response, about.certificate, site().authority.certificate(),
                            {.nonce = kNonce, .now = when});
}
std::string refusal(std::string_view response, const IssuedForTest& about = site().good) {
  const auto status = read(response, about);
  return status ? "" : status.error().message;
}

TEST(Ocsp, TellsTheRevokedFromTheOthers) {
  EXPECT_TRUE(read(site().answer(site().good), site().good)->is_good());
  const auto status = read(site().answer(site().lost), site().lost);
  ASSERT_TRUE(status && status->is_revoked());
  EXPECT_EQ(status->reason, RevocationReason::kKeyCompromise);
  EXPECT_GE(status->since, now() - minutes(10));
}

TEST(Ocsp, ACertificateThatTheResponderDoesNotKnowIsUnknown) {
  AuthorityForTest twin("hospital");
  const IssuedForTest known = twin.issue("somebody");
  const std::string request =
      ocsp_request(site().good.certificate, site().authority.certificate(), kNonce);
  // The responder of the twin knows nothing about keys of ours.
  EXPECT_NE(refusal(twin.ocsp(request)), "");
  // And one whose list of certificates is empty, about its own.
  AuthorityForTest empty("empty");
  const std::string other =
      twin.ocsp(ocsp_request(empty.certificate(), twin.certificate(), kNonce));
  const auto status = read_ocsp_response(other, empty.certificate(), twin.certificate(),
                                         {.nonce = kNonce, .now = now()});
  ASSERT_TRUE(status);
  EXPECT_EQ(status->why, "the OCSP responder does not know the certificate");
}

TEST(Ocsp, OneWhomTheIssuerAppointedAnswersForIt) {
  Site& s = site();
  EXPECT_TRUE(read(s.answer(s.good, "-ndays 1", &s.responder), s.good)->is_good());
  EXPECT_TRUE(read(s.answer(s.lost, "-ndays 1", &s.responder), s.lost)->is_revoked());
  EXPECT_TRUE(read(s.answer(s.good, "-ndays 1 -resp_key_id", &s.responder), s.good)->is_good());
  EXPECT_TRUE(read(s.answer(s.good, "-ndays 1 -resp_key_id"), s.good)->is_good());
}

TEST(Ocsp, NobodyElseDoes) {
  Site& s = site();
  const IssuedForTest person = s.authority.issue("person");
  EXPECT_EQ(refusal(s.answer(s.good, "-ndays 1", &person)),
            "the OCSP responder's certificate is not one for OCSP");
  const IssuedForTest mute =
      s.authority.issue("mute", "extendedKeyUsage=OCSPSigning\nkeyUsage=keyEncipherment");
  EXPECT_EQ(refusal(s.answer(s.good, "-ndays 1", &mute)),
            "the OCSP responder's certificate is not for signatures");
  AuthorityForTest other("elsewhere");
  const IssuedForTest foreign = other.issue("responder", "extendedKeyUsage=OCSPSigning");
  EXPECT_NE(refusal(s.answer(s.good, "-ndays 1", &foreign)).find("was not appointed"),
            std::string::npos);
  // Appointed by an authority below the issuer: that is not the issuer itself.
  const IssuedForTest below =
      s.authority.issue("below", "basicConstraints=critical,CA:TRUE\nextendedKeyUsage=serverAuth");
  EXPECT_NE(refusal(s.answer(s.good, "-ndays 1", &below)), "");
  EXPECT_EQ(refusal(s.answer(s.good, "-ndays 1 -resp_no_certs", &s.responder)),
            "an OCSP response does not show who signed it");
}

TEST(Ocsp, AResponderWhoseCertificateHasExpiredIsNone) {
  Site& s = site();
  const std::string response = s.answer(s.good, "-ndays 50", &s.responder);
  EXPECT_TRUE(read(response, s.good, now() + hours(24 * 29))->is_good());
  EXPECT_FALSE(read(response, s.good, now() + hours(24 * 31)));
}

TEST(Ocsp, CountsInItsTimeAlone) {
  Site& s = site();
  const std::string response = s.answer(s.good, "-nmin 60");
  EXPECT_TRUE(read(response, s.good, now() + minutes(64))->is_good());
  const auto late = read(response, s.good, now() + minutes(70));
  ASSERT_TRUE(late);
  EXPECT_NE(late->why.find("was to be renewed"), std::string::npos) << late->why;
  EXPECT_NE(read(response, s.good, now() - minutes(6))->why.find("of the future"),
            std::string::npos);
}

TEST(Ocsp, WithoutANextUpdateItCountsForADay) {
  Site& s = site();
  const std::string response = s.answer(s.good, "");
  EXPECT_TRUE(read(response, s.good, now() + hours(23))->is_good());
  EXPECT_FALSE(read(response, s.good, now() + hours(25))->is_good());
}

TEST(Ocsp, AnswersOurQuestion) {
  Site& s = site();
  const std::string answer = s.answer(s.good);
  const auto with = [&](std::string_view nonce, const std::string& response, bool is_required) {
    return read_ocsp_response(response, s.good.certificate, s.authority.certificate(),
                              {.nonce = nonce, .is_nonce_required = is_required, .now = now()});
  };
  const auto replayed = with("another one", answer, false);
  ASSERT_FALSE(replayed);
  EXPECT_EQ(replayed.error().message, "the OCSP response answers another question");
  const std::string without =
      s.authority.ocsp(ocsp_request(s.good.certificate, s.authority.certificate(), ""));
  const auto prepared = with(kNonce, without, true);
  ASSERT_FALSE(prepared);
  EXPECT_EQ(prepared.error().message, "the OCSP response does not repeat our nonce");
  EXPECT_TRUE(with(kNonce, without, false)->is_good());
  EXPECT_TRUE(with("", without, true)->is_good());
  EXPECT_TRUE(with("", answer, true)->is_good());
  EXPECT_EQ(refusal(answer, s.lost), "an OCSP response is not about the certificate");
}

TEST(Ocsp, IsSignedAndNotWeakly) {
  Site& s = site();
  EXPECT_EQ(refusal(s.answer(s.good, "-ndays 1 -rmd sha1")),
            "the OCSP response's signature is of a kind that is not taken");
  EXPECT_EQ(refusal(s.answer(s.good, "-ndays 1 -badsig")),
            "the OCSP response's signature is not the responder's");
  AuthorityForTest twin("hospital");
  const std::string request = ocsp_request(s.good.certificate, s.authority.certificate(), kNonce);
  EXPECT_EQ(refusal(twin.ocsp(request)), "the OCSP response's signature is not the responder's");
}

TEST(Ocsp, PssCountsWithOneHashAndASaltOfItsLength) {
  AuthorityForTest authority("pss", "critical,keyCertSign,cRLSign", "rsa:2048");
  const IssuedForTest card = authority.issue("card");
  const std::string request = ocsp_request(card.certificate, authority.certificate(), kNonce);
  const auto told = [&](const std::string& options) -> std::string {
    const std::string answer =
        authority.ocsp(request, "-ndays 1 -rsigopt rsa_padding_mode:pss " + options);
    const auto status = read_ocsp_response(answer, card.certificate, authority.certificate(),
                                           {.nonce = kNonce, .now = now()});
    if (!status) return status.error().message;
    return status->is_good() ? "good" : "not good";
  };
  EXPECT_EQ(told("-rmd sha256 -rsigopt rsa_pss_saltlen:32"), "good");
  EXPECT_EQ(told("-rmd sha512 -rsigopt rsa_pss_saltlen:64"), "good");
  const std::string refused = "the OCSP response's signature is of a kind that is not taken";
  EXPECT_EQ(told("-rmd sha1 -rsigopt rsa_pss_saltlen:20"), refused);
  EXPECT_EQ(told("-rmd sha256 -rsigopt rsa_pss_saltlen:20"), refused);
}

TEST(Ocsp, WhatIsNotUnderstoodIsRefused) {
  for (const bool is_of_whole : {true, false}) {
    const std::string response =
        site().authority.ocsp_with_extension(site().good, "1.2.3.4", is_of_whole);
    const auto status =
        read_ocsp_response(response, site().good.certificate, site().authority.certificate(),
                           {.nonce = "", .now = now()});
    ASSERT_FALSE(status) << is_of_whole;
    EXPECT_EQ(status.error().message,
              "an OCSP response has a critical extension that is not understood");
  }
}

TEST(Ocsp, WhatIsNoAnswerIsRefused) {
  Site& s = site();
  const std::string answer = s.answer(s.good);
  EXPECT_EQ(refusal(""), "an OCSP response is not DER");
  EXPECT_EQ(refusal(answer.substr(0, answer.size() - 1)), "an OCSP response is not DER");
  EXPECT_EQ(refusal(answer + "x"), "something follows an OCSP response");
  EXPECT_NE(refusal(std::string(100'000, '\x30')).find("at most"), std::string::npos);
  for (const char status : {'\1', '\2', '\3', '\5', '\6'}) {
    const std::string response = std::string("\x30\x03\x0A\x01", 4) + status;
    const auto refused = read(response, s.good);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  }
  EXPECT_EQ(refusal(std::string("\x30\x03\x0A\x01\x00", 5)),
            "an OCSP response is of a kind that is not known");
}

}  // namespace
}  // namespace wardlock::x509
