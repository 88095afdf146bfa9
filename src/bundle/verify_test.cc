#include "bundle/verify.h"

#include <gtest/gtest.h>

#include <string>

#include "bundle/bundle_for_test.h"

namespace wardlock::bundle {
namespace {

const crypto::PublicKey& key_a() {
  static const crypto::PublicKey key = fixed_key('a').public_key();
  return key;
}
const crypto::PublicKey& key_b() {
  static const crypto::PublicKey key = fixed_key('b').public_key();
  return key;
}

Expected as_expected() {
  return {.now = *parse_time("2026-11-24T00:00:00Z"),
          .tenant = "st-mary",
          .environment = "production",
          .serial_above = 6};
}

/// The code and the message, or `verified`.
std::string outcome(std::string_view bytes, const Trust& trust, const Expected& expected) {
  const auto bundle = verify_bundle(bytes, trust, expected);
  if (bundle) return "verified";
  return std::string(to_string(bundle.error().code)) + ": " + bundle.error().message;
}

std::string outcome(const Expected& expected) {
  return outcome(signed_bytes(fixed_key('a')), {.keys = {key_a()}}, expected);
}

bool begins(const std::string& text, std::string_view with) {
  EXPECT_EQ(text.substr(0, with.size()), with);
  return text.starts_with(with);
}

std::string changed(std::string bytes, std::string_view text, std::string_view by) {
  const std::size_t at = bytes.find(text);
  EXPECT_NE(at, std::string::npos) << text;
  return bytes.replace(at, text.size(), by);
}

TEST(Verify, TakesWhatIsSignedForHereAndNow) {
  const auto bundle =
      verify_bundle(signed_bytes(fixed_key('a')), {.keys = {key_b(), key_a()}}, as_expected());
  ASSERT_TRUE(bundle) << bundle.error().message;
  EXPECT_EQ(bundle->signers(), std::vector<std::string>{key_id(key_a())});
  EXPECT_EQ(bundle->statement().tenant, "st-mary");
  EXPECT_EQ(bundle->content().files().size(), 2U);
}

TEST(Verify, TakesEcdsa) {
  const auto key = crypto::PrivateKey::generate(crypto::KeyType::kP256);
  EXPECT_EQ(outcome(signed_bytes(key), {.keys = {key.public_key()}}, as_expected()), "verified");
}

TEST(Verify, RefusesWhatIsNotSigned) {
  EXPECT_EQ(outcome(small_bundle().bytes(), {.keys = {key_a()}}, as_expected()),
            "unauthenticated: the bundle is not signed; `wardlock bundle sign` signs it");
}

TEST(Verify, RefusesAnotherKey) {
  begins(outcome(signed_bytes(fixed_key('a')), {.keys = {key_b()}}, as_expected()),
         "unauthenticated: no key that counts here has signed the bundle");
  begins(outcome(signed_bytes(fixed_key('a')), {.keys = {}}, as_expected()), "unauthenticated: no");
}

TEST(Verify, RefusesARevokedKey) {
  begins(outcome(signed_bytes(fixed_key('a')), {.keys = {key_a()}, .revoked = {key_a()}},
                 as_expected()),
         "permission_denied: the bundle is signed with the key " + key_id(key_a()) +
             ", which has been revoked");
}

TEST(Verify, ARevokedSignatureIsAsIfItWereNotThere) {
  UnverifiedBundle bundle = small_bundle();
  ASSERT_TRUE(bundle.sign(*signer_of(fixed_key('a'))));
  ASSERT_TRUE(bundle.sign(*signer_of(fixed_key('b'))));
  const Trust trust{.keys = {key_a(), key_b()}, .revoked = {key_a()}};
  const auto verified = verify_bundle(bundle.bytes(), trust, as_expected());
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->signers(), std::vector<std::string>{key_id(key_b())});
}

TEST(Verify, WantsAsManySignaturesAsAreAskedFor) {
  UnverifiedBundle bundle = small_bundle();
  ASSERT_TRUE(bundle.sign(*signer_of(fixed_key('a'))));
  const Trust two{.keys = {key_a(), key_b()}, .quorum = 2};
  begins(outcome(bundle.bytes(), two, as_expected()), "unauthenticated: 1 of the keys");
  // The same key twice in the list is one key.
  begins(outcome(bundle.bytes(), {.keys = {key_a(), key_a()}, .quorum = 2}, as_expected()),
         "unauthenticated: 1 of the keys");
  ASSERT_TRUE(bundle.sign(*signer_of(fixed_key('b'))));
  EXPECT_EQ(outcome(bundle.bytes(), two, as_expected()), "verified");
  // None is never enough.
  begins(outcome(small_bundle().bytes(), {.keys = {key_a()}, .quorum = 0}, as_expected()),
         "unauthenticated:");
}

TEST(Verify, RefusesASignatureThatIsWrong) {
  // Signed with one key and said to be another's.
  const std::string bytes = changed(signed_bytes(fixed_key('b')), key_id(key_b()), key_id(key_a()));
  begins(outcome(bytes, {.keys = {key_a()}}, as_expected()),
         "unauthenticated: the signature of the key " + key_id(key_a()) + " is wrong");
}

TEST(Verify, RefusesASignatureOfAnotherStatement) {
  // The signature of serial 7 under the statement of serial 8.
  Statement later = small_statement();
  later.serial = 8;
  const auto forged = UnverifiedBundle::make(later, *Content::of(small_files()));
  const std::string good = signed_bytes(fixed_key('a'));
  const std::string line = good.substr(good.find("\"signatures\""));
  const std::string bytes =
      changed(forged->bytes(), "\"signatures\":[]}", line.substr(0, line.find('\n')));
  begins(outcome(bytes, {.keys = {key_a()}}, as_expected()), "unauthenticated: the signature");
}

TEST(Verify, RefusesAnotherContentThanWasSigned) {
  const std::string bytes =
      changed(signed_bytes(fixed_key('a')), "permit (principal, action, resource)",
              "permit (principal, action, resourcf)");
  begins(outcome(bytes, {.keys = {key_a()}}, as_expected()),
         "data_loss: the bundle's content is not");
  begins(outcome(signed_bytes(fixed_key('a')) + "\n", {.keys = {key_a()}}, as_expected()),
         "data_loss: the bundle's content has");
}

TEST(Verify, RefusesAnotherTenantOrEnvironment) {
  Expected expected = as_expected();
  expected.tenant = "st-john";
  EXPECT_EQ(outcome(expected),
            "permission_denied: the bundle is for the tenant `st-mary`, not `st-john`");
  expected = as_expected();
  expected.environment = "test";
  EXPECT_EQ(outcome(expected),
            "permission_denied: the bundle is for the environment `production`, not `test`");
  expected = as_expected();
  expected.tenant = "";
  begins(outcome(expected), "permission_denied");
}

TEST(Verify, RefusesASerialThatIsNotHigher) {
  Expected expected = as_expected();
  for (const std::uint64_t last : {std::uint64_t{7}, std::uint64_t{8}, kMaxSerial}) {
    expected.serial_above = last;
    begins(outcome(expected), "aborted: the bundle's serial is 7, which is not above");
  }
  expected.serial_above = 0;
  EXPECT_EQ(outcome(expected), "verified");
}

TEST(Verify, RefusesWhatHasExpired) {
  Expected expected = as_expected();
  expected.now = small_statement().expires;
  EXPECT_EQ(outcome(expected),
            "failed_precondition: the bundle expired at 2026-12-23T10:00:00Z; build and sign it "
            "anew");
  expected.now -= std::chrono::seconds(1);
  EXPECT_EQ(outcome(expected), "verified");
}

TEST(Verify, BearsAClockThatIsALittleBehind) {
  Expected expected = as_expected();
  expected.now = small_statement().created - kClockSkew;
  EXPECT_EQ(outcome(expected), "verified");
  expected.now -= std::chrono::seconds(1);
  begins(outcome(expected), "failed_precondition: the bundle was made at 2026-11-23T10:00:00Z");
}

TEST(Verify, WhatIsNotAskedIsNotChecked) {
  EXPECT_EQ(outcome({.now = as_expected().now}), "verified");
}

// A stranger's bundle is told to be one, whatever else is wrong with it.
TEST(Verify, JudgesNothingBeforeTheSignature) {
  Expected expected = as_expected();
  expected.now += std::chrono::years(5);
  expected.tenant = "st-john";
  begins(outcome(signed_bytes(fixed_key('a')) + "x", {.keys = {key_b()}}, expected),
         "unauthenticated:");
}

TEST(Verify, RefusesWhatIsSignedAndStillNoBundle) {
  // A key that counts has signed a statement that no writer writes.
  const auto forge = [](std::string_view statement) {
    BundleSignature signature{
        .key_id = key_id(key_a()),
        .bytes = fixed_key('a').sign(crypto::SignatureAlgorithm::kEdDsa, signed_text(statement))};
    return envelope_text({.statement = std::string(statement), .signatures = {signature}}) + "\n" +
           Content::of(small_files())->bytes();
  };
  for (const std::string_view statement : {"", "{}", "[]", "{\"format\":1}"}) {
    begins(outcome(forge(statement), {.keys = {key_a()}}, as_expected()), "invalid_argument:");
  }
  begins(outcome(forge("{\"format\":3}"), {.keys = {key_a()}}, as_expected()), "unimplemented:");
}

/// Of a bundle for all, or for a part, where one or the other is wanted.
std::string outcome_of_part(bool has_part, bool is_wanted) {
  Statement statement = small_statement();
  if (has_part) {
    statement.part =
        CanaryPart{.beside = "sha256:" + std::string(64, '0'), .locations = {R"(Ward::"3")"}};
  }
  auto made = UnverifiedBundle::make(std::move(statement), Content::of(small_files()).value());
  EXPECT_TRUE(made) << made.error().message;
  EXPECT_TRUE(made->sign(signer_of(fixed_key('a')).value()));
  Expected expected = as_expected();
  expected.is_canary = is_wanted;
  return outcome(made->bytes(), {.keys = {key_a()}}, expected);
}

TEST(Verify, TakesAPartForThatPartAlone) {
  EXPECT_EQ(outcome_of_part(true, true), "verified");
  EXPECT_TRUE(begins(outcome_of_part(true, false), "permission_denied: the bundle is a canary"));
  EXPECT_TRUE(begins(outcome_of_part(false, true), "permission_denied: the bundle is for all"));
}

}  // namespace
}  // namespace wardlock::bundle
