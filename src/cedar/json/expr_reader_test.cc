#include "cedar/json/expr_reader.h"

#include <gtest/gtest.h>

#include <string>

#include "cedar/ast/policy_text.h"
#include "cedar/json/policy_json.h"

namespace wardlock::cedar {
namespace {

/// What an expression in JSON means, as text, or the error.
std::string meaning(std::string_view text, const ParseLimits& limits = {}) {
  const Result<codec::Json> json = codec::parse_json(text, kPolicyJsonLimits);
  if (!json) return "not JSON: " + json.error().message;
  Arena arena;
  const Result<const Expr*> expression = ExprReader(arena, limits).read(*json, JsonPath());
  if (!expression) return expression.error().message;
  const Result<std::string> printed = to_text(**expression);
  return printed ? *printed : printed.error().message;
}

struct Case {
  std::string_view json;
  std::string_view expected;
};

template <std::size_t n>
void expect_meanings(const Case (&cases)[n]) {
  for (const Case& c : cases) EXPECT_EQ(meaning(c.json), c.expected) << c.json;
}

/// Each expected text is how the error begins.
template <std::size_t n>
void expect_errors(const Case (&cases)[n]) {
  for (const Case& c : cases) {
    const std::string message = meaning(c.json);
    EXPECT_TRUE(message.starts_with(c.expected)) << c.json << "\n" << message;
  }
}

TEST(ReadExpr, Operators) {
  const Case cases[] = {
      {R"({"Var":"principal"})", "principal"},
      {R"({"Var":"action"})", "action"},
      {R"({"Var":"resource"})", "resource"},
      {R"({"Var":"context"})", "context"},
      {R"({"!":{"arg":{"Var":"context"}}})", "!context"},
      {R"({"neg":{"arg":{"Var":"context"}}})", "-context"},
      {R"({"isEmpty":{"arg":{"Var":"context"}}})", "context.isEmpty()"},
      {R"({"==":{"left":{"Value":1},"right":{"Value":2}}})", "1 == 2"},
      {R"({"!=":{"left":{"Value":1},"right":{"Value":2}}})", "1 != 2"},
      {R"({"<":{"left":{"Value":1},"right":{"Value":2}}})", "1 < 2"},
      {R"({"<=":{"left":{"Value":1},"right":{"Value":2}}})", "1 <= 2"},
      {R"({">":{"left":{"Value":1},"right":{"Value":2}}})", "1 > 2"},
      {R"({">=":{"left":{"Value":1},"right":{"Value":2}}})", "1 >= 2"},
      {R"({"in":{"left":{"Value":1},"right":{"Value":2}}})", "1 in 2"},
      {R"({"+":{"left":{"Value":1},"right":{"Value":2}}})", "1 + 2"},
      {R"({"-":{"left":{"Value":1},"right":{"Value":2}}})", "1 - 2"},
      {R"({"*":{"left":{"Value":1},"right":{"Value":2}}})", "1 * 2"},
      {R"({"&&":{"left":{"Value":1},"right":{"Value":2}}})", "1 && 2"},
      {R"({"||":{"left":{"Value":1},"right":{"Value":2}}})", "1 || 2"},
      {R"({"contains":{"left":{"Value":1},"right":{"Value":2}}})", "1.contains(2)"},
      {R"({"containsAll":{"left":{"Value":1},"right":{"Value":2}}})", "1.containsAll(2)"},
      {R"({"containsAny":{"left":{"Value":1},"right":{"Value":2}}})", "1.containsAny(2)"},
      {R"({"getTag":{"left":{"Value":1},"right":{"Value":2}}})", "1.getTag(2)"},
      {R"({"hasTag":{"left":{"Value":1},"right":{"Value":2}}})", "1.hasTag(2)"},
      {R"({"if-then-else":{"if":{"Value":1},"then":{"Value":2},"else":{"Value":3}}})",
       "if 1 then 2 else 3"},
      {R"({"Set":[]})", "[]"},
      {R"({"Set":[{"Value":1},{"Set":[]}]})", "[1, []]"},
      {R"({"Record":{}})", "{}"},
      {R"({"Record":{"b c":{"Value":1},"a":{"Value":2},"if":{"Value":3}}})",
       R"({a: 2, "b c": 1, "if": 3})"},
  };
  expect_meanings(cases);
}

TEST(ReadExpr, RefusesWhatIsNoExpression) {
  const Case cases[] = {
      {"1", "$: expected an expression, which is an object with one key such as `Value`, found a "},
      {"null", "$: expected an expression"},
      {"true", "$: expected an expression"},
      {R"("principal")", "$: expected an expression"},
      {"[]", "$: expected an expression"},
      {R"([{"Value":1}])", "$: expected an expression"},
      {"{}", "$: expected an expression"},
      {R"({"Value":1,"Var":"principal"})", "$: expected an expression"},
      {R"({"Slot":"?principal"})", "$.Slot: slots are allowed only in the scope"},
      {R"({"Unknown":{"name":"a"}})", "$.Unknown: unknown operator or function `Unknown`"},
      {R"({"unknown":[{"Value":"a"}]})", "$.unknown: unknown operator or function `unknown`"},
      {R"({"":[]})", "$[\"\"]: unknown operator or function ``"},
      {R"({"/":{"left":{"Value":1},"right":{"Value":1}}})", "$[\"/\"]: unknown operator"},
      {R"({"%":{"left":{"Value":1},"right":{"Value":1}}})", "$[\"%\"]: unknown operator"},
      {R"({"and":{"left":{"Value":1},"right":{"Value":1}}})", "$.and: unknown operator"},
      {R"({"value":1})", "$.value: unknown operator"},
      {R"({"Var":"Principal"})", "$.Var: unknown variable `Principal`; expected `principal`, "},
      {R"({"Var":"?principal"})", "$.Var: unknown variable"},
      {R"({"Var":1})", "$.Var: expected a string, found a number"},
      {R"({"Var":{"principal":null}})", "$.Var: expected a string, found an object"},
  };
  expect_errors(cases);
}

TEST(ReadExpr, RefusesOperatorsOfTheWrongShape) {
  const Case cases[] = {
      {R"({"!":{"Value":true}})", "$[\"!\"]: unknown key `Value`; expected `arg`"},
      {R"({"!":{}})", "$[\"!\"]: the key `arg` is missing"},
      {R"({"!":[{"Value":true}]})", "$[\"!\"]: expected an object, found an array"},
      {R"({"!":{"arg":{"Value":1},"x":1}})", "$[\"!\"]: unknown key `x`"},
      {R"({"!":{"arg":1}})", "$[\"!\"].arg: expected an expression"},
      {R"({"-":{"arg":{"Value":1}}})", "$[\"-\"]: unknown key `arg`; expected `left`, `right`"},
      {R"({"isEmpty":[{"Value":1}]})", "$.isEmpty: expected an object"},
      {R"({"isEmpty":{"left":{"Value":1},"right":{"Value":1}}})", "$.isEmpty: unknown key `left`"},
      {R"({"==":{"left":{"Value":1}}})", "$[\"==\"]: the key `right` is missing"},
      {R"({"==":{"right":{"Value":1}}})", "$[\"==\"]: the key `left` is missing"},
      {R"({"==":[{"Value":1},{"Value":1}]})", "$[\"==\"]: expected an object"},
      {R"({"==":{"left":{"Value":1},"right":{"Value":1},"x":1}})", "$[\"==\"]: unknown key `x`"},
      {R"({"contains":[{"Value":1},{"Value":1}]})", "$.contains: expected an object"},
      {R"({"&&":{"left":{"Value":1}}})", "$[\"&&\"]: the key `right` is missing"},
      {R"({"&&":[{"Value":1},{"Value":1}]})", "$[\"&&\"]: expected an object"},
      {R"({"&&":{"left":{"Value":1},"right":{"Value":1},"x":1}})", "$[\"&&\"]: unknown key `x`"},
      {R"({"||":{"left":1,"right":{"Value":1}}})", "$[\"||\"].left: expected an expression"},
      {R"({"||":{"left":{"||":{"left":{"Value":1},"right":2}},"right":{"Value":1}}})",
       R"($["||"].left["||"].right: expected an expression)"},
      {R"({"||":{"left":{"||":3},"right":{"Value":1}}})",
       R"($["||"].left["||"]: expected an object, found a number)"},
      {R"({"if-then-else":{"if":{"Value":1},"then":{"Value":2}}})",
       "$[\"if-then-else\"]: the key `else` is missing"},
      {R"({"if-then-else":{"if":{"Value":1},"then":{"Value":2},"else":{"Value":2},"x":1}})",
       "$[\"if-then-else\"]: unknown key `x`"},
      {R"({"Set":{"Value":1}})", "$.Set: expected an array, found an object"},
      {R"({"Set":[{"Value":1},null]})", "$.Set[1]: expected an expression"},
      {R"({"Record":[]})", "$.Record: expected an object, found an array"},
      {R"({"Record":{"a":1}})", "$.Record.a: expected an expression"},
  };
  expect_errors(cases);
}

TEST(ReadExpr, OnlyLeftNestingIsOneChain) {
  const Case cases[] = {
      {R"({"&&":{"left":{"&&":{"left":{"Value":1},"right":{"Value":2}}},"right":{"Value":3}}})",
       "1 && 2 && 3"},
      {R"({"&&":{"left":{"Value":1},"right":{"&&":{"left":{"Value":2},"right":{"Value":3}}}}})",
       "1 && (2 && 3)"},
      {R"({"||":{"left":{"&&":{"left":{"Value":1},"right":{"Value":2}}},"right":{"Value":3}}})",
       "1 && 2 || 3"},
      {R"({"&&":{"left":{"||":{"left":{"Value":1},"right":{"Value":2}}},"right":{"Value":3}}})",
       "(1 || 2) && 3"},
  };
  expect_meanings(cases);
}

TEST(ReadExpr, Attributes) {
  const Case cases[] = {
      {R"({".":{"left":{"Var":"context"},"attr":"a"}})", "context.a"},
      {R"({".":{"left":{"Var":"context"},"attr":""}})", R"(context[""])"},
      {R"({".":{"left":{"Var":"context"},"attr":"if"}})", R"(context["if"])"},
      {R"({"has":{"left":{"Var":"context"},"attr":"a"}})", "context has a"},
      {R"({"has":{"left":{"Var":"context"},"attr":"a b"}})", R"(context has "a b")"},
      {R"({"has":{"left":{"Var":"context"},"attr":["a"]}})", "context has a"},
      {R"({"has":{"left":{"Var":"context"},"attr":["a","b","c"]}})", "context has a.b.c"},
      {R"({"has":{"left":{"Var":"context"},"attr":"a","attrs":["b"],"x":1}})", "context has a"},
  };
  expect_meanings(cases);
}

TEST(ReadExpr, RefusesOtherAttributes) {
  const Case cases[] = {
      {R"({".":{"left":{"Var":"context"}}})", "$[\".\"]: the key `attr` is missing"},
      {R"({".":{"attr":"a"}})", "$[\".\"]: the key `left` is missing"},
      {R"({".":{"left":{"Var":"context"},"attr":1}})", "$[\".\"].attr: expected a string"},
      {R"({".":{"left":{"Var":"context"},"attr":["a"]}})", "$[\".\"].attr: expected a string"},
      {R"({".":{"left":{"Var":"context"},"attr":"a","x":1}})", "$[\".\"]: unknown key `x`"},
      {R"({"has":{"left":{"Var":"context"}}})", "$.has: the key `attr` is missing"},
      {R"({"has":{"left":{"Var":"context"},"attrs":["a"]}})", "$.has: the key `attr` is missing"},
      {R"({"has":{"attr":"a"}})", "$.has: the key `left` is missing"},
      {R"({"has":{"left":null,"attr":"a"}})", "$.has.left: expected an expression"},
      {R"({"has":{"left":{"Var":"context"},"attr":[]}})", "$.has.attr: the path is empty"},
      {R"({"has":{"left":{"Var":"context"},"attr":["a",1]}})", "$.has.attr[1]: expected a string"},
      {R"({"has":{"left":{"Var":"context"},"attr":{"a":1}}})", "$.has.attr: expected a string"},
      {R"({"has":[{"Var":"context"},"a"]})", "$.has: expected an object"},
  };
  expect_errors(cases);
}

TEST(ReadExpr, Patterns) {
  const Case cases[] = {
      {R"({"like":{"left":{"Value":""},"pattern":[]}})", R"("" like "")"},
      {R"({"like":{"left":{"Value":""},"pattern":["Wildcard"]}})", R"("" like "*")"},
      {R"({"like":{"left":{"Value":""},"pattern":["Wildcard","Wildcard"]}})", R"("" like "**")"},
      {R"({"like":{"left":{"Value":""},"pattern":[{"Literal":"ab"},{"Literal":"c"},"Wildcard"]}})",
       R"("" like "abc*")"},
      {R"({"like":{"left":{"Value":""},"pattern":[{"Literal":"a*b"},{"Literal":""}]}})",
       R"("" like "a\*b")"},
      {R"({"like":{"left":{"Value":""},"pattern":["Wildcard",{"Literal":"\"\\é"}]}})",
       R"("" like "*\"\\é")"},
  };
  expect_meanings(cases);
}

TEST(ReadExpr, RefusesOtherPatterns) {
  const Case cases[] = {
      {R"({"like":{"left":{"Value":""}}})", "$.like: the key `pattern` is missing"},
      {R"({"like":{"left":{"Value":""},"pattern":"a*"}})", "$.like.pattern: expected an array"},
      {R"({"like":{"left":{"Value":""},"pattern":[],"x":1}})", "$.like: unknown key `x`"},
      {R"({"like":{"left":{"Value":""},"pattern":["Foo"]}})",
       R"($.like.pattern[0]: expected `"Wildcard"` or `{"Literal": "…"}`)"},
      {R"({"like":{"left":{"Value":""},"pattern":["Literal"]}})", "$.like.pattern[0]: expected"},
      {R"({"like":{"left":{"Value":""},"pattern":["wildcard"]}})", "$.like.pattern[0]: expected"},
      {R"({"like":{"left":{"Value":""},"pattern":["Wildcard",{}]}})",
       "$.like.pattern[1]: expected"},
      {R"({"like":{"left":{"Value":""},"pattern":[{"Literal":1}]}})",
       "$.like.pattern[0]: expected"},
      {R"({"like":{"left":{"Value":""},"pattern":[{"Literal":"a","x":1}]}})",
       "$.like.pattern[0]: expected"},
      {R"({"like":{"left":{"Value":""},"pattern":[{"Wildcard":1}]}})",
       "$.like.pattern[0]: expected"},
      {R"({"like":{"left":{"Value":""},"pattern":[null]}})", "$.like.pattern[0]: expected"},
  };
  expect_errors(cases);
}

TEST(ReadExpr, Is) {
  const Case cases[] = {
      {R"({"is":{"left":{"Var":"principal"},"entity_type":"U"}})", "principal is U"},
      {R"({"is":{"left":{"Var":"principal"},"entity_type":"A::B"}})", "principal is A::B"},
      {R"({"is":{"left":{"Var":"principal"},"entity_type":"U","in":null}})", "principal is U"},
      {R"({"is":{"left":{"Var":"principal"},"entity_type":"U","in":{"Var":"resource"}}})",
       "principal is U in resource"},
  };
  expect_meanings(cases);
}

TEST(ReadExpr, RefusesOtherIs) {
  const Case cases[] = {
      {R"({"is":{"left":{"Var":"principal"}}})", "$.is: the key `entity_type` is missing"},
      {R"({"is":{"entity_type":"U"}})", "$.is: the key `left` is missing"},
      {R"({"is":{"left":{"Var":"principal"},"entity_type":"U","x":1}})", "$.is: unknown key `x`"},
      {R"({"is":{"left":{"Var":"principal"},"entity_type":1}})", "$.is.entity_type: expected a st"},
      {R"({"is":{"left":{"Var":"principal"},"entity_type":""}})",
       "$.is.entity_type: `` is not the"},
      {R"({"is":{"left":{"Var":"principal"},"entity_type":"in"}})",
       "$.is.entity_type: `in` is not"},
      {R"({"is":{"left":{"Var":"principal"},"entity_type":"A :: B"}})",
       "$.is.entity_type: `A :: B`"},
      {R"({"is":{"left":{"Var":"principal"},"entity_type":"A::"}})",
       "$.is.entity_type: `A::` is n"},
      {R"({"is":{"left":{"Var":"principal"},"entity_type":"__cedar::X"}})",
       "$.is.entity_type: `__c"},
      {R"({"is":{"left":{"Var":"principal"},"entity_type":"U","in":{"entity":{}}}})",
       "$.is.in.entity: unknown operator"},
      {R"({"is":[{"Var":"principal"},"U"]})", "$.is: expected an object"},
  };
  expect_errors(cases);
}

TEST(ReadExpr, CallsWithAnyNumberOfArguments) {
  const Case cases[] = {
      {R"({"ip":[{"Value":"::1"}]})", R"(ip("::1"))"},
      {R"({"ip":[]})", "ip()"},
      {R"({"ip":[{"Value":1},{"Value":2}]})", "ip(1, 2)"},
      {R"({"isIpv4":[{"Value":1}]})", "1.isIpv4()"},
      {R"({"lessThan":[{"Value":1}]})", "1.lessThan()"},
      {R"({"lessThan":[{"Value":1},{"Value":2},{"Value":3}]})", "1.lessThan(2, 3)"},
      {R"({"offset":[{"Var":"context"},{"duration":[{"Value":"1d"}]}]})",
       R"(context.offset(duration("1d")))"},
      {R"({"isIpv4":[]})",
       "policy text cannot call the method `isIpv4` on nothing; give it a first argument"},
  };
  expect_meanings(cases);
}

TEST(ReadExpr, RefusesOtherCalls) {
  const Case cases[] = {
      {R"({"ip":{"Value":"::1"}})", "$.ip: expected an array, found an object"},
      {R"({"ip":"::1"})", "$.ip: expected an array, found a string"},
      {R"({"ip":["::1"]})", "$.ip[0]: expected an expression"},
      {R"({"ip":{"left":{"Value":1},"right":{"Value":1}}})", "$.ip: expected an array"},
      {R"({"Ip":[{"Value":"::1"}]})", "$.Ip: unknown operator or function `Ip`"},
      {R"({"cedar::ip":[{"Value":"::1"}]})", "$[\"cedar::ip\"]: unknown operator or function"},
      {R"({"foo":[]})", "$.foo: unknown operator or function `foo`"},
  };
  expect_errors(cases);
}

TEST(ReadExpr, Values) {
  const Case cases[] = {
      {R"({"Value":true})", "true"},
      {R"({"Value":-1})", "-1"},
      {R"({"Value":9223372036854775807})", "9223372036854775807"},
      {R"({"Value":-9223372036854775808})", "-9223372036854775808"},
      {R"({"Value":"a\n"})", R"("a\n")"},
      {R"({"Value":[]})", "[]"},
      {R"({"Value":[1,[true],1]})", "[1, [true], 1]"},
      {R"({"Value":{}})", "{}"},
      {R"({"Value":{"b":1,"a":{"c d":[]}}})", R"({a: {"c d": []}, b: 1})"},
      {R"({"Value":{"__entity":{"type":"A::U","id":"a\""}}})", R"(A::U::"a\"")"},
      {R"({"Value":[{"a":{"__entity":{"type":"U","id":""}}}]})", R"([{a: U::""}])"},
      {R"({"Value":{"__extn":{"fn":"ip","arg":"::1"}}})", R"(ip("::1"))"},
      {R"({"Value":{"__extn":{"fn":"ip","arg":[1]}}})", "ip([1])"},
      {R"({"Value":{"__extn":{"fn":"ip","args":[]}}})", "ip()"},
      {R"({"Value":{"__extn":{"fn":"lessThan","args":[1,{"__extn":{"fn":"decimal","arg":2}}]}}})",
       "1.lessThan(decimal(2))"},
      {R"({"Value":{"__extn":{"fn":"ip","arg":"a","args":["b"],"x":1}}})", R"(ip("a"))"},
      {R"({"Value":{"__entity":{"type":"U","id":"a","x":null}}})", R"(U::"a")"},
  };
  expect_meanings(cases);
}

TEST(ReadExpr, AnythingThatIsNotQuiteAnEscapeIsARecord) {
  const Case cases[] = {
      {R"({"Value":{"type":"U","id":"a"}})", R"({id: "a", type: "U"})"},
      {R"({"Value":{"__entity":"a"}})", R"({__entity: "a"})"},
      {R"({"Value":{"__entity":{"type":"U"}}})", R"({__entity: {type: "U"}})"},
      {R"({"Value":{"__entity":{"type":1,"id":"a"}}})", R"({__entity: {id: "a", type: 1}})"},
      {R"({"Value":{"__entity":["U","a"]}})", R"({__entity: ["U", "a"]})"},
      {R"({"Value":{"__entity":{"type":"U","id":"a"},"x":1}})",
       R"({__entity: {id: "a", type: "U"}, x: 1})"},
      {R"({"Value":{"__extn":{"fn":"ip"}}})", R"({__extn: {fn: "ip"}})"},
      {R"({"Value":{"__extn":{"fn":1,"arg":1}}})", "{__extn: {arg: 1, fn: 1}}"},
      {R"({"Value":{"__extn":{"fn":"ip","args":1}}})", R"({__extn: {args: 1, fn: "ip"}})"},
      {R"({"Value":{"__extn":{"fn":"foo","arg":1},"x":1}})",
       R"({__extn: {arg: 1, fn: "foo"}, x: 1})"},
      {R"({"Value":{"__expr":1}})", "{__expr: 1}"},
      {R"({"Value":{"__expr":"a","x":1}})", R"({__expr: "a", x: 1})"},
      {R"({"Record":{"__entity":{"Value":1}}})", "{__entity: 1}"},
  };
  expect_meanings(cases);
}

TEST(ReadExpr, RefusesOtherValues) {
  const Case cases[] = {
      {R"({"Value":null})", "$.Value: null is not a value in Cedar; leave the key out"},
      {R"({"Value":[1,null]})", "$.Value[1]: null is not a value"},
      {R"({"Value":{"a":null}})", "$.Value.a: null is not a value"},
      {R"({"Value":1.5})", "$.Value: expected an integer of 64 bits, without fraction or exponent"},
      {R"({"Value":1.0})", "$.Value: expected an integer"},
      {R"({"Value":1e3})", "$.Value: expected an integer"},
      {R"({"Value":9223372036854775808})", "$.Value: expected an integer"},
      {R"({"Value":18446744073709551616})", "$.Value: expected an integer"},
      {R"({"Value":-9223372036854775809})", "$.Value: expected an integer"},
      {R"({"Value":{"__expr":"User::\"a\""}})", "$.Value: `__expr` is no longer part of Cedar"},
      {R"({"Value":{"__entity":{"type":"U::","id":"a"}}})", "$.Value: `U::` is not the name of"},
      {R"({"Value":{"__entity":{"type":" U","id":"a"}}})", "$.Value: ` U` is not the name of"},
      {R"({"Value":{"__entity":{"type":"if","id":"a"}}})", "$.Value: `if` is not the name of"},
      {R"({"Value":{"__entity":{"type":"","id":"a"}}})", "$.Value: `` is not the name of"},
      {R"({"Value":{"__entity":{"type":"__cedar::U","id":"a"}}})", "$.Value: `__cedar::U` is not"},
      {R"({"Value":{"__extn":{"fn":"foo","arg":1}}})", "$.Value.__extn.fn: unknown function `foo`"},
      {R"({"Value":{"__extn":{"fn":"","arg":1}}})", "$.Value.__extn.fn: unknown function ``"},
      {R"({"Value":{"__extn":{"fn":"ip","arg":null}}})", "$.Value.__extn.arg: null is not a value"},
      {R"({"Value":{"__extn":{"fn":"ip","arg":null,"args":["a"]}}})", "$.Value.__extn.arg: null"},
      {R"({"Value":{"__extn":{"fn":"ip","args":["a",null]}}})", "$.Value.__extn.args[1]: null is"},
      {R"({"Value":{"__extn":{"fn":"ip"},"x":null}})", "$.Value.x: null is not a value"},
  };
  expect_errors(cases);
}

std::string repeat(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

std::string nested(std::string_view open, std::string_view inner, std::string_view close,
                   std::size_t count) {
  return repeat(open, count) + std::string(inner) + repeat(close, count);
}

TEST(ReadExpr, UnaryOperatorsNestWithoutTheLimitOfText) {
  EXPECT_EQ(meaning(nested(R"({"!":{"arg":)", R"({"Value":true})", "}}", 6)),
            "!(!(!(!(!(!true)))))");
  EXPECT_EQ(meaning(nested(R"({"neg":{"arg":)", R"({"Value":1})", "}}", 5)), "-(-(-(-(-(1)))))");
}

TEST(ReadExpr, NestsUpToTheLimit) {
  const std::string_view shapes[][3] = {
      {R"({"!":{"arg":)", R"({"Value":true})", "}}"},
      {R"({"+":{"left":)", R"({"Value":1})", R"(,"right":{"Value":1}}})"},
      {R"({"&&":{"left":{"Value":true},"right":)", R"({"Value":true})", "}}"},
      {R"({".":{"attr":"a","left":)", R"({"Var":"context"})", "}}"},
      {R"({"Set":[)", R"({"Value":true})", "]}"},
      {R"({"Record":{"a":)", R"({"Value":true})", "}}"},
      {R"({"ip":[)", R"({"Value":true})", "]}"},
  };
  for (const auto& [open, inner, close] : shapes) {
    EXPECT_EQ(meaning(nested(open, inner, close, 499)).find("nest more than"), std::string::npos);
    EXPECT_NE(meaning(nested(open, inner, close, 500))
                  .find("expressions nest more than 500 deep; split the policy"),
              std::string::npos)
        << open;
  }
  EXPECT_EQ(meaning(R"({"Value":)" + nested("[", "1", "]", 499) + "}"), nested("[", "1", "]", 499));
  EXPECT_NE(meaning(R"({"Value":)" + nested("[", "1", "]", 500) + "}").find("nest more than 500"),
            std::string::npos);
}

/// `innermost && false && …`, as no text of such depth may be parsed.
codec::Json chain(std::string_view key, codec::Json innermost, std::size_t length) {
  codec::Json left = std::move(innermost);
  for (std::size_t i = 0; i < length; ++i) {
    boost::json::object body;
    body.emplace("left", std::move(left));
    body.emplace("right", boost::json::object{{"Value", false}});
    boost::json::object operation;
    operation.emplace(boost::json::string_view(key.data(), key.size()), std::move(body));
    left = std::move(operation);
  }
  return left;
}

TEST(ReadExpr, AChainMayBeFarLongerThanExpressionsAreDeep) {
  for (const std::string key : {"&&", "||"}) {
    Arena arena;
    const ParseLimits limits;
    const auto expression =
        ExprReader(arena, limits)
            .read(chain(key, boost::json::object{{"Value", true}}, 10'000), JsonPath());
    ASSERT_TRUE(expression) << expression.error().message;
    EXPECT_EQ(to_text(**expression).value(), "true" + repeat(" " + key + " false", 10'000));
  }
}

TEST(ReadExpr, AnErrorInALongChainHasAShortMessage) {
  Arena arena;
  const ParseLimits limits;
  const auto expression =
      ExprReader(arena, limits).read(chain("&&", boost::json::object(), 10'000), JsonPath());
  ASSERT_FALSE(expression);
  const std::string& message = expression.error().message;
  EXPECT_TRUE(message.starts_with("…")) << message;
  EXPECT_NE(message.find(R"(["&&"].left: expected an expression)"), std::string::npos) << message;
  EXPECT_LT(message.size(), 1000U);
}

TEST(ReadExpr, CountsMembers) {
  const ParseLimits limits = {.max_members = 3};
  EXPECT_EQ(meaning(R"({"Set":[{"Value":1},{"Value":1},{"Value":1}]})", limits), "[1, 1, 1]");
  const std::string_view too_many[] = {
      R"({"Set":[{"Value":1},{"Value":1},{"Value":1},{"Value":1}]})",
      R"({"ip":[{"Value":1},{"Value":1},{"Value":1},{"Value":1}]})",
      R"({"Value":[1,1,1,1]})",
      R"({"Value":{"a":1,"b":1,"c":1,"d":1}})",
      R"({"Value":{"__extn":{"fn":"ip","args":[1,1,1,1]}}})",
      R"({"Record":{"a":{"Value":1},"b":{"Value":1},"c":{"Value":1},"d":{"Value":1}}})",
      R"({"has":{"left":{"Value":1},"attr":["a","b","c","d"]}})",
      R"({"like":{"left":{"Value":1},"pattern":["Wildcard","Wildcard","Wildcard","Wildcard"]}})",
  };
  for (const std::string_view json : too_many) {
    EXPECT_NE(meaning(json, limits).find("more than 3 members"), std::string::npos) << json;
  }
  const std::string long_chain =
      nested(R"({"&&":{"left":)", R"({"Value":1})", R"(,"right":{"Value":1}}})", 3);
  EXPECT_NE(meaning(long_chain, limits).find("more than 3 members"), std::string::npos);
}

}  // namespace
}  // namespace wardlock::cedar
