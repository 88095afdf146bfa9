#include "directory/identifier/udi.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "directory/identifier/check_character.h"

namespace wardlock::directory {
namespace {

using std::string_literals::operator""s;

constexpr std::chrono::year kToday{2026};

/// Each part as `name=value`, a date as it is understood.
std::vector<std::string> described(const Udi& udi) {
  std::vector<std::string> parts;
  for (const UdiPart& part : udi.parts) {
    parts.push_back(part.name + "=" + (part.date ? to_string(*part.date) : part.value));
  }
  return parts;
}

struct Sound {
  std::string text;
  std::string normal;
  std::vector<std::string> parts;
};

std::ostream& operator<<(std::ostream& out, const Sound& sound) { return out << sound.text; }

class SoundUdi : public testing::TestWithParam<Sound> {};

TEST_P(SoundUdi, IsUnderstoodAndItsNormalFormSaysTheSame) {
  const auto udi = parse_udi(GetParam().text, kToday);
  ASSERT_TRUE(udi) << GetParam().text << ": " << udi.error().front().message;
  EXPECT_EQ(udi->text, GetParam().normal);
  EXPECT_EQ(described(*udi), GetParam().parts);
  const auto again = parse_udi(udi->text, kToday);
  ASSERT_TRUE(again) << udi->text;
  EXPECT_EQ(again->text, udi->text);
  EXPECT_EQ(again->parts.size(), udi->parts.size());
  EXPECT_EQ(again->device_identifier(), udi->device_identifier());
}

const std::string kFullGs1 = "(01)51022222233336(11)141231(17)150707(10)A213B1(21)1234";
const std::vector<std::string> kFullGs1Parts = {
    "GTIN=51022222233336", "date of manufacture=2014-12-31", "date of expiry=2015-07-07",
    "lot=A213B1", "serial number=1234"};

INSTANTIATE_TEST_SUITE_P(
    Gs1, SoundUdi,
    testing::Values(
        Sound{kFullGs1, kFullGs1, kFullGs1Parts},
        Sound{"(01) 51022222233336 (21) 1234 (10) A213B1 (17) 150707 (11) 141231", kFullGs1,
              kFullGs1Parts},
        Sound{"]C10151022222233336111412311715070710A213B1\x1d"s + "211234", kFullGs1,
              kFullGs1Parts},
        Sound{"]d2\x1d"s + "0151022222233336111412311715070710A213B1\x1d"s + "211234\x1d\n",
              kFullGs1, kFullGs1Parts},
        Sound{"0109506000134352", "(01)09506000134352", {"GTIN=09506000134352"}},
        Sound{"09506000134352", "(01)09506000134352", {"GTIN=09506000134352"}},
        Sound{"00844588003288", "(01)00844588003288", {"GTIN=00844588003288"}},
        Sound{"10614141007346", "(01)10614141007346", {"GTIN=10614141007346"}},
        Sound{"9506000134352", "(01)09506000134352", {"GTIN=09506000134352"}},
        Sound{"(01)09506000134352(17)270200(8012)2.4.1",
              "(01)09506000134352(17)270200(8012)2.4.1",
              {"GTIN=09506000134352", "date of expiry=2027-02", "software version=2.4.1"}},
        Sound{"(01)09506000134352(7003)2702281430",
              "(01)09506000134352(7003)2702281430",
              {"GTIN=09506000134352", "date and time of expiry=2027-02-28T14:30"}},
        Sound{"(01)09506000134352(10)A(x)B",
              "(01)09506000134352(10)A(x)B",
              {"GTIN=09506000134352", "lot=A(x)B"}}));

INSTANTIATE_TEST_SUITE_P(
    Hibcc, SoundUdi,
    testing::Values(
        Sound{"+A123BJC5D6E71G",
              "+A123BJC5D6E71G",
              {"labeler, product, unit of measure=A123BJC5D6E71"}},
        Sound{"*+A123BJC5D6E71G*",
              "+A123BJC5D6E71G",
              {"labeler, product, unit of measure=A123BJC5D6E71"}},
        Sound{"]C0+A123ABCDEFGHI1234567891E",
              "+A123ABCDEFGHI1234567891E",
              {"labeler, product, unit of measure=A123ABCDEFGHI1234567891"}},
        Sound{"+X999123ABC0/$$31905151234AB/S5678EDFG/16D20151001J",
              "+X999123ABC0/$$31905151234AB/S5678EDFG/16D20151001J",
              {"labeler, product, unit of measure=X999123ABC0", "date of manufacture=2015-10-01",
               "date of expiry=2019-05-15", "lot=1234AB", "serial number=5678EDFG"}},
        Sound{"+H123PARTNO1234567890120/$$420020216LOT123456789012345/SXYZ456789012345678/"
              "16D20130202H",
              "+H123PARTNO1234567890120/$$420020216LOT123456789012345/SXYZ456789012345678/"
              "16D20130202H",
              {"labeler, product, unit of measure=H123PARTNO1234567890120",
               "date of manufacture=2013-02-02", "date of expiry=2020-02-02T16",
               "lot=LOT123456789012345", "serial number=XYZ456789012345678"}}));

const std::string kFullIccbba =
    "=/A9999XYZ100T0944=,000025=A99971312345600=>014032=}013032&,1000000000000XYZ123";
const std::string kOrderedIccbba =
    "=/A9999XYZ100T0944=}013032=>014032&,1000000000000XYZ123=,000025=A99971312345600";
const std::vector<std::string> kFullIccbbaParts = {"processor and product=A9999XYZ100T0944",
                                                   "date of manufacture=2013-02-01",
                                                   "date of expiry=2014-02-01",
                                                   "lot=000000000000XYZ123",
                                                   "serial number=000025",
                                                   "donation's number=A99971312345600"};

INSTANTIATE_TEST_SUITE_P(Iccbba, SoundUdi,
                         testing::Values(Sound{kFullIccbba, kOrderedIccbba, kFullIccbbaParts},
                                         Sound{"]C0=+06000" + kFullIccbba, kOrderedIccbba,
                                               kFullIccbbaParts},
                                         Sound{"=)1TE123456A&)RZ12345678",
                                               "=)1TE123456A&)RZ12345678",
                                               {"container's maker and product=1TE123456A",
                                                "container's lot=RZ12345678"}}));

/// A text of HIBC with the check character it must have.
std::string checked(const std::string& text) {
  return text + hibc_check_character(text).value_or('?');
}

TEST(HibccUdi, EveryFormOfDateBehindTwoDollarSigns) {
  const std::pair<const char*, const char*> forms[] = {{"$$0919LOT7", "2019-09"},
                                                       {"$$2051519LOT7", "2019-05-15"},
                                                       {"$$3190515LOT7", "2019-05-15"},
                                                       {"$$419051514LOT7", "2019-05-15T14"},
                                                       {"$$519135LOT7", "2019-05-15"},
                                                       {"$$61913514LOT7", "2019-05-15T14"},
                                                       {"19135LOT7", "2019-05-15"},
                                                       {"$$8053190515LOT7", "2019-05-15"},
                                                       {"$$9000050919LOT7", "2019-09"},
                                                       {"$LOT7/14D20190515", "2019-05-15"},
                                                       {"$$7LOT7/14D20190515", "2019-05-15"}};
  for (const auto& [secondary, date] : forms) {
    const auto udi = parse_udi(checked("+A123BJC5D6E71/"s + secondary), kToday);
    ASSERT_TRUE(udi) << secondary << ": " << udi.error().front().message;
    ASSERT_TRUE(udi->find(UdiPartKind::kExpires)) << secondary;
    EXPECT_EQ(to_string(udi->find(UdiPartKind::kExpires)->date.value()), date) << secondary;
    EXPECT_EQ(udi->find(UdiPartKind::kLot)->value, "LOT7") << secondary;
  }
}

TEST(HibccUdi, APlusMakesTheLotASerialNumber) {
  for (const char* secondary : {"$+77-A", "$$+777-A", "$$+319051577-A", "$$+091977-A"}) {
    const auto udi = parse_udi(checked("+A123BJC5D6E71/"s + secondary), kToday);
    ASSERT_TRUE(udi) << secondary << ": " << udi.error().front().message;
    EXPECT_EQ(udi->find(UdiPartKind::kSerial)->value, "77-A") << secondary;
    EXPECT_EQ(udi->find(UdiPartKind::kLot), nullptr);
  }
}

TEST(HibccUdi, TheTwoSymbolsOfALabelAreOneUdi) {
  const std::string first = checked("+A123BJC5D6E71");
  const std::string second = checked("+$$31905151234AB" + first.substr(first.size() - 1));
  const std::string one = checked("+A123BJC5D6E71/$$31905151234AB");
  for (const std::string& text : {first + " " + second, "*" + first + "*  *" + second + "*"}) {
    const auto udi = parse_udi(text, kToday);
    ASSERT_TRUE(udi) << text << ": " << udi.error().front().message;
    EXPECT_EQ(udi->text, one);
    EXPECT_EQ(udi->find(UdiPartKind::kLot)->value, "1234AB");
  }
}

TEST(HibccUdi, ACheckCharacterThatIsASpaceIsPrintedAsAnUnderscore) {
  std::string body = "+A123BJC5D6E71/$AA";
  while (hibc_check_character(body) != ' ') {
    if (body.back() == 'Z') body += 'A';
    ++body.back();
  }
  EXPECT_EQ(parse_udi(body + "_", kToday).value().text, body + "_");
  EXPECT_EQ(parse_udi(body + " ", kToday).value().text, body + "_");
  EXPECT_EQ(parse_udi(body + " \n", kToday).value().text, body + "_");
}

struct Wrong {
  std::string text;
  std::uint32_t place;
  std::string message;
  std::string help;
};

std::ostream& operator<<(std::ostream& out, const Wrong& wrong) { return out << wrong.text; }

class WrongUdi : public testing::TestWithParam<Wrong> {};

TEST_P(WrongUdi, IsRefusedWithAPlaceAndWhatWasExpected) {
  const auto udi = parse_udi(GetParam().text, kToday);
  ASSERT_FALSE(udi) << GetParam().text;
  const Diagnostic& first = udi.error().front();
  EXPECT_EQ(first.span.begin, GetParam().place) << GetParam().text << ": " << first.message;
  EXPECT_GE(first.span.end, first.span.begin);
  EXPECT_LE(first.span.end, GetParam().text.size());
  EXPECT_TRUE(first.message.contains(GetParam().message)) << first.message;
  EXPECT_TRUE(first.help.contains(GetParam().help)) << first.help;
}

INSTANTIATE_TEST_SUITE_P(
    Any, WrongUdi,
    testing::Values(Wrong{"", 0, "nothing to read", "begins with `(01)`"},
                    Wrong{" \t", 2, "nothing to read", ""}, Wrong{"]C1", 3, "nothing to read", ""},
                    Wrong{"]d2\x1d", 4, "nothing to read", ""},
                    Wrong{"pump 7", 0, "no issuing agency's form", "`=/` (ICCBBA)"},
                    Wrong{"]d10109506000134352", 0, "`]d1` is not one of GS1's", "]d2"},
                    Wrong{"(01)\xff", 4, "not text in UTF-8", "ASCII"},
                    Wrong{std::string(513, '0'), 512, "too long", "512"}));

INSTANTIATE_TEST_SUITE_P(
    Gs1, WrongUdi,
    testing::Values(
        Wrong{"09506000134353", 13, "is `3`, and should be `2`", "changed places"},
        Wrong{"(01)09506000134353", 17, "is `3`, and should be `2`", "label"},
        Wrong{"0109506000134353", 15, "is `3`, and should be `2`", "label"},
        Wrong{"(01)05906000134352", 17, "and should be `", ""},
        Wrong{"(01)0950600013435", 4, "has 13 of its characters", "14 digits"},
        Wrong{"(01)095060001343522", 4, "has 15 of its characters", "14 digits"},
        Wrong{"(01)0950600013435X", 17, "may not hold `X`", "14 digits"},
        Wrong{"(01)0950600013435\u0662", 17, "may not hold `\u0662`", "14 digits"},
        Wrong{"(01)09506000134352(11)141331", 24, "there is no month 13", "YYMMDD"},
        Wrong{"(01)09506000134352(17)260229", 26, "2026-02 has no day 29", "YYMMDD"},
        Wrong{"(01)09506000134352(17)26022", 22, "has 5 of its characters", "6 digits"},
        Wrong{"(01)09506000134352(7003)2702282430", 30, "no hour 24", "YYMMDDHHNN"},
        Wrong{"(01)09506000134352(7003)2702282360", 32, "no minute 60", "YYMMDDHHNN"},
        Wrong{"(01)09506000134352(10)", 22, "the lot has none", "1 to 20"},
        Wrong{"(01)09506000134352(10)A#B", 23, "may not hold `#`", "signs of GS1"},
        Wrong{"(01)09506000134352(10)A B", 23, "may not hold ` `", ""},
        Wrong{"(01)09506000134352(10)A\x1d"
              "B",
              23, "may not hold", ""},
        Wrong{"(01)09506000134352(10)ABCDEFGHIJKLMNOPQRSTU", 22, "has 21", "1 to 20"},
        Wrong{"(01)09506000134352(10)A(10)B", 27, "the lot is given twice", "once"},
        Wrong{"(01)09506000134352(01)09506000134352", 22, "GTIN is given twice", ""},
        Wrong{"(01)09506000134352(3103)000150", 18, "`(3103)` is no application identifier",
              "(17)"},
        Wrong{"(10)A(21)B", 0, "no device identifier", "GTIN of 14 digits"},
        Wrong{"10A", 0, "no device identifier", "(01)"},
        Wrong{"(1)09506000134352", 0, "no application identifier where one should", "(01)"},
        Wrong{"(01 09506000134352", 0, "no application identifier where one should", "(01)"},
        Wrong{"()", 0, "no application identifier where one should", ""},
        Wrong{"0109506000134352\x1d\x1d"
              "10A",
              17, "no application identifier", ""},
        Wrong{"010950600013435210ABCDEFGHIJ1727022821SERIAL01", 38, "no separator ends the lot",
              "0x1D"},
        Wrong{"010950600013435210A(21)B", 19, "read as the next", "ambiguity"},
        Wrong{"01095060001343524", 16, "`4` is no application identifier", "(10) lot"},
        Wrong{"0109506", 2, "has 5 of its characters", "14 digits"}));

INSTANTIATE_TEST_SUITE_P(
    Hibcc, WrongUdi,
    testing::Values(
        Wrong{"+H123PARTNO1234567890120/$$420020216LOT123456789012345/SXYZ456789012345678/"
              "16D20130202C",
              86, "is `C`, and should be `H`", "misread"},
        Wrong{"+A123BJC5D6E71H", 14, "is `H`, and should be `G`", ""},
        Wrong{"+A123BJC5D6E7G", 13, "is `G`, and should be", "missing"},
        Wrong{"+", 0, "too short", "four characters of the labeler"},
        Wrong{"**", 0, "no issuing agency's form", ""}, Wrong{"*+*", 1, "too short", ""},
        Wrong{checked("+1123BJC5D6E71"), 1, "second symbol of a label alone", "first"},
        Wrong{checked("+$$31905151234ABG"), 1, "second symbol of a label alone", "first"},
        Wrong{checked("+A123"), 5, "the product is missing", "unit of measure"},
        Wrong{checked("+A12"), 1, "has 3 of its characters", "4 capitals"},
        Wrong{checked("+-123BJC5D6E71"), 1, "may not hold `-`", ""},
        Wrong{"+a123BJC5D6E71G", 1, "may not hold `a`", "capitals and digits"},
        Wrong{checked("+A123BJC5D6E7X"), 13, "unit of measure may not hold `X`", "1 digits"},
        Wrong{checked("+A123ABCDEFGHI12345678901"), 5, "product's number has 19", "1 to 18"},
        Wrong{checked("+A123BJC5D6E71/"), 15, "no secondary data", "`$` lot"},
        Wrong{checked("+A123BJC5D6E71/XYZ"), 15, "`XYZ` is no secondary data", "16D"},
        Wrong{checked("+A123BJC5D6E71/$$X1"), 17, "`X` does not say how", "3 YYMMDD"},
        Wrong{checked("+A123BJC5D6E71/$$3191315A"), 20, "no month 13", "YYMMDD"},
        Wrong{checked("+A123BJC5D6E71/$$3190"), 18, "has 3 of its", "6 digits"},
        Wrong{checked("+A123BJC5D6E71/$$519366A"), 20, "2019 has no day 366", "YYJJJ"},
        Wrong{checked("+A123BJC5D6E71/$$519000A"), 20, "2019 has no day 0", "YYJJJ"},
        Wrong{checked("+A123BJC5D6E71/$$1319A"), 17, "no month 13", "MMYY"},
        Wrong{checked("+A123BJC5D6E71/$$8A33190515L"), 18, "may not hold `A`", "2 digits"},
        Wrong{checked("+A123BJC5D6E71/$"), 16, "the lot has none", "1 to 18"},
        Wrong{checked("+A123BJC5D6E71/$ABCDEFGHIJKLMNOPQRS"), 16, "the lot has 19", "1 to 18"},
        Wrong{checked("+A123BJC5D6E71/$A/$B"), 19, "the lot is given twice", ""},
        Wrong{checked("+A123BJC5D6E71/$A/16D2013020"), 21, "has 7 of its", "8 digits"},
        Wrong{checked("+A123BJC5D6E71/$A/16D20130230"), 27, "2013-02 has no day 30", "YYYYMMDD"},
        Wrong{checked("+A123BJC5D6E71/$A/QX"), 19, "quantity may not hold `X`", ""},
        Wrong{"+A123BJC5D6E71G +", 16, "second symbol is too short", "check character"},
        Wrong{"+A123BJC5D6E71G " + checked("+$1234H"), 22, "link character is `H`", "both of one"},
        Wrong{"+A123BJC5D6E71G +$1234GX", 23, "is `X`, and should be", ""}));

INSTANTIATE_TEST_SUITE_P(
    Iccbba, WrongUdi,
    testing::Values(Wrong{"=/A9999XYZ100T094", 2, "has 15 of its characters", "16 letters"},
                    Wrong{"=/A9999XYZ100T09444", 18, "no data structure begins here", "too long"},
                    Wrong{"=/A9999XYZ100T09-4", 16, "may not hold `-`", ""},
                    Wrong{"=/O9999XYZ100T0944", 2, "begins with `O`", "other than O"},
                    Wrong{"=/09999XYZ100T0944", 2, "begins with `0`", "other than 0"},
                    Wrong{"=/A9999XYZ100T0944=,00025", 20, "has 5 of its", "6 letters"},
                    Wrong{"=/A9999XYZ100T0944=>014367", 23, "2014 has no day 367", "CYYJJJ"},
                    Wrong{"=/A9999XYZ100T0944=>514032", 20, "a century is", "CYYJJJ"},
                    Wrong{"=/A9999XYZ100T0944=}01A032", 22, "may not hold `A`", "6 digits"},
                    Wrong{"=/A9999XYZ100T0944=A9997X312345600", 24, "may not hold `X`", "8 digits"},
                    Wrong{"=/A9999XYZ100T0944&,1XYZ123", 21, "has 6 of its", "18 letters"},
                    Wrong{"=/A9999XYZ100T0944=,000025=,000026", 28, "given twice", "once"},
                    Wrong{"=,000025", 0, "no device identifier", "`=/`"},
                    Wrong{"=+06", 2, "has 2 of its", "5 digits"},
                    Wrong{"=+06000", 0, "no device identifier", "`=/`"},
                    Wrong{"&", 0, "no data structure begins here", "`&,1` lot"},
                    Wrong{"=", 1, "has none of its", "15 letters"}));

TEST(Udi, SaysAllThatIsWrong) {
  const auto udi = parse_udi("(01)09506000134353(11)141331(3103)1(10)#", kToday);
  ASSERT_FALSE(udi);
  std::vector<std::uint32_t> places;
  for (const Diagnostic& each : udi.error()) places.push_back(each.span.begin);
  EXPECT_EQ(places, (std::vector<std::uint32_t>{17, 24, 28, 39}));
}

TEST(Udi, EveryWrongDigitOfAGtinIsFound) {
  const std::string gtin = "09506000134352";
  for (std::size_t place = 0; place < gtin.size(); ++place) {
    for (char digit = '0'; digit <= '9'; ++digit) {
      std::string changed = gtin;
      changed[place] = digit;
      EXPECT_EQ(parse_udi("(01)" + changed, kToday).has_value(), changed == gtin) << changed;
    }
  }
}

TEST(Udi, EveryWrongCharacterOfHibcIsFound) {
  const std::string sound = "+X999123ABC0/$$31905151234AB/S5678EDFG/16D20151001J";
  for (std::size_t place = 0; place < sound.size(); ++place) {
    for (const char c : std::string_view("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-.$/%")) {
      std::string changed = sound;
      changed[place] = c;
      EXPECT_EQ(parse_udi(changed, kToday).has_value(), changed == sound) << changed;
    }
  }
}

}  // namespace
}  // namespace wardlock::directory
