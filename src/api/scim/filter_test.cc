#include "api/scim/filter.h"

#include <gtest/gtest.h>

#include <string>

namespace wardlock::scim {
namespace {

using std::string_literals::operator""s;

std::string printed(std::string_view text, const FilterLimits& limits = {}) {
  const auto filter = parse_filter(text, limits);
  return filter ? to_string(*filter) : "refused: " + filter.error().message;
}

/// RFC 7643, 8.2, shortened.
const boost::json::object& barbara() {
  static const codec::Json user = codec::parse_json(R"({
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User",
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
    "userName": "bjensen@example.com", "title": "Tour Guide", "userType": "Employee",
    "active": true, "loginCount": 12, "nickName": null, "roles": [],
    "name": {"familyName": "Jensen", "givenName": "Barbara"},
    "emails": [{"value": "bjensen@example.com", "type": "work", "primary": true},
               {"value": "babs@jensen.org", "type": "home"}],
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
      "employeeNumber": "701984", "manager": {"value": "26118915"}},
    "meta": {"resourceType": "User", "lastModified": "2011-05-13T04:42:34Z"}})")
                                      .value();
  return user.as_object();
}

bool holds(std::string_view text) {
  const auto filter = parse_filter(text);
  EXPECT_TRUE(filter) << text << ": " << filter.error().message;
  if (!filter) return false;
  const auto again = parse_filter(to_string(*filter));
  EXPECT_TRUE(again) << to_string(*filter);
  EXPECT_EQ(to_string(*again), to_string(*filter));
  EXPECT_EQ(matches(*again, barbara()), matches(*filter, barbara()));
  return matches(*filter, barbara());
}

TEST(Filter, TheExamplesOfRfc7644AreReadAndPrinted) {
  for (
      const char* text : {
          R"(userName eq "bjensen")",
          R"(name.familyName co "O'Malley")",
          R"(userName sw "J")",
          R"(urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J")",
          R"(title pr)",
          R"(meta.lastModified gt "2011-05-13T04:42:34Z")",
          R"(title pr and userType eq "Employee")",
          R"(title pr or userType eq "Intern")",
          R"(schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")",
          R"(userType eq "Employee" and (emails co "example.com" or emails.value co "example.org"))",
          R"(userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org"))",
          R"(userType eq "Employee" and emails[type eq "work" and value co "@example.com"])",
          R"(emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"])",
      }) {
    EXPECT_EQ(printed(text), text);
  }
}

TEST(Filter, AndBindsMoreThanOrAndNotMost) {
  EXPECT_EQ(printed("a pr or b pr and c pr"), "a pr or b pr and c pr");
  EXPECT_EQ(printed("(a pr or b pr) and c pr"), "(a pr or b pr) and c pr");
  EXPECT_EQ(printed("a pr or (b pr and c pr)"), "a pr or b pr and c pr");
  EXPECT_EQ(printed("not (a pr) and b pr"), "not (a pr) and b pr");
  EXPECT_EQ(printed("((a pr))"), "a pr");
  EXPECT_EQ(printed("a pr and (b pr and c pr)"), "a pr and (b pr and c pr)");
  EXPECT_TRUE(holds(R"(active eq true or title eq "x" and title eq "y")"));
  EXPECT_FALSE(holds(R"((active eq true or title eq "x") and title eq "y")"));
}

TEST(Filter, WordsHaveNoCase) {
  EXPECT_EQ(printed("Title PR AND NOT(userType EQ \"Intern\")"),
            "Title pr and not (userType eq \"Intern\")");
  EXPECT_EQ(printed("not eq 5"), "not eq 5");
}

TEST(Filter, ValuesAreThoseOfJson) {
  EXPECT_EQ(printed(R"(a eq "\u00e9\"\\")"), R"(a eq "é\"\\")"s);
  EXPECT_EQ(printed("a eq -12"), "a eq -12");
  EXPECT_EQ(printed("a eq 2.50"), "a eq 2.5");
  EXPECT_EQ(printed("a eq 5e0"), "a eq 5.0");
  EXPECT_EQ(printed("a eq 99999999999999999999999999999999999999"), "a eq 1e+38");
  EXPECT_EQ(printed("a ge 9999990000000000000000001684407562"), "a ge 9.99999e+33");
  EXPECT_EQ(printed("(a eq true)"), "a eq true");
  EXPECT_EQ(printed("a[b eq null]"), "a[b eq null]");
}

TEST(Filter, ComparesAsTheRfcSays) {
  EXPECT_TRUE(holds(R"(userName eq "BJensen@example.com")"));
  EXPECT_TRUE(holds(R"(USERNAME sw "bj")"));
  EXPECT_TRUE(holds(R"(name.familyName co "ense")"));
  EXPECT_TRUE(holds(R"(emails ew "jensen.org")"));
  EXPECT_TRUE(holds(R"(emails.type eq "home")"));
  EXPECT_TRUE(holds("loginCount gt 11.5 and loginCount le 12 and loginCount ge 12"));
  EXPECT_TRUE(holds(R"(meta.lastModified lt "2011-05-13T04:42:35Z")"));
  EXPECT_TRUE(holds(R"(title ne "Nurse")"));
  EXPECT_TRUE(holds(R"(nickName ne "Babs" and nickName eq null and title ne null)"));
  EXPECT_TRUE(holds("name pr and emails pr and emails.primary pr"));
  EXPECT_TRUE(holds(R"(emails[type eq "work" and value sw "bj"])"));
  EXPECT_TRUE(holds(
      R"(urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber eq "701984")"));
  EXPECT_TRUE(holds(
      R"(urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "26118915")"));
  EXPECT_TRUE(holds(R"(urn:ietf:params:scim:schemas:core:2.0:User:userName sw "b")"));
}

TEST(Filter, DoesNotMatchWhatIsNotSo) {
  EXPECT_FALSE(holds(R"(emails[type eq "home" and value sw "bj"])"));
  EXPECT_FALSE(holds(R"(title eq "Tour")"));
  EXPECT_FALSE(holds("loginCount eq \"12\""));
  EXPECT_FALSE(holds("active eq false"));
  EXPECT_FALSE(holds("active ne true"));
  EXPECT_FALSE(holds("loginCount co \"1\""));
  EXPECT_FALSE(holds("nickName pr or roles pr or phoneNumbers pr"));
  EXPECT_FALSE(holds("userName.value pr"));
  EXPECT_FALSE(holds("not (title pr)"));
  EXPECT_FALSE(holds(R"(phoneNumbers[type eq "work"])"));
  EXPECT_FALSE(holds(R"(title gt "Z")"));
}

struct Refused {
  std::string text;
  std::string message;
};

TEST(Filter, SaysWhereAFilterGoesWrong) {
  const Refused cases[] = {
      {"", "character 1: expected the name of an attribute"},
      {"   ", "character 4: expected the name of an attribute"},
      {"userName", "character 9: expected a blank and an operator"},
      {"userName ", "character 10: `` is no operator"},
      {"userName is \"x\"", "character 10: `is` is no operator; there are eq, ne"},
      {"userName eq", "character 12: expected a blank and a value"},
      {"userName eq ", "character 13: expected a string in double quotes"},
      {"userName eq x", "character 13: expected a string in double quotes"},
      {"userName eq 'x'", "character 13: expected a string in double quotes"},
      {"userName eq True", "character 13: expected a string in double quotes"},
      {"userName eq \"x", "character 13: this string does not end"},
      {"userName eq \"x\\\"", "character 13: this string does not end"},
      {"userName eq \"\\x\"", "character 13: expected a string"},
      {"userName eq \"\\ud800\"", "character 13: expected a string"},
      {"userName eq {}", "character 13: expected a string"},
      {"userName eq []", "character 13: expected a string"},
      {"userName eq 01", "character 13: expected a string"},
      {"a gt 1e999", "character 6: this number is too large"},
      {"userName eq\"x\"", "character 12: expected a blank and a value"},
      {"userName eq \"x\" userType pr", "character 17: expected `and`, `or` or the end"},
      {"userName eq \"x\" and", "character 20: expected the name of an attribute"},
      {"and userName pr", "character 5: `userName` is no operator"},
      {"userName pr or or title pr", "character 19: `title` is no operator"},
      {"(userName pr", "character 13: expected `)`"},
      {"userName pr)", "character 12: expected `and`, `or` or the end"},
      {"()", "character 2: expected the name of an attribute"},
      {"emails[]", "character 8: expected the name of an attribute"},
      {"emails[type pr", "character 15: expected `]`"},
      {"emails[type pr].value pr", "character 16: expected `and`, `or` or the end"},
      {"emails[type[a pr] pr]", "character 12: a value's filter holds no other"},
      {"active gt true", "character 11: `gt` compares with a string or a number"},
      {"active le null", "character 11: `le` compares with a string or a number"},
      {"active co 5", "character 11: `co` compares with a string"},
      {"5user pr", "character 1: `5user` is no attribute's name"},
      {"name. pr", "character 1: `` is no sub-attribute's name"},
      {"name.a.b pr", "character 1: `a.b` is no sub-attribute's name"},
      {".a pr", "character 1: `` is no attribute's name"},
      {"http:a:b pr", "character 1: `http:a` is no schema"},
      {"urn:a pr", "character 1: `urn` is no schema"},
      {"urn:x: pr", "character 1: `` is no attribute's name"},
      {"n\u00E4me pr", "character 2: expected a blank and an operator"},
      {"\u00E4 pr", "character 1: expected the name of an attribute"},
      {"a eq \"\u00E4\" \u00E4", "character 10: expected `and`, `or`"},
      {"a eq \"\xff\"", "character 7: this is not UTF-8"},
      {"a pr; drop table users", "character 5: expected `and`, `or`"},
      {"a\tpr", "character 2: expected a blank and an operator"},
  };
  for (const Refused& each : cases) {
    const auto filter = parse_filter(each.text);
    ASSERT_FALSE(filter) << each.text << " is " << to_string(*filter);
    EXPECT_EQ(filter.error().type, ErrorType::kInvalidFilter);
    EXPECT_TRUE(filter.error().message.starts_with(each.message))
        << each.text << ": " << filter.error().message;
  }
}

TEST(Filter, HasLimits) {
  const std::string deep(20, '(');
  EXPECT_EQ(printed(deep + "a pr" + std::string(20, ')')), "a pr");
  EXPECT_TRUE(printed("(" + deep + "a pr" + std::string(21, ')')).contains("more than 20 deep"));
  EXPECT_TRUE(printed(std::string(8000, '(')).contains("more than 20 deep"));
  EXPECT_TRUE(printed(std::string(8193, ' ')).contains("at most 8192 bytes"));
  std::string many = "a pr";
  for (int i = 1; i < 200; ++i) many += " or a pr";
  EXPECT_EQ(printed(many), many);
  EXPECT_TRUE(printed(many + " or a pr").contains("at most 200 comparisons"));
  std::string wide = "(a pr)";
  for (int i = 1; i < 50; ++i) wide += " or (a pr)";
  EXPECT_FALSE(printed(wide).contains("refused"));
}

}  // namespace
}  // namespace wardlock::scim
