#include "authn/federation/directory_passwords.h"

#include <chrono>
#include <utility>

#include "directory/ldap/connection.h"
#include "directory/ldap/slapd_for_test.h"
#include "directory/registry/hospital_for_test.h"
#include "x509/authority_for_test.h"

namespace wardlock::authn {
namespace {

using directory::LdapConnection;
using directory::LdapSource;
using directory::name_of;
using directory::SlapdForTest;
using directory::tested_databases;
using x509::AuthorityForTest;

constexpr char kRight[] = "correct horse";

struct Site {
  AuthorityForTest authority{"servers"};
  x509::IssuedForTest pair =
      authority.issue("localhost", "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth");
  SlapdForTest slapd{authority.certificate_file(), pair.certificate_file, pair.key_file};
};

class DirectoryPassword : public directory::HospitalForTest {
 protected:
  void SetUp() override {
    if (!directory::is_slapd_installed()) GTEST_SKIP() << "slapd is not installed";
    site_ = std::make_unique<Site>();
    source_ = site_->slapd.source();
  }

  directory::Thing linked(const std::string& user_name, const std::string& external) {
    return person(user_name, R"(,"externalId":")" + external + "\"");
  }
  directory::Thing from_there(const std::string& uid) {
    return linked(uid, "ldap:main:" + SlapdForTest::id_of(uid));
  }
  std::string check(const std::string& person, const std::string& password,
                    const LdapSource& source) {
    const DirectoryPasswords passwords(*registry_, {source}, [] { return 0; });
    const auto verdict = passwords.check("st-mary", person, Secret(password), {});
    said_ = verdict ? "" : verdict.error().message;
    if (!verdict) return std::string(to_string(verdict.error().code));
    return *verdict ? std::string(to_string(**verdict)) : "nothing";
  }
  std::string check(const std::string& person, const std::string& password) {
    return check(person, password, source_);
  }

  std::unique_ptr<Site> site_;
  LdapSource source_;
  std::string said_;  ///< by the last error
};
WARDLOCK_ON_EACH_DATABASE(DirectoryPassword);

TEST_P(DirectoryPassword, IsRightOrWrong) {
  const auto ada = from_there("ada");
  EXPECT_EQ(check(ada.id, kRight), "right") << said_;
  EXPECT_EQ(check(ada.id, "correct hors"), "wrong");
  EXPECT_EQ(check(ada.id, "*"), "wrong");
  EXPECT_EQ(check(ada.id, kRight), "right");
  EXPECT_EQ(check(ada.id, std::string(kRight) + '\0'), "wrong");
}

TEST_P(DirectoryPassword, AnEmptyOneIsWrongAndAsksNobody) {
  const auto ada = from_there("ada");
  EXPECT_EQ(check(ada.id, ""), "wrong");
  // Nor does a bind itself believe in one.
  EXPECT_EQ(
      *LdapConnection::try_password(source_, "uid=ada,ou=people,dc=example,dc=org", Secret(""), {}),
      directory::PasswordVerdict::kWrong);
  EXPECT_EQ(*LdapConnection::try_password(source_, "", Secret(kRight), {}),
            directory::PasswordVerdict::kWrong);
}

TEST_P(DirectoryPassword, WhatThePolicySaysIsToldApart) {
  const auto bo = from_there("bo");
  EXPECT_EQ(check(bo.id, "guess"), "wrong");  // a stranger learns nothing
  EXPECT_EQ(check(bo.id, kRight), "expired");
  EXPECT_EQ(check(from_there("cy").id, kRight), "must_change");
  EXPECT_EQ(check(from_there("di").id, kRight), "disabled");
  EXPECT_EQ(check(from_there("ed").id, kRight), "wrong");
}

TEST_P(DirectoryPassword, OnlyOneThatIsRightLetsIn) {
  const auto lets_in = [&](const std::string& person, const std::string& password) {
    return DirectoryPasswords(*registry_, {source_}, [] { return 0; })
        .lets_in({.tenant = "st-mary", .user_name = "typed", .person = person}, Secret(password));
  };
  const auto ada = from_there("ada");
  EXPECT_EQ(lets_in(ada.id, kRight), true);
  EXPECT_EQ(lets_in(ada.id, "guess"), false);
  EXPECT_EQ(lets_in(ada.id, ""), false);
  EXPECT_EQ(lets_in(from_there("bo").id, kRight), false);  // expired
  EXPECT_EQ(lets_in(from_there("cy").id, kRight), false);  // must be changed
  EXPECT_EQ(lets_in(from_there("di").id, kRight), false);  // disabled
  EXPECT_EQ(lets_in(person("grey").id, kRight), std::nullopt);
  source_.url = "ldaps://127.0.0.1:1";
  EXPECT_EQ(lets_in(ada.id, kRight), false);
}

TEST_P(DirectoryPassword, IsAskedForAsOftenWhereThereIsNobody) {
  const DirectoryPasswords passwords(*registry_, {source_}, [] { return 0; });
  const auto asked_for = [&](const std::string& person, const std::string& password) {
    site_->slapd.asked();
    passwords.lets_in({.tenant = "st-mary", .user_name = "typed", .person = person},
                      Secret(password));
    return site_->slapd.asked();
  };
  const std::string usual = "bind search search bind ";
  EXPECT_EQ(asked_for(from_there("ada").id, "guess"), usual);
  EXPECT_EQ(asked_for("", "guess"), usual) << "nobody";
  EXPECT_EQ(asked_for(person("grey").id, "guess"), usual) << "who did not come from there";
  EXPECT_EQ(asked_for(from_there("di").id, "guess"), usual) << "who is disabled there";
  EXPECT_EQ(asked_for(linked("gone", "ldap:main:" + SlapdForTest::id_of("zoe")).id, "guess"), usual)
      << "who is there no more";
  EXPECT_EQ(asked_for(linked("odd", "ldap:main:*").id, "guess"), usual) << "whose id is none";
  EXPECT_EQ(asked_for("", ""), "");
  EXPECT_EQ(asked_for(from_there("ed").id, ""), "");
}

TEST_P(DirectoryPassword, IsNotAskedForAgainAtOnceWhereTheDirectoryFailed) {
  const auto ada = from_there("ada");
  std::int64_t now = 0;
  LdapSource impatient = source_;
  impatient.timeout = std::chrono::milliseconds(300);
  const DirectoryPasswords passwords(*registry_, {impatient}, [&] { return now; });
  const auto lets_in = [&](const std::string& person) {
    return passwords.lets_in({.tenant = "st-mary", .user_name = "typed", .person = person},
                             Secret(kRight));
  };
  site_->slapd.freeze();
  EXPECT_EQ(lets_in(""), std::nullopt) << "nobody finds out, and nobody waits";
  site_->slapd.thaw();
  site_->slapd.asked();
  EXPECT_EQ(lets_in(ada.id), false);
  EXPECT_EQ(site_->slapd.asked(), "");
  now += 5'000;
  EXPECT_EQ(lets_in(ada.id), true);
}

TEST_P(DirectoryPassword, TellsWhosePasswordItKeeps) {
  const DirectoryPasswords passwords(*registry_, {source_}, [] { return 0; });
  EXPECT_TRUE(*passwords.keeps("st-mary", from_there("ada").id));
  EXPECT_FALSE(*passwords.keeps("st-mary", person("grey").id));
  EXPECT_FALSE(passwords.keeps("st-mary", role("nurse").id));
  EXPECT_FALSE(passwords.keeps("st-john", person("lee").id));
}

TEST_P(DirectoryPassword, TooManyTriesLockIt) {
  const auto ada = from_there("ada");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(check(ada.id, "guess"), "wrong");
  EXPECT_EQ(check(ada.id, kRight), "locked");
}

TEST_P(DirectoryPassword, IsOfWhoCameFromThere) {
  EXPECT_EQ(check(person("grey").id, kRight), "nothing");
  EXPECT_EQ(check(linked("lee", "ada").id, kRight), "nothing");
  EXPECT_EQ(check(linked("two", "ldap:other:" + SlapdForTest::id_of("ada")).id, kRight), "nothing");
  EXPECT_EQ(check("no-such-person", kRight), "not_found");
  EXPECT_EQ(check(role("nurse").id, kRight), "not_found");
  source_.tenant = "st-john";
  EXPECT_EQ(check(from_there("ada").id, kRight), "nothing");
}

TEST_P(DirectoryPassword, AnIdIsNoFilter) {
  int next = 0;
  for (const char* id : {"*", "x)(uid=ada", "00000000-0000-4000-8000-0000000000*"}) {
    const auto odd = linked("odd-" + std::to_string(++next), std::string("ldap:main:") + id);
    EXPECT_EQ(check(odd.id, kRight), "wrong") << id;
  }
}

TEST_P(DirectoryPassword, WhoIsNotAmongThePeopleAnyMoreIsNotLetIn) {
  const auto ada = from_there("ada");
  LdapSource narrow = source_;
  narrow.filter = "(&(objectClass=inetOrgPerson)(title=physician))";
  EXPECT_EQ(check(ada.id, kRight, narrow), "wrong");
  write([&](directory::Edit& edit) -> Result<void> {
    TRY_VOID(edit.set_state(ada.id, {}, "suspended"));
    return {};
  });
  EXPECT_EQ(check(ada.id, kRight), "disabled");
}

TEST_P(DirectoryPassword, NobodyIsLetInByAFault) {
  const auto ada = from_there("ada");
  const AuthorityForTest stranger("servers");
  LdapSource other = source_;
  other.ca_file = stranger.certificate_file();
  EXPECT_EQ(check(ada.id, kRight, other), "unavailable");  // not who it says it is
  other = source_;
  other.url = "ldap" + source_.url.substr(5);  // StartTLS, where TLS is spoken at once
  other.timeout = std::chrono::milliseconds(300);
  EXPECT_EQ(check(ada.id, kRight, other), "unavailable");
  other = source_;
  other.url = "ldaps://127.0.0.1:1";
  EXPECT_EQ(check(ada.id, kRight, other), "unavailable");
  other = source_;
  other.password_file = "/no/such/file";
  EXPECT_NE(check(ada.id, kRight, other), "right");
}

TEST_P(DirectoryPassword, ADirectoryThatHangsIsNotWaitedForForLong) {
  const auto ada = from_there("ada");
  LdapSource impatient = source_;
  impatient.timeout = std::chrono::milliseconds(300);
  site_->slapd.freeze();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(check(ada.id, kRight, impatient), "unavailable");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
  site_->slapd.thaw();
  EXPECT_EQ(check(ada.id, kRight), "right");
}

}  // namespace
}  // namespace wardlock::authn
