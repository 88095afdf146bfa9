// What validation is for: a policy that validates strictly, decided with entities and requests that
// conform, never has a type error and never misses an attribute or a tag; and an expression has a
// value of its type. Policies, entities and requests are random.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "cedar/entities/conformance.h"
#include "cedar/entities/entities_json.h"
#include "cedar/evaluator/evaluator.h"
#include "cedar/parser/parser.h"
#include "cedar/validator/expr_types.h"
#include "cedar/validator/expr_walk.h"
#include "cedar/validator/validator.h"

namespace wardlock::cedar {
namespace {

constexpr std::string_view kSchema = R"(
entity Team in [Team];
entity User in [Team] = { n: Long, s: String, o?: Long, u?: User, r: { a: Long, b?: String },
                          l: Set<Long>, d: decimal } tags Long;
entity Box in [Team] = { n: Long, owner: User, o?: String, l: Set<User> };
action look, take appliesTo { principal: User, resource: [User, Box],
                              context: { n: Long, o?: Long, u: User } };
)";

/// Random text of expressions: often well-typed, since few names fit few places.
class Author {
 public:
  explicit Author(std::mt19937& random) : random_(random) {}

  std::string boolean(int depth) {
    if (depth <= 0) return atom(0);
    const int next = depth - 1;
    switch (pick(10)) {
      case 0:
      case 1:
      case 2: return "(" + boolean(next) + " && " + boolean(next) + ")";
      case 3:
      case 4: return "(" + boolean(next) + " || " + boolean(next) + ")";
      case 5: return "!(" + boolean(next) + ")";
      case 6:
        return "(if " + boolean(next) + " then " + boolean(next) + " else " + boolean(next) + ")";
      case 7: return "(" + guard() + " && " + boolean(next) + ")";
      default: return atom(next);
    }
  }

 private:
  int pick(int bound) { return std::uniform_int_distribution<>(0, bound - 1)(random_); }
  std::string one_of(std::initializer_list<const char*> texts) {
    return *(texts.begin() + pick(static_cast<int>(texts.size())));
  }

  std::string entity(int depth) {
    if (depth > 0 && pick(4) == 0) {
      return "(if " + boolean(depth - 1) + " then " + entity(depth - 1) + " else " +
             entity(depth - 1) + ")";
    }
    return one_of({"principal", "resource", "context.u", "principal.u", "resource.owner",
                   "User::\"u1\"", "User::\"nobody\"", "Team::\"t1\"", "Box::\"b1\"", "action"});
  }
  std::string number(int depth) {
    if (depth > 0 && pick(4) == 0)
      return number(depth - 1) + one_of({" + ", " - ", " * "}) + number(0);
    switch (pick(6)) {
      case 0: return one_of({"1", "7", "9223372036854775807"});
      case 1: return entity(depth) + one_of({".n", ".o", ".r.a"});
      case 2: return "{x: " + number(0) + ", y: 1}.x";
      case 3: return entity(0) + ".getTag(" + one_of({"\"t\"", "\"u\"", "principal.s"}) + ")";
      default:
        return one_of({"context.n", "context.o", "principal.n", "principal.r.a", "resource.n"});
    }
  }
  std::string guard() {
    switch (pick(4)) {
      case 0: return entity(0) + " has " + one_of({"n", "o", "u", "r.b", "u.o", "owner.u.o", "z"});
      case 1: return "context has " + one_of({"o", "n", "u.o", "z"});
      case 2: return entity(0) + ".hasTag(" + one_of({"\"t\"", "\"u\"", "principal.s"}) + ")";
      default: return entity(0) + " is " + one_of({"User", "Box", "Team"});
    }
  }
  std::string atom(int depth) {
    switch (pick(9)) {
      case 0: return guard();
      case 1: return number(depth) + one_of({" < ", " <= ", " == ", " > "}) + number(depth);
      case 2: return entity(depth) + one_of({" == ", " != ", " in "}) + entity(0);
      case 3: return entity(0) + ".s like \"a*\"";
      case 4: return entity(0) + ".l.contains(" + (pick(2) == 0 ? number(0) : entity(0)) + ")";
      case 5: return entity(0) + " in [" + entity(0) + ", " + entity(0) + "]";
      case 6: return "principal.d.lessThan(decimal(\"1.5\"))";
      case 7: return entity(0) + ".r == {a: " + number(0) + ", b: \"x\"}";
      default: return one_of({"true", "false", "principal.l.isEmpty()", "resource.o == \"x\""});
    }
  }

  std::mt19937& random_;
};

/// Some users and boxes, with what is optional there or not; some are referred to and missing.
codec::Json random_entities(std::mt19937& random) {
  const auto chance = [&random] { return random() % 2 == 0; };
  const auto uid = [&](const char* type, int i) {
    return codec::Json{{"type", type}, {"id", fmt::format("{}{}", type[0] == 'U' ? 'u' : 'b', i)}};
  };
  boost::json::array all;
  for (int i = 0; i < 3; ++i) {
    boost::json::object user{
        {"n", int(random() % 5)}, {"s", chance() ? "t" : "abc"}, {"l", {1, 2}}, {"d", "1.0"}};
    boost::json::object record{{"a", 1}};
    if (chance()) record["b"] = "x";
    user["r"] = record;
    if (chance()) user["o"] = 3;
    if (chance()) user["u"] = uid("User", int(random() % 4));
    boost::json::object tags;
    if (chance()) tags["t"] = 1;
    all.push_back({{"uid", uid("User", i)},
                   {"attrs", user},
                   {"parents", boost::json::array()},
                   {"tags", tags}});
    boost::json::object box{{"n", 1},
                            {"owner", uid("User", int(random() % 4))},
                            {"l", boost::json::array{uid("User", 0)}}};
    if (chance()) box["o"] = "x";
    all.push_back({{"uid", uid("Box", i)}, {"attrs", box}, {"parents", boost::json::array()}});
  }
  return all;
}

Request random_request(std::mt19937& random, const Schema& schema, Arena& arena) {
  const auto id = [&](char kind) { return fmt::format("{}{}", kind, random() % 4); };
  boost::json::object context{{"n", int(random() % 4)}, {"u", {{"type", "User"}, {"id", id('u')}}}};
  if (random() % 2 == 0) context["o"] = 2;
  const bool is_box = random() % 2 == 0;
  Request request{.principal = make_uid(arena, "User", id('u')),
                  .action = make_uid(arena, "Action", random() % 2 == 0 ? "look" : "take"),
                  .resource = make_uid(arena, is_box ? "Box" : "User", id(is_box ? 'b' : 'u'))};
  request.context = *context_from_json(arena, context, &schema, request.action);
  EXPECT_TRUE(validate_request(schema, *request.principal, *request.action, *request.resource,
                               request.context));
  return request;
}

/// Whether the value can be of the type, as far as kinds tell.
bool fits(const Value& value, const InferredType& type) {
  if (value.kind() != type.kind) return false;
  if (type.constant) return value.as_bool() == *type.constant;
  if (type.is(Kind::kEntity)) {
    return std::ranges::find(type.entity_types, value.as_entity().type) != type.entity_types.end();
  }
  return true;
}

bool may_happen(EvalErrorKind kind) {
  return kind == EvalErrorKind::kEntityDoesNotExist || kind == EvalErrorKind::kArithmeticOverflow ||
         kind == EvalErrorKind::kExtensionError;
}

class Trial {
 public:
  Trial(std::mt19937& random, const Schema& schema) : random_(random), schema_(schema) {}

  /// Whether the policy validated in the mode, and was tried.
  bool run(std::string_view text, ValidationMode mode) {
    const auto policies = parse_policies(text);
    EXPECT_TRUE(policies) << text;
    if (!policies || has_errors(validate(*policies, schema_, {.mode = mode}))) return false;
    const auto entities = entities_from_json(random_entities(random_), &schema_);
    EXPECT_TRUE(entities);
    for (int i = 0; i < 6; ++i) {
      Arena arena;
      const Request request = random_request(random_, schema_, arena);
      Evaluator evaluator(request, *entities, arena);
      const auto satisfied = evaluator.is_satisfied(policies->policies().front());
      EXPECT_TRUE(satisfied || may_happen(satisfied.error().kind)) << text << "\n"
                                                                   << satisfied.error().message();
      check_types(*policies->policies().front().body, request, evaluator, mode, text);
    }
    return true;
  }

 private:
  /// The parts too, where they have a value at all: what guards them was not looked at.
  void check_types(const Template& policy, const Request& request, Evaluator& evaluator,
                   ValidationMode mode, std::string_view text) {
    const RequestEnvironment environment{
        request.principal->type, schema_.find_action(*request.action), request.resource->type};
    const ExprTypes types = infer_types(policy, schema_, environment, mode);
    const Expr& body = *policy.conditions.front().body;
    const InferredType* type = types.find(body);
    const auto value = evaluator.evaluate(body);
    if (!value) return;
    EXPECT_TRUE(type == nullptr || fits(*value, *type)) << text;
    EXPECT_FALSE(types.is_impossible() && value->as_bool()) << text;
  }

  std::mt19937& random_;
  const Schema& schema_;
};

TEST(Soundness, AValidPolicyNeverHasATypeErrorNorMissesAnAttribute) {
  const auto schema = parse_schema(kSchema);
  ASSERT_TRUE(schema);
  std::mt19937 random(20240229);  // NOLINT: the same trials each time
  Author author(random);
  Trial trial(random, *schema);
  int strict = 0;
  int permissive = 0;
  for (int i = 0; i < 12'000; ++i) {
    const std::string text =
        "permit (principal, action, resource) when { " + author.boolean(i % 4) + " };";
    strict += trial.run(text, ValidationMode::kStrict) ? 1 : 0;
    permissive += trial.run(text, ValidationMode::kPermissive) ? 1 : 0;
    if (testing::Test::HasFailure()) break;
  }
  EXPECT_GT(strict, 1'000);
  EXPECT_GT(permissive, strict);
}

}  // namespace
}  // namespace wardlock::cedar
