#include "directory/identifier/email.h"

#include <gtest/gtest.h>

#include <string>

#include "directory/identifier/domain_name.h"

namespace wardlock::directory {
namespace {

std::string normal(std::string_view text) {
  const auto address = normalise_email(text);
  return address ? *address : "refused: " + address.error().front().message;
}

void expect_refused(std::string_view text, std::uint32_t place, std::string_view why) {
  const auto address = normalise_email(text);
  ASSERT_FALSE(address) << text << " is " << *address;
  const Diagnostic& first = address.error().front();
  EXPECT_TRUE(first.message.contains(why)) << text << ": " << first.message;
  EXPECT_EQ(first.span.begin, place) << text;
  EXPECT_LE(first.span.end, text.size());
  EXPECT_FALSE(first.help.empty());
}

TEST(Email, ThoseThatAreTheSameHaveOneForm) {
  EXPECT_EQ(normal("lee@hospital.example"), "lee@hospital.example");
  EXPECT_EQ(normal(" Anna.Lee@Hospital.EXAMPLE\n"), "anna.lee@hospital.example");
  EXPECT_EQ(normal("lee+ward7@hospital.example"), "lee+ward7@hospital.example");
  EXPECT_EQ(normal("lee@hospital.example."), "lee@hospital.example");
  EXPECT_EQ(normal("lee@Krankenh\u00E4user.example"), "lee@xn--krankenhuser-ncb.example");
  EXPECT_EQ(normal("lee@krankenha\u0308user.example"), "lee@xn--krankenhuser-ncb.example");
  EXPECT_EQ(normal("lee@XN--krankenhuser-ncb.example"), "lee@xn--krankenhuser-ncb.example");
  EXPECT_EQ(normal("lee@fa\u00DF.example"), "lee@xn--fa-hia.example");
  EXPECT_EQ(normal("lee@\u75C5\u9662\u3002example"), "lee@xn--0rys90e.example");
  EXPECT_EQ(normal("o'brien@intranet"), "o'brien@intranet");
}

TEST(Email, RefusesAFaultInFrontOfTheAt) {
  expect_refused("", 0, "there is no e-mail address");
  expect_refused("lee", 0, "there is no @");
  expect_refused("@hospital.example", 0, "nothing in front");
  expect_refused("a b@hospital.example", 1, "this sign may not stand");
  expect_refused("\"a b\"@hospital.example", 0, "this sign may not stand");
  expect_refused("a@b@hospital.example", 1, "this sign may not stand");
  expect_refused("<lee@hospital.example>", 0, "this sign may not stand");
  expect_refused("l\u00E9e@hospital.example", 1, "this sign may not stand");
  expect_refused("lee\x01@hospital.example", 3, "this sign may not stand");
  expect_refused(".lee@hospital.example", 0, "a full stop");
  expect_refused("lee.@hospital.example", 3, "a full stop");
  expect_refused("anna..lee@hospital.example", 4, "a full stop");
  expect_refused(std::string(65, 'a') + "@hospital.example", 64, "too much in front");
  expect_refused(std::string(255, 'a'), 254, "too long");
}

TEST(Email, RefusesAFaultBehindTheAt) {
  expect_refused("lee@", 4, "is empty");
  expect_refused("lee@.", 4, "is empty");
  expect_refused("lee@a..example", 4, "a part of it is empty");
  expect_refused("lee@-a.example", 4, "begins or ends with a hyphen");
  expect_refused("lee@a-.example", 4, "begins or ends with a hyphen");
  expect_refused("lee@ab--c.example", 4, "third and fourth place");
  expect_refused("lee@a_b.example", 4, "no domain's name may");
  expect_refused("lee@a b.example", 4, "no domain's name may");
  expect_refused("lee@a<b.example", 4, "no domain's name may");
  expect_refused("lee@a\u202Eb.example", 4, "no domain's name may");
  expect_refused("lee@xn--\u00E4.example", 4, "means nothing");
  expect_refused("lee@xn--a-.example", 4, "means nothing");
  expect_refused("lee@[192.0.2.1]", 4, "no domain's name may");
  expect_refused("lee@192.0.2.1", 4, "begins with a digit");
  expect_refused("lee@\u05D0a.example", 4, "mixes directions");
  expect_refused("lee@" + std::string(64, 'a') + ".example", 4, "more than 63");
}

TEST(DomainName, HasALimit) {
  std::string name;
  while (name.size() < 250) name += "aaaaaaaaa.";
  EXPECT_EQ(ascii_domain_name(name + "aaa").value().size(), 253U);
  EXPECT_FALSE(ascii_domain_name(name + "aaaa"));
  EXPECT_FALSE(ascii_domain_name(std::string(1'000'000, 'a')));
}

}  // namespace
}  // namespace wardlock::directory
