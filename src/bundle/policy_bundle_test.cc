#include "bundle/policy_bundle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "bundle/bundle_for_test.h"

namespace wardlock::bundle {
namespace {

std::string envelope_fault(const Envelope& envelope) {
  const auto read = parse_envelope(envelope_text(envelope));
  return read ? "" : read.error().message;
}

std::string envelope_fault(std::string_view text, std::string_view by) {
  std::string json = envelope_text({.statement = "x", .signatures = {{std::string(64, 'a'), "s"}}});
  EXPECT_TRUE(parse_envelope(json));
  const std::size_t at = json.find(text);
  EXPECT_NE(at, std::string::npos) << text;
  json.replace(at, text.size(), by);
  const auto read = parse_envelope(json);
  return read ? "" : read.error().message;
}

TEST(PolicyBundle, TheSameInputsGiveTheSameBytes) {
  EXPECT_EQ(small_bundle().bytes(), small_bundle().bytes());
  EXPECT_EQ(signed_bytes(fixed_key('a')), signed_bytes(fixed_key('a')));
  // Pinned: a bundle that was made once is made again by every later version.
  EXPECT_EQ(crypto::to_hex(crypto::sha256(small_bundle().bytes())),
            "0e872f061df30afe90e5f1079ddff3d85e9874ad268f5abde17c4be7df73e03a");
  EXPECT_EQ(crypto::to_hex(crypto::sha256(signed_bytes(fixed_key('a')))),
            "485385261e1346aa51d22262495c57e6acf13e32d7cf426dbc373d27838acbc0");
}

TEST(PolicyBundle, ReadsWhatItWrites) {
  const std::string bytes = signed_bytes(fixed_key('a'));
  const auto bundle = UnverifiedBundle::parse(bytes);
  ASSERT_TRUE(bundle) << bundle.error().message;
  EXPECT_EQ(bundle->bytes(), bytes);
  EXPECT_EQ(bundle->statement().serial, 7U);
  EXPECT_EQ(bundle->statement().content, bundle->content().hash());
  EXPECT_TRUE(bundle->is_signed_by(fixed_key('a').public_key()));
  EXPECT_FALSE(bundle->is_signed_by(fixed_key('b').public_key()));
}

TEST(PolicyBundle, TheContentsHashNamesTheContentAlone) {
  Statement later = small_statement();
  later.serial = 8;
  later.environment = "test";
  const auto bundle = UnverifiedBundle::make(later, *Content::of(small_files()));
  ASSERT_TRUE(bundle);
  EXPECT_EQ(bundle->content().name(), small_bundle().content().name());
  EXPECT_NE(bundle->bytes(), small_bundle().bytes());
}

TEST(PolicyBundle, TakesSeveralSignaturesInTheOrderOfTheirKeys) {
  UnverifiedBundle bundle = small_bundle();
  const auto p256 = crypto::PrivateKey::generate(crypto::KeyType::kP256);
  for (const auto& key : {fixed_key('a'), fixed_key('b'), p256}) {
    ASSERT_TRUE(bundle.sign(*signer_of(key)));
    ASSERT_TRUE(UnverifiedBundle::parse(bundle.bytes()));
  }
  for (const auto& key : {fixed_key('a'), fixed_key('b'), p256}) {
    EXPECT_TRUE(bundle.is_signed_by(key.public_key()));
  }
  // Signing again replaces.
  const std::string bytes = bundle.bytes();
  ASSERT_TRUE(bundle.sign(*signer_of(fixed_key('a'))));
  EXPECT_EQ(bundle.bytes(), bytes);
  EXPECT_EQ(bundle.signatures().size(), 3U);
}

TEST(PolicyBundle, HasNoMoreSignaturesThanItMay) {
  UnverifiedBundle bundle = small_bundle();
  for (std::size_t i = 0; i < kMaxSignatures; ++i) {
    ASSERT_TRUE(bundle.sign(*signer_of(fixed_key(static_cast<char>(i)))));
  }
  const auto more = bundle.sign(*signer_of(fixed_key('z')));
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, ErrorCode::kResourceExhausted);
  EXPECT_TRUE(UnverifiedBundle::parse(bundle.bytes()));
}

TEST(PolicyBundle, ASignerThatErrsSignsNothing) {
  UnverifiedBundle bundle = small_bundle();
  const auto wrong = bundle.sign(
      {.key = fixed_key('a').public_key(),
       .sign = [](std::string_view) -> Result<std::string> { return std::string(64, 'x'); }});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::kInternal);
  const auto failed = bundle.sign(
      {.key = fixed_key('a').public_key(), .sign = [](std::string_view) -> Result<std::string> {
         return fail(ErrorCode::kUnavailable, "the token is not there");
       }});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(bundle.signatures().empty());
}

TEST(PolicyBundle, RefusesAContentThatIsNotTheOneStated) {
  const std::string bytes = small_bundle().bytes();
  std::string changed = bytes;
  changed[bytes.size() - 4] = '{';
  EXPECT_EQ(UnverifiedBundle::parse(changed).error().code, ErrorCode::kDataLoss);
  EXPECT_EQ(UnverifiedBundle::parse(bytes + "x").error().code, ErrorCode::kDataLoss);
  EXPECT_EQ(UnverifiedBundle::parse(bytes + "\n").error().code, ErrorCode::kDataLoss);
  EXPECT_EQ(UnverifiedBundle::parse(bytes + bytes).error().code, ErrorCode::kDataLoss);
}

TEST(PolicyBundle, NoPieceOfItIsOne) {
  const std::string bytes = signed_bytes(fixed_key('a'));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(UnverifiedBundle::parse(std::string_view(bytes).substr(0, size))) << size;
  }
}

TEST(PolicyBundle, NoOtherByteIsTaken) {
  const std::string bytes = signed_bytes(fixed_key('a'));
  const auto key = fixed_key('a').public_key();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    const auto bundle = UnverifiedBundle::parse(changed);
    EXPECT_FALSE(bundle && bundle->is_signed_by(key)) << i;
  }
}

TEST(PolicyBundle, RefusesEveryOtherFormOfTheFirstLine) {
  EXPECT_NE(envelope_fault("{\"payload\"", "{ \"payload\""), "");
  EXPECT_NE(envelope_fault("]}", "] }"), "");
  EXPECT_NE(envelope_fault("]}", "]}x"), "");
  EXPECT_NE(envelope_fault("]}", "],\"x\":1}"), "");
  EXPECT_NE(envelope_fault("\"payload\":\"eA==\",", ""), "");
  EXPECT_NE(envelope_fault("eA==", "eA"), "");
  EXPECT_NE(envelope_fault("eA==", "eB=="), "");
  EXPECT_NE(envelope_fault("vnd.wardlock.policy-bundle", "vnd.wardlock.other"), "");
  EXPECT_NE(envelope_fault("keyid", "KeyId"), "");
  EXPECT_NE(envelope_fault("\"sig\":\"cw==\"", "\"sig\":\"\""), "");
  EXPECT_NE(envelope_fault("\"sig\":\"cw==\"", "\"sig\":\"cw==\",\"x\":\"\""), "");
  EXPECT_NE(envelope_fault("aaa", "AAA"), "");
  EXPECT_NE(envelope_fault("aaa", "aa"), "");
  EXPECT_FALSE(parse_envelope("[]"));
  EXPECT_FALSE(parse_envelope(""));
}

TEST(PolicyBundle, RefusesSignaturesOutOfOrderTwiceOrTooMany) {
  const std::string a(64, 'a'), b(64, 'b');
  EXPECT_EQ(envelope_fault({.statement = "x", .signatures = {{a, "s"}, {b, "s"}}}), "");
  EXPECT_NE(envelope_fault({.statement = "x", .signatures = {{b, "s"}, {a, "s"}}}), "");
  EXPECT_NE(envelope_fault({.statement = "x", .signatures = {{a, "s"}, {a, "t"}}}), "");
  EXPECT_NE(envelope_fault({.statement = "x", .signatures = {{a, std::string(129, 's')}}}), "");
  EXPECT_NE(envelope_fault({.statement = std::string(kMaxStatementBytes + 1, 'x')}), "");
  Envelope many{.statement = "x"};
  for (char c = '!'; many.signatures.size() <= kMaxSignatures; ++c) {
    many.signatures.push_back({key_id(fixed_key(c).public_key()), "s"});
  }
  std::ranges::sort(many.signatures, {}, &BundleSignature::key_id);
  EXPECT_NE(envelope_fault(many).find("32 signatures"), std::string::npos);
}

TEST(PolicyBundle, RefusesALineThatDoesNotEnd) {
  EXPECT_EQ(split_bundle("").error().message,
            "this is no policy bundle: its first line does not end");
  EXPECT_FALSE(split_bundle(std::string(kMaxEnvelopeBytes + 1, 'x') + "\n"));
  EXPECT_TRUE(split_bundle(std::string(kMaxEnvelopeBytes, 'x') + "\n"));
  EXPECT_EQ(split_bundle(std::string(kMaxBundleBytes + 1, '\n')).error().code,
            ErrorCode::kResourceExhausted);
}

// What is signed is what any library for DSSE makes of the first line.
TEST(PolicyBundle, SignsThePreAuthenticationEncoding) {
  EXPECT_EQ(signed_text("{}"), "DSSEv1 43 application/vnd.wardlock.policy-bundle+json 2 {}");
}

TEST(PolicyBundle, ReadsKeysInPem) {
  const std::string pem =
      "-----BEGIN PUBLIC KEY-----\n"
      "MCowBQYDK2VwAyEAgTlwfcy6rGSFy6NI7XTxF7gjuWPYe++dW1w7FVUMuYk=\n"
      "-----END PUBLIC KEY-----\n";
  const auto keys = read_public_keys(pem + pem);
  ASSERT_TRUE(keys) << keys.error().message;
  EXPECT_EQ(keys->size(), 2U);
  EXPECT_EQ(key_id(keys->front()).size(), 64U);
  EXPECT_FALSE(read_public_keys(""));
  EXPECT_FALSE(read_public_keys("no key"));
  EXPECT_FALSE(read_public_keys(pem.substr(0, 60)));
  EXPECT_FALSE(read_private_key(Secret(pem)));
  EXPECT_FALSE(read_private_key(Secret("")));
}

TEST(PolicyBundle, TakesNoOtherKindsOfKeys) {
  for (const auto type : {crypto::KeyType::kP384, crypto::KeyType::kP521, crypto::KeyType::kRsa}) {
    EXPECT_FALSE(signer_of(crypto::PrivateKey::generate(type)));
  }
}

}  // namespace
}  // namespace wardlock::bundle
