#include "event/canonical_json.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "base/utf8.h"
#include "codec/json.h"
#include "event/event_for_test.h"

namespace wardlock::event {
namespace {

std::string part_json(const Event& event, Part part) {
  std::string out;
  const auto written = write_part(event, part, out);
  return written ? out : "error: " + written.error().message;
}

/// What a text reads as, written anew; or the error.
std::string read_again(std::string_view json, Part part) {
  Arena arena;
  Event event;
  const auto read = read_part(json, part, event, arena);
  return read ? part_json(event, part) : "error: " + read.error().message;
}

constexpr std::string_view kLeastClear =
    R"({"id":"e","kind":"login","outcome":"success","time":1})";

TEST(CanonicalJson, HasItsKeysInOrderAndNoSpace) {
  EXPECT_EQ(part_json(decision_for_test(), Part::kPerson),
            R"({"principal_id":"dr-grey","source_address":"192.0.2.77"})");
  EXPECT_EQ(part_json(decision_for_test(), Part::kPatient),
            R"({"patient":"p-100","resource_id":"pump-of-p-100"})");
  EXPECT_EQ(part_json(decision_for_test(), Part::kAffected), "");
  EXPECT_EQ(part_json({.id = "e", .time = 1, .kind = Kind::kLogin}, Part::kClear), kLeastClear);
}

TEST(CanonicalJson, IsJson) {
  const std::string text = json_for_test(full_event_for_test());
  const auto json = codec::parse_json(text);
  ASSERT_TRUE(json) << json.error().message;
  EXPECT_EQ(json->at("notes").at(2), "\"quoted\"\n");
  EXPECT_EQ(json->at("reason"), "the pump's alarm; € 5 \x01\x7F");
  for (const Field& field : all_fields()) {
    EXPECT_EQ(json->as_object().contains(std::string(field.name)), field.care != Care::kSaid)
        << field.name;
  }
}

TEST(CanonicalJson, ReadsWhatItWrote) {
  const Event event = full_event_for_test();
  Event read;
  Arena arena;
  std::vector<std::string> texts;
  for (const Part part : {Part::kClear, Part::kPerson, Part::kAffected, Part::kPatient}) {
    texts.push_back(part_json(event, part));
  }
  for (std::size_t i = 0; i < texts.size(); ++i) {
    ASSERT_TRUE(read_part(texts[i], static_cast<Part>(i), read, arena)) << texts[i];
  }
  EXPECT_EQ(json_for_test(read), json_for_test(event));
}

TEST(CanonicalJson, EscapesAsTheStandardSays) {
  std::string all;
  for (char c = 0; c < 0x20; ++c) all += c;
  all += "\"\\/\x7F\u0085\u202E\u20AC\U0001F600";
  EXPECT_EQ(part_json({.session = all}, Part::kPerson),
            "{\"session\":\"\\u0000\\u0001\\u0002\\u0003\\u0004\\u0005\\u0006\\u0007\\b\\t\\n"
            "\\u000b\\f\\r\\u000e\\u000f\\u0010\\u0011\\u0012\\u0013\\u0014\\u0015\\u0016\\u0017"
            "\\u0018\\u0019\\u001a\\u001b\\u001c\\u001d\\u001e\\u001f\\\"\\\\/"
            "\x7F\u0085\u202E\u20AC\U0001F600\"}");
  const std::string text = part_json({.session = all}, Part::kPerson);
  EXPECT_EQ(read_again(text, Part::kPerson), text);
}

TEST(CanonicalJson, BytesThatAreNotUtf8AreReplaced) {
  const auto session = [](std::string_view text) {
    return part_json({.session = text}, Part::kPerson);
  };
  EXPECT_EQ(session("a\xFFz"), "{\"session\":\"a\uFFFDz\"}");
  EXPECT_EQ(session("\xED\xA0\x80"), "{\"session\":\"\uFFFD\uFFFD\uFFFD\"}");  // a surrogate
  EXPECT_EQ(session("\xC0\xAF"), "{\"session\":\"\uFFFD\uFFFD\"}");            // overlong
  EXPECT_EQ(session("\xE2\x82"), "{\"session\":\"\uFFFD\uFFFD\"}");            // cut off
}

TEST(CanonicalJson, ATextAtItsCapIsKeptAndOneByteMoreIsNot) {
  const std::string most(kMaxFreeTextBytes, 'x');
  EXPECT_TRUE(part_json({.reason = most}, Part::kPatient).starts_with("{\"reason\":\"xxx"));
  EXPECT_EQ(part_json({.reason = most + "x"}, Part::kPatient),
            "error: the `reason` has 4097 bytes; at most 4096 are kept: shorten it");
  EXPECT_EQ(part_json({.grant_reason = most + "x"}, Part::kPatient),
            "error: the `grant_reason` has 4097 bytes; at most 4096 are kept: shorten it");
}

TEST(CanonicalJson, NumbersAreExactOrRefused) {
  constexpr std::int64_t kMost = (std::int64_t{1} << 53) - 1;
  EXPECT_EQ(part_json({.authentication_time = -kMost}, Part::kPerson),
            "{\"authentication_time\":-9007199254740991}");
  for (const std::int64_t number : {kMost + 1, -kMost - 1, std::numeric_limits<std::int64_t>::max(),
                                    std::numeric_limits<std::int64_t>::min()}) {
    EXPECT_TRUE(
        part_json({.authentication_time = number}, Part::kPerson).starts_with("error: the `auth"));
  }
}

TEST(CanonicalJson, NothingElseIsRead) {
  struct Refused {
    Part part;
    std::string_view json;
  };
  const Refused refused[] = {
      {Part::kClear, ""},
      {Part::kClear, "{}"},
      {Part::kClear, "{"},
      {Part::kClear, "[]"},
      {Part::kClear, R"({"id":"e","kind":"login","outcome":"success"})"},
      {Part::kClear, R"({"id":"e","kind":"login","outcome":"success","time":1}})"},
      {Part::kClear, R"({"id":"e","kind":"login","outcome":"success","time":1} )"},
      {Part::kClear, R"({"id":"e","kind":"login","outcome":"success","time":1)"},
      {Part::kClear, R"({"id":"e","kind":"login","outcome":"success","time":1,})"},
      {Part::kClear, R"({"id":"e", "kind":"login","outcome":"success","time":1})"},
      {Part::kClear, R"({"kind":"login","id":"e","outcome":"success","time":1})"},
      {Part::kClear, R"({"id":"e","id":"e","kind":"login","outcome":"success","time":1})"},
      {Part::kClear, R"({"id":"","kind":"login","outcome":"success","time":1})"},
      {Part::kClear, R"({"id":null,"kind":"login","outcome":"success","time":1})"},
      {Part::kClear, R"({"id":"e","kind":"log","outcome":"success","time":1})"},
      {Part::kClear, R"({"id":"e","kind":"login","outcome":"","time":1})"},
      {Part::kClear, R"({"id":"e","kind":"login","outcome":"success","time":01})"},
      {Part::kClear, R"({"id":"e","kind":"login","outcome":"success","time":-0})"},
      {Part::kClear, R"({"id":"e","kind":"login","outcome":"success","time":1.0})"},
      {Part::kClear, R"({"id":"e","kind":"login","outcome":"success","time":1e3})"},
      {Part::kClear, R"({"id":"e","kind":"login","outcome":"success","time":"1"})"},
      {Part::kClear, R"({"id":"e","kind":"login","outcome":"success","time":9007199254740992})"},
      {Part::kClear,
       R"({"id":"e","kind":"login","outcome":"success","time":99999999999999999999999})"},
      {Part::kClear,
       R"({"erased":["patient"],"id":"e","kind":"login","outcome":"success","time":1})"},
      {Part::kClear, R"({"allowed":1,"id":"e","kind":"login","outcome":"success","time":1})"},
      {Part::kClear, R"({"id":"e","kind":"login","outcome":"success","policies":[],"time":1})"},
      {Part::kClear, R"({"id":"e","kind":"login","outcome":"success","policies":["a",],"time":1})"},
      {Part::kClear, R"({"id":"e","kind":"login","outcome":"success","policies":"a","time":1})"},
      {Part::kPerson, ""},
      {Part::kPerson, "{}"},
      {Part::kPerson, R"({"patient":"p"})"},
      {Part::kPerson, R"({"surprise":"p"})"},
      {Part::kPerson, R"({"session":"\/"})"},
      {Part::kPerson, R"({"session":"\u000A"})"},
      {Part::kPerson, R"({"session":"\u000a"})"},
      {Part::kPerson, R"({"session":"\u001F"})"},
      {Part::kPerson, R"({"session":"\u0041"})"},
      {Part::kPerson, R"({"session":"\u20ac"})"},
      {Part::kPerson, R"({"session":"\u0")"},
      {Part::kPerson, R"({"session":"\)"},
      {Part::kPerson, R"({"session":"a)"},
      {Part::kPerson, R"({"sess\u0069on":"a"})"},
      {Part::kPerson, "{\"session\":\"a\nb\"}"},
      {Part::kPerson, "{\"session\":\"a\xFF\"}"},
      {Part::kPerson, "{\"session\":\"\\n\xFF\"}"},
      {Part::kPerson, "{\"session\xFF\":\"a\"}"},
  };
  for (const auto& [part, json] : refused) {
    EXPECT_TRUE(read_again(json, part).starts_with("error: ")) << json;
  }
  EXPECT_EQ(read_again(kLeastClear, Part::kClear), kLeastClear);  // what most of them resemble
}

TEST(CanonicalJson, AnErrorSaysWhatIsWrong) {
  EXPECT_EQ(read_again(R"({"surprise":"p"})", Part::kPerson),
            "error: an event with the field `surprise`, which this version does not know: read it "
            "with a newer one");
  EXPECT_EQ(read_again(R"({"patient":"p"})", Part::kPerson),
            "error: not an event's canonical JSON: `patient` does not belong to this part");
}

/// Whatever is changed in it, a text is refused or reads as itself: there is one form only.
TEST(CanonicalJson, HasOneFormOnly) {
  for (const Part part : {Part::kClear, Part::kPerson, Part::kAffected, Part::kPatient}) {
    const std::string text = part_json(full_event_for_test(), part);
    for (std::size_t at = 0; at < text.size(); ++at) {
      for (const char c : {'"', '\\', ' ', ',', '0', 'a', '\0', '\x80', '}'}) {
        std::string changed = text;
        changed[at] = c;
        const std::string again = read_again(changed, part);
        EXPECT_TRUE(again == changed || again.starts_with("error: ")) << changed;
      }
    }
  }
}

}  // namespace
}  // namespace wardlock::event
