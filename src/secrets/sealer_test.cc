#include "secrets/sealer.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace wardlock::secrets {
namespace {

using crypto::SymmetricKey;

constexpr Place kPlace = {"st-mary", "answer", "42"};

SymmetricKey key(std::uint8_t seed) {
  std::array<std::uint8_t, SymmetricKey::kBytes> bytes;
  bytes.fill(seed);
  return SymmetricKey(bytes);
}

Sealer sealer(const std::vector<SymmetricKey>& keys) { return Sealer::make(keys).value(); }

Error refused(const Sealer& sealer, const Place& place, std::string_view sealed) {
  const auto opened = sealer.open(place, sealed);
  EXPECT_FALSE(opened);
  return opened ? Error{} : opened.error();
}

TEST(Sealer, OpensWhatItSealed) {
  const Sealer one = sealer({key(1)});
  for (const std::string text :
       {"", "wlk_secret", "a longer text, of more than one block of AES"}) {
    const std::string sealed = one.seal(kPlace, text);
    EXPECT_EQ(one.open(kPlace, sealed).value(), text);
    EXPECT_EQ(sealed.find("secret"), std::string::npos);
    EXPECT_NE(one.seal(kPlace, text), sealed) << "nobody sees that two are the same";
  }
}

TEST(Sealer, OpensUnderEachKeyAndSealsUnderTheFirst) {
  const std::string old = sealer({key(1)}).seal(kPlace, "old");
  const Sealer both = sealer({key(2), key(1)});
  EXPECT_EQ(both.open(kPlace, old).value(), "old");
  const std::string fresh = both.seal(kPlace, "fresh");
  EXPECT_EQ(sealer({key(2)}).open(kPlace, fresh).value(), "fresh");
  EXPECT_EQ(both.current(), key_id(key(2)));
  EXPECT_EQ(both.key_ids(), (std::vector{key_id(key(2)), key_id(key(1))}));
  EXPECT_TRUE(both.knows(key_id(key(1))));
  EXPECT_FALSE(both.knows(key_id(key(3))));
}

TEST(Sealer, AKeyThatIsNotKnownIsNamed) {
  const std::string sealed = sealer({key(1)}).seal(kPlace, "text");
  const Error error = refused(sealer({key(2)}), kPlace, sealed);
  EXPECT_EQ(error.code, ErrorCode::kFailedPrecondition);
  EXPECT_EQ(error.message, "the secret `42` of `answer` is sealed under the key `" +
                               key_id(key(1)) + "`, and known are only `" + key_id(key(2)) +
                               "`: name that key, too");
}

TEST(Sealer, WhatWasMovedIsRefused) {
  const Sealer one = sealer({key(1)});
  const std::string sealed = one.seal(kPlace, "text");
  for (const Place& place :
       {Place{"st-john", "answer", "42"}, Place{"st-mary", "seed", "42"},
        Place{"st-mary", "answer", "43"}, Place{"st-mary", "answer4", "2"}, Place{"", "", ""}}) {
    const Error error = refused(one, place, sealed);
    EXPECT_EQ(error.code, ErrorCode::kDataLoss);
    EXPECT_TRUE(error.message.contains("was sealed for another place")) << error.message;
  }
}

TEST(Sealer, WhatWasChangedIsRefused) {
  const Sealer one = sealer({key(1)});
  const std::string sealed = one.seal(kPlace, "text");
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    std::string changed = sealed;
    changed[at] ^= 1;
    EXPECT_FALSE(one.open(kPlace, changed)) << at;
  }
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_EQ(refused(one, kPlace, sealed.substr(0, size)).code, ErrorCode::kDataLoss) << size;
  }
  EXPECT_FALSE(one.open(kPlace, sealed + "x"));
}

TEST(Sealer, TheTagOfAPlaceCannotBeExchanged) {
  const Sealer one = sealer({key(1)});
  const Place other = {"st-mary", "answer", "43"};
  const std::string sealed = one.seal(kPlace, "text");
  const std::string sealed_other = one.seal(other, "text");
  // The head says the other place, the rest is of this one.
  const std::string mixed = sealed_other.substr(0, 17) + sealed.substr(17);
  EXPECT_TRUE(refused(one, other, mixed).message.contains("was changed since it was sealed"));
}

TEST(Sealer, KeysHaveNamesThatTellNothingOfThem) {
  EXPECT_EQ(key_id(key(1)).size(), 16U);
  EXPECT_NE(key_id(key(1)), key_id(key(2)));
  EXPECT_EQ(key_id(key(1)).find("0101"), std::string::npos);
}

TEST(Sealer, NeedsKeysThatDiffer) {
  EXPECT_EQ(Sealer::make({}).error().code, ErrorCode::kInvalidArgument);
  const std::vector twice = {key(1), key(2), key(1)};
  EXPECT_EQ(Sealer::make(twice).error().message, "the key `" + key_id(key(1)) + "` is named twice");
}

}  // namespace
}  // namespace wardlock::secrets
