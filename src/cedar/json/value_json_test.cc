#include "cedar/json/value_json.h"

#include <gtest/gtest.h>

#include <string>

namespace wardlock::cedar {
namespace {

class ValueJson : public testing::Test {
 protected:
  Result<Value> read(std::string_view json, const Type* type = nullptr,
                     const ValueJsonOptions& options = {}) {
    return value_from_json(*codec::parse_json(json), type, arena_, "context", options);
  }
  /// As text, or why not.
  std::string text(std::string_view json, const Type* type = nullptr,
                   const ValueJsonOptions& options = {}) {
    const auto value = read(json, type, options);
    return value ? to_text(*value) : value.error().message;
  }
  /// The type of `name` in the schema.
  const Type* common(std::string_view name) {
    for (const CommonType& type : schema_.common_types()) {
      if (type.name == name) return type.type;
    }
    return nullptr;
  }

  Arena arena_;
  Schema schema_ = *parse_schema(R"(
    entity Ward, User;
    type Ip = ipaddr; type Decimal = decimal; type When = datetime; type Span = duration;
    type OneWard = Ward; type Wards = Set<Ward>; type Ips = Set<ipaddr>; type Number = Long;
    type Location = { ward: Ward, floor?: Long, "bed no"?: { since: datetime } };
  )");
};

TEST_F(ValueJson, ReadsPlainJson) {
  EXPECT_EQ(text("true"), "true");
  EXPECT_EQ(text("-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(text("9223372036854775807"), "9223372036854775807");
  EXPECT_EQ(text(R"("a")"), R"("a")");
  EXPECT_EQ(text(R"([2, 1, 2, "x", []])"), R"([1, 2, "x", []])");
  EXPECT_EQ(text(R"({"b": 1, "": {"a": []}})"), R"({"": {a: []}, b: 1})");
}

TEST_F(ValueJson, RefusesWhatIsNoValue) {
  for (const char* json : {"null", "[null]", R"({"a":null})", R"({"a":[{"b":null}]})", "1.5", "1.0",
                           "1e3", "9223372036854775808", "-9223372036854775809", "1e400",
                           R"({"__expr":"1 + 1"})", R"([{"a":{"__expr":"principal"}}])"}) {
    EXPECT_FALSE(read(json)) << json;
  }
}

TEST_F(ValueJson, ReadsEscapes) {
  EXPECT_EQ(text(R"({"__entity":{"type":"N::A","id":"a"}})"), R"(N::A::"a")");
  EXPECT_EQ(text(R"({"__entity":{"type":"A","id":"a","more":1}})"), R"(A::"a")");
  EXPECT_EQ(text(R"({"__extn":{"fn":"decimal","arg":"1.50"}})"), R"(decimal("1.5"))");
  EXPECT_EQ(text(R"({"__extn":{"fn":"ip","args":["10.0.0.1"]}})"), R"(ip("10.0.0.1/32"))");
  EXPECT_EQ(text(R"({"__extn":{"fn":"isIpv4","arg":{"__extn":{"fn":"ip","arg":"::1"}}}})"),
            "false");
}

TEST_F(ValueJson, TakesWhatOnlyResemblesAnEscapeAsARecord) {
  for (const char* json :
       {R"({"__entity":{"type":"A"}})", R"({"__entity":{"type":"A","id":1}})",
        R"({"__entity":"A"})", R"({"__entity":{"type":"A","id":"a"},"z":1})", R"({"__extn":"ip"})",
        R"({"__extn":{"fn":"ip"}})", R"({"__extn":{"arg":"x"}})",
        R"({"__extn":{"fn":"ip","arg":"::1"},"z":1})", R"({"__expr":5})", R"({"__expr":"1","z":2})",
        R"({"type":"A","id":"a"})", R"({"fn":"ip","arg":"::1"})"}) {
    const auto value = read(json);
    ASSERT_TRUE(value) << json;
    EXPECT_TRUE(value->is(Kind::kRecord)) << json;
  }
}

TEST_F(ValueJson, RefusesBadEscapes) {
  for (const char* json :
       {R"({"__entity":{"type":"","id":"a"}})", R"({"__entity":{"type":"A B","id":"a"}})",
        R"({"__entity":{"type":" A","id":"a"}})", R"({"__entity":{"type":"if","id":"a"}})",
        R"({"__entity":{"type":"A::__cedar","id":"a"}})", R"({"__extn":{"fn":"nope","arg":"1"}})",
        R"({"__extn":{"fn":"ip","arg":"nope"}})", R"({"__extn":{"fn":"ip","arg":5}})",
        R"({"__extn":{"fn":"ip","args":[]}})", R"({"__extn":{"fn":"ip","args":["::1","::1"]}})",
        R"({"__extn":{"fn":"ip","arg":null}})",
        R"({"__extn":{"fn":"decimal","arg":{"__extn":{"fn":"decimal","arg":"1.0"}}}})"}) {
    EXPECT_FALSE(read(json)) << json;
  }
}

TEST_F(ValueJson, ReadsStringsAsExpectedExtensions) {
  EXPECT_EQ(text(R"("10.0.0.0/8")", common("Ip")), R"(ip("10.0.0.0/8"))");
  EXPECT_EQ(text(R"("1.5")", common("Decimal")), R"(decimal("1.5"))");
  EXPECT_EQ(text(R"("1970-01-02")", common("When")), R"(datetime("1970-01-02T00:00:00.000Z"))");
  EXPECT_EQ(text(R"("2s")", common("Span")), R"(duration("2000ms"))");
  EXPECT_EQ(text(R"({"fn":"ip","arg":"::1"})", common("Ip")),
            text(R"({"__extn":{"fn":"ip","arg":"::1"},"z":1})", common("Ip")));
  EXPECT_EQ(text(R"({"fn":"offset","args":["1970-01-01","1d"]})", common("When")),
            text(R"("1970-01-02")", common("When")));
  EXPECT_EQ(read(R"(["::1", {"__extn":{"fn":"ip","arg":"::2"}}])", common("Ips"))->as_set().size(),
            2U);
  for (const char* json : {"1", "null", "[]", "{}", R"("x")", R"j({"__expr":"ip(\"::1\")"})j",
                           R"({"__extn":"::1"})", R"({"__entity":{"type":"A","id":"a"}})"}) {
    EXPECT_FALSE(read(json, common("Ip"))) << json;
  }
}

TEST_F(ValueJson, ReadsExpectedEntities) {
  for (const char* json :
       {R"({"type":"Ward","id":"icu"})", R"({"__entity":{"type":"Ward","id":"icu"}})",
        R"({"__entity":5,"type":"Ward","id":"icu"})",
        R"({"__entity":{"type":"Ward","id":"icu"},"type":"A","id":"b"})"}) {
    EXPECT_EQ(text(json, common("OneWard")), R"(Ward::"icu")") << json;
  }
  for (const char* json :
       {R"("Ward::\"icu\"")", "1", "null", "[]", R"({"type":"Ward"})", R"({"type":"Ward","id":1})",
        R"({"type":"A B","id":"icu"})", R"({"__expr":"Ward::\"icu\""})",
        R"({"__extn":{"fn":"ip","arg":"::1"}})"}) {
    EXPECT_FALSE(read(json, common("OneWard"))) << json;
  }
  EXPECT_FALSE(read(R"({"type":"Ward","id":"icu"})", common("Wards")));
  EXPECT_FALSE(read(R"([1])", common("Wards")));
}

TEST_F(ValueJson, ChecksExpectedRecords) {
  EXPECT_EQ(text(R"({"ward":{"type":"Ward","id":"icu"}})", common("Location")),
            R"({ward: Ward::"icu"})");
  EXPECT_EQ(text("{}", common("Location")), "context.ward: this required attribute is missing");
  EXPECT_EQ(text(R"({"ward":{"type":"Ward","id":"icu"},"x":1})", common("Location")),
            "context.x: the schema declares no such attribute");
  EXPECT_FALSE(read("[]", common("Location")));
  EXPECT_FALSE(read(R"({"__entity":{"type":"Ward","id":"icu"}})", common("Location")));
}

TEST_F(ValueJson, LeavesOtherMismatchesToTheChecker) {
  EXPECT_EQ(text(R"("x")", common("Number")), R"("x")");
  EXPECT_EQ(text(R"({"type":"User","id":"u"})", common("OneWard")), R"(User::"u")");
  EXPECT_EQ(text(R"({"__extn":{"fn":"decimal","arg":"1.0"}})", common("Ip")), R"(decimal("1.0"))");
}

TEST_F(ValueJson, NamesThePath) {
  EXPECT_TRUE(text(R"({"a":{"b c":[1,null]}})").starts_with(R"(context.a["b c"][1]: )"));
  EXPECT_TRUE(
      text(R"({"ward":{"type":"Ward","id":"w"},"bed no":{"since":"x"}})", common("Location"))
          .starts_with(R"(context["bed no"].since: )"));
  EXPECT_TRUE(text(R"({"ward":1})", common("Location")).starts_with("context.ward: "));
}

TEST_F(ValueJson, EscapesFromOutsideCountOnlyWhereExpected) {
  const ValueJsonOptions outside{.escapes_count = false};
  const char* escape = R"({"__entity":{"type":"Ward","id":"icu"}})";
  EXPECT_TRUE(read(escape, nullptr, outside)->is(Kind::kRecord));
  EXPECT_TRUE(read(R"({"__extn":{"fn":"ip","arg":"::1"}})", nullptr, outside)->is(Kind::kRecord));
  EXPECT_TRUE(read(R"({"__expr":"1"})", nullptr, outside)->is(Kind::kRecord));
  EXPECT_TRUE(read(escape, common("Number"), outside)->is(Kind::kRecord));
  EXPECT_TRUE(read(escape, common("OneWard"), outside)->is(Kind::kEntity));
  EXPECT_TRUE(read(R"("::1")", common("Ip"), outside)->is(Kind::kIp));
  // Deeper inside an escape that counts, only what that function expects counts.
  EXPECT_TRUE(read(R"({"__extn":{"fn":"ip","arg":"::1"}})", common("Ip"), outside)->is(Kind::kIp));
}

TEST_F(ValueJson, NullMayMeanAbsent) {
  const ValueJsonOptions absent{.null_is_absent = true};
  EXPECT_EQ(text(R"({"a":null,"b":{"c":null}})", nullptr, absent), "{b: {}}");
  EXPECT_EQ(text(R"({"ward":{"type":"Ward","id":"w"},"floor":null})", common("Location"), absent),
            R"({ward: Ward::"w"})");
  EXPECT_FALSE(read(R"({"ward":null})", common("Location"), absent));
  EXPECT_FALSE(read(R"({"ward":{"type":"Ward","id":"w"},"x":null})", common("Location"), absent));
  EXPECT_FALSE(read("null", nullptr, absent));
  EXPECT_FALSE(read("[null]", nullptr, absent));
}

TEST_F(ValueJson, LimitsNesting) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(read(nested(400)));
  EXPECT_FALSE(read(nested(600)));
  EXPECT_FALSE(read("[[[]]]", nullptr, {.max_depth = 1}));
}

TEST_F(ValueJson, SharesUidsOnRequest) {
  const EntityUid* shared = make_uid(arena_, "A", "a");
  const ValueJsonOptions options{.make_uid = [&](auto, auto) { return shared; }};
  EXPECT_EQ(&read(R"({"__entity":{"type":"A","id":"a"}})", nullptr, options)->as_entity(), shared);
}

TEST_F(ValueJson, WritesWhatItReadsBack) {
  for (const char* json :
       {"true", "-5", R"("a\u0000\u001f")", R"([{"a":[]},1,"x"])",
        R"({"__entity":{"type":"A","id":"\""}})", R"({"__extn":{"fn":"decimal","arg":"-0.5"}})",
        R"({"__extn":{"fn":"ip","arg":"fe80::1/10"}})",
        R"({"__extn":{"fn":"datetime","arg":"1969-12-31T23:59:59.999Z"}})",
        R"({"__extn":{"fn":"duration","arg":"-9223372036854775808ms"}})",
        R"({"__extn":{"fn":"offset","args":[{"__extn":{"fn":"datetime","arg":"9999-12-31"}},)"
        R"({"__extn":{"fn":"duration","arg":"400d"}}]}})"}) {
    const auto value = read(json);
    ASSERT_TRUE(value) << json;
    const auto written = value_to_json(*value);
    ASSERT_TRUE(written) << json;
    EXPECT_EQ(*value_from_json(*written, nullptr, arena_, "back"), *value)
        << codec::to_json_text(*written);
  }
}

TEST_F(ValueJson, WillNotWriteARecordThatWouldBeReadAsAnEscape) {
  for (const char* json : {R"({"__entity":1})", R"({"__extn":1})", R"([{"a":{"__expr":1}}])"}) {
    EXPECT_FALSE(value_to_json(*read(json))) << json;
  }
}

TEST_F(ValueJson, ReadsUids) {
  const auto uid = [&](std::string_view json) {
    return uid_from_json(*codec::parse_json(json), arena_, "principal");
  };
  EXPECT_EQ(to_text(**uid(R"({"type":"A","id":""})")), R"(A::"")");
  EXPECT_EQ(to_text(**uid(R"({"__entity":{"type":"A","id":"a"}})")), R"(A::"a")");
  for (const char* json :
       {"1", "null", "[]", R"("A::\"a\"")", R"({"type":"A"})", R"({"id":"a"})",
        R"({"type":"A","id":5})", R"({"type":"","id":"a"})", R"({"__expr":"A::\"a\""})",
        R"({"__entity":"A::\"a\""})", R"({"__entity":{"__entity":{"type":"A","id":"a"}}})"}) {
    EXPECT_FALSE(uid(json)) << json;
  }
}

}  // namespace
}  // namespace wardlock::cedar
