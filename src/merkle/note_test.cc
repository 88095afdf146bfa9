#include "merkle/note.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "merkle/cosignature.h"
#include "merkle/note_key.h"

namespace wardlock::merkle {
namespace {

// What golang.org/x/mod/sumdb/note shows as its example.
constexpr std::string_view kSecret =
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
constexpr std::string_view kPublic =
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
constexpr std::string_view kOtherPublic =
    "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
constexpr std::string_view kText =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n";
constexpr std::string_view kSignature =
    "— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    "\n";
constexpr std::string_view kOtherSignature =
    "— EnochRoot "
    "rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ="
    "\n";

std::string text_of(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += part;
  return text;
}
std::string example() { return text_of({kText, "\n", kSignature}); }
VerifierKey key(std::string_view text) {
  const auto parsed = VerifierKey::parse(text);
  EXPECT_TRUE(parsed) << parsed.error().message;
  return *parsed;
}
std::vector<VerifierKey> keys(std::initializer_list<std::string_view> texts) {
  std::vector<VerifierKey> made;
  for (const std::string_view text : texts) made.push_back(key(text));
  return made;
}

TEST(NoteKey, IsReadAndWrittenAsOthersDo) {
  const auto signer = SignerKey::parse(kSecret);
  ASSERT_TRUE(signer) << signer.error().message;
  EXPECT_EQ(signer->secret_text(), kSecret);
  EXPECT_EQ(signer->verifier().text(), kPublic);
  EXPECT_EQ(signer->verifier(), key(kPublic));
  EXPECT_EQ(key(kPublic).name(), "PeterNeumann");
  EXPECT_EQ(key(kPublic).id(), 0xc74f20a3U);
  EXPECT_EQ(key(kPublic).type(), SignatureType::kEd25519);
}

TEST(NoteKey, IsNotReadWhereItIsMalformed) {
  for (const std::string_view text :
       {"", "PeterNeumann", "PeterNeumann+c74f20a3", "PeterNeumann+c74f20a3+",
        "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a30+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+0xc74f20+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWAA==",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq_LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n",
        "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"}) {
    EXPECT_FALSE(VerifierKey::parse(text)) << text;
  }
}

TEST(NoteKey, OfATypeThatIsNotSupportedSaysSo) {
  const auto unknown =
      VerifierKey::parse("PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
  EXPECT_EQ(unknown.error().code, ErrorCode::kUnimplemented);
  const auto ml_dsa = VerifierKey::make("w", SignatureType::kMlDsa44Cosignature, {});
  EXPECT_EQ(ml_dsa.error().code, ErrorCode::kUnimplemented);
  EXPECT_NE(ml_dsa.error().message.find("ML-DSA-44"), std::string::npos);
  EXPECT_FALSE(SignerKey::generate("w", SignatureType::kEcdsa));
  // One of ML-DSA-44 has 1,312 bytes; what is wrong with it is its type.
  const auto long_key = VerifierKey::parse("w+00000000+Bg==");
  EXPECT_EQ(long_key.error().code, ErrorCode::kUnimplemented);
}

TEST(NoteKey, ThatIsSecretStaysOutOfErrors) {
  std::string wrong(kSecret);
  wrong[29] = '0';
  for (const std::string& text :
       {wrong, std::string(kSecret) + "=", std::string(kSecret).substr(3)}) {
    const auto signer = SignerKey::parse(text);
    ASSERT_FALSE(signer);
    EXPECT_EQ(signer.error().message.find("AYEKFALV"), std::string::npos);
  }
}

TEST(NoteKey, HasANameWithoutSpacesAndPlus) {
  for (const std::string_view name : {"a", "example.com/log", "Ünïcode", "例.com/ログ", "-"}) {
    EXPECT_TRUE(is_key_name(name)) << name;
    EXPECT_TRUE(SignerKey::generate(name, SignatureType::kEd25519)) << name;
  }
  for (const std::string_view name :
       {"", " ", "a b", "a+b", "a\n", "a\tb", "a\x01", "\xff", "a\u0085", "a\u00a0b", "\u1680",
        "\u2000", "\u200a", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"}) {
    EXPECT_FALSE(is_key_name(name)) << name;
    EXPECT_FALSE(SignerKey::generate(name, SignatureType::kEd25519)) << name;
  }
}

TEST(Note, IsSignedAndVerifiedAsOthersDo) {
  const auto signer = SignerKey::parse(kSecret);
  const UnverifiedNote note{std::string(kText), {signer->sign(kText, 0)}};
  EXPECT_EQ(format_note(note), example());
  const auto parsed = parse_note(example());
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, note);
  const auto verified = verify_note(*parsed, keys({kPublic}));
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->text(), kText);
  ASSERT_EQ(verified->signatures().size(), 1U);
  EXPECT_EQ(verified->signatures()[0].key, key(kPublic));
  EXPECT_FALSE(verified->signatures()[0].unix_seconds);
}

TEST(Note, MayHaveSeveralSignaturesAndUnknownOnes) {
  const auto note = parse_note(text_of({kText, "\n", kSignature, kOtherSignature}));
  ASSERT_TRUE(note);
  EXPECT_EQ(verify_note(*note, keys({kPublic, kOtherPublic}))->signatures().size(), 2U);
  const auto one = verify_note(*note, keys({kOtherPublic}));
  ASSERT_EQ(one->signatures().size(), 1U);
  EXPECT_EQ(one->signatures()[0].key.name(), "EnochRoot");
  EXPECT_EQ(verify_note(*note, {}).error().code, ErrorCode::kUnauthenticated);
}

TEST(Note, CountsASignatureThatIsThereTwiceOnce) {
  const auto note = parse_note(text_of({kText, "\n", kSignature, kSignature}));
  EXPECT_EQ(verify_note(*note, keys({kPublic}))->signatures().size(), 1U);
}

TEST(Note, OfAKeyOfOnlyTheSameNameOrIdIsUnknown) {
  auto note = *parse_note(example());
  note.signatures[0].key_name = "Peter";
  EXPECT_EQ(verify_note(note, keys({kPublic})).error().message,
            "no key that is trusted has signed the note");
  note = *parse_note(example());
  note.signatures[0].key_id ^= 1;
  EXPECT_EQ(verify_note(note, keys({kPublic})).error().message,
            "no key that is trusted has signed the note");
}

TEST(Note, WithAWrongSignatureOfAKnownKeyIsRefusedWhole) {
  for (const std::string_view first : {kSignature, kOtherSignature}) {
    const std::string_view second = first == kSignature ? kOtherSignature : kSignature;
    auto note = *parse_note(text_of({kText, "\n", first, second}));
    note.signatures[0].bytes[3] ^= 1;
    const auto verified = verify_note(note, keys({kPublic, kOtherPublic}));
    ASSERT_FALSE(verified);
    EXPECT_EQ(verified.error().code, ErrorCode::kUnauthenticated);
    EXPECT_NE(verified.error().message.find("is wrong"), std::string::npos);
  }
  // Also where the same key's first signature was right.
  auto note = *parse_note(text_of({kText, "\n", kSignature, kSignature}));
  note.signatures[1].bytes[3] ^= 1;
  EXPECT_FALSE(verify_note(note, keys({kPublic})));
}

TEST(Note, IsRefusedWithAnyBitFlipped) {
  const std::vector<VerifierKey> known = keys({kPublic});
  const std::string bytes = example();
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    std::string changed = bytes;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);
    const auto note = parse_note(changed);
    EXPECT_FALSE(note && verify_note(*note, known)) << bit;
  }
}

TEST(Note, IsSplitAtItsLastEmptyLine) {
  const auto signer = SignerKey::parse(kSecret);
  for (const std::string_view text : {"\n", "\n\n", "a\n\nb\n", "a\n\n", "\na\n",
                                      "— not a signature\n", "a\n\n— PeterNeumann x08g\n"}) {
    const auto bytes = format_note({std::string(text), {signer->sign(text, 0)}});
    ASSERT_TRUE(bytes) << text;
    const auto note = parse_note(*bytes);
    ASSERT_TRUE(note) << text;
    EXPECT_EQ(note->text, text);
    EXPECT_TRUE(verify_note(*note, keys({kPublic})));
  }
}

TEST(Note, IsNotReadWhereItIsMalformed) {
  const std::string good = example();
  const std::string text(kText), line(kSignature);
  const std::string name_and_base64 = line.substr(std::string_view("— ").size());
  for (const std::string& bytes : {
           std::string(),
           std::string("\n"),
           std::string("\n\n"),
           text,
           text + "\n",
           line,
           text + line,
           text + "\n\n" + line.substr(0, line.size() - 1),
           good.substr(0, good.size() - 1),
           good + "\n",
           good + "x",
           good + "\nx\n",
           text + "\n" + "- " + name_and_base64,
           text + "\n" + "—" + name_and_base64,
           text + "\n" + "—  " + name_and_base64,
           text + "\n " + line,
           text + "\n— PeterNeumann\n",
           text + "\n— PeterNeumann \n",
           text + "\n—  x08go/ZJ\n",
           text + "\n— PeterNeumann x08go/Z\n",
           text + "\n— PeterNeumann x08go_ZJ\n",
           text + "\n— PeterNeumann x08goA==\n",
           text + "\n— PeterNeumann x08go/ZJ \n",
           text + "\n— PeterNeumann  x08go/ZJ\n",
           text + "\n— Peter+Neumann x08go/ZJ\n",
           text + "\n— Peter\u00a0Neumann x08go/ZJ\n",
           text + "\n— PeterNeumann x08go/ZJ\r\n",
           "a\r\n\n" + line,
           "a\tb\n\n" + line,
           "\xff\n\n" + line,
           "a\0b\n\n" + line + '\0',
       }) {
    EXPECT_FALSE(parse_note(bytes)) << bytes;
  }
}

TEST(Note, HasLimits) {
  std::string bytes = text_of({kText, "\n"});
  for (std::size_t i = 0; i < kMaxNoteSignatures; ++i) bytes += kSignature;
  EXPECT_TRUE(parse_note(bytes));
  bytes += kSignature;
  EXPECT_EQ(parse_note(bytes).error().code, ErrorCode::kResourceExhausted);
  const std::string large(kMaxNoteBytes, 'a');
  EXPECT_EQ(parse_note(text_of({large, "\n\n", kSignature})).error().code,
            ErrorCode::kResourceExhausted);
}

TEST(Note, IsNotWrittenWhereItCouldNotBeRead) {
  const NoteSignature signature = parse_note(example())->signatures[0];
  EXPECT_FALSE(format_note({"no newline", {signature}}));
  EXPECT_FALSE(format_note({"", {signature}}));
  EXPECT_FALSE(format_note({"a\n", {}}));
  EXPECT_FALSE(format_note({"a\tb\n", {signature}}));
  EXPECT_FALSE(format_note({"a\n", {{"two words", 1, "s"}}}));
  EXPECT_FALSE(format_note({"a\n", {{"name", 1, ""}}}));
  EXPECT_FALSE(format_note({"a\n", {{"name\n", 1, "s"}}}));
}

TEST(Signatures, AreReadAsAWitnessReturnsThem) {
  EXPECT_EQ(parse_signatures(text_of({kSignature, kOtherSignature}))->size(), 2U);
  EXPECT_TRUE(parse_signatures("")->empty());
  EXPECT_FALSE(parse_signatures("\n"));
  EXPECT_FALSE(parse_signatures(kSignature.substr(0, kSignature.size() - 1)));
}

TEST(Cosignature, SignsTheTimeAndTheText) {
  EXPECT_EQ(cosigned_message(1'679'315'147, "example.com/behind-the-sofa\n20852163\nroot\n"),
            "cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\nroot\n");
}

// The cosignature in C2SP tlog-cosignature's example.
TEST(Cosignature, IsATimeAndASignature) {
  const auto signatures = parse_signatures(
      "— witness.example.com/w1 "
      "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+"
      "mbIUBkBIfZ+qnA==\n");
  ASSERT_TRUE(signatures);
  const std::string& bytes = signatures->front().bytes;
  const auto cosignature = timestamped_signature(bytes);
  ASSERT_TRUE(cosignature);
  EXPECT_EQ(cosignature->unix_seconds, 1'679'315'147U);
  EXPECT_EQ(to_bytes(*cosignature), bytes);
  EXPECT_FALSE(timestamped_signature(bytes + "x"));
  EXPECT_FALSE(timestamped_signature(bytes.substr(1)));
  EXPECT_FALSE(timestamped_signature(""));
  EXPECT_FALSE(timestamped_signature("\x80" + bytes.substr(1)));
}

TEST(Cosignature, IsVerifiedWithItsTime) {
  const auto witness = SignerKey::generate("witness.example/w", SignatureType::kEd25519Cosignature);
  ASSERT_TRUE(witness);
  UnverifiedNote note{std::string(kText), {witness->sign(kText, 1'679'315'147)}};
  const std::vector<VerifierKey> known = {witness->verifier()};
  const auto verified = verify_note(note, known);
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified->signatures()[0].unix_seconds, 1'679'315'147U);
  for (std::size_t at = 0; at < note.signatures[0].bytes.size(); ++at) {
    UnverifiedNote changed = note;
    changed.signatures[0].bytes[at] ^= 1;
    EXPECT_FALSE(verify_note(changed, known)) << at;
  }
  note.text += "more\n";
  EXPECT_FALSE(verify_note(note, known));
}

TEST(Cosignature, IsNoSignatureOfTheSameKeyUnderAnotherType) {
  const auto witness = SignerKey::generate("w", SignatureType::kEd25519Cosignature);
  const auto plain =
      VerifierKey::make("w", SignatureType::kEd25519, witness->verifier().public_key());
  EXPECT_NE(plain->id(), witness->verifier().id());
  NoteSignature signature = witness->sign(kText, 1);
  EXPECT_FALSE(plain->verifies(kText, signature));
  signature.key_id = plain->id();
  EXPECT_FALSE(plain->verifies(kText, signature));
}

}  // namespace
}  // namespace wardlock::merkle
