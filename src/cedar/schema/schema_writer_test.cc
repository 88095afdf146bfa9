#include "cedar/schema/schema_writer.h"

#include <gtest/gtest.h>

#include <random>

#include "cedar/schema/schema.h"

namespace wardlock::cedar {
namespace {

std::string text_to_json(std::string_view text) {
  const auto syntax = parse_schema_syntax(text);
  if (!syntax) return "error: " + syntax.error().front().message;
  const auto json = schema_to_json(*syntax);
  return json ? codec::to_json_text(*json) : "error: " + json.error().message;
}

std::string json_to_text(std::string_view document) {
  const auto syntax = schema_syntax_from_json(*codec::parse_json(document));
  if (!syntax) return "error: " + syntax.error().message;
  const auto text = schema_to_text(*syntax);
  return text ? *text : "error: " + text.error().message;
}

/// A schema of the namespace `N` with these parts.
std::string in_n(std::string_view entities, std::string_view commons = "",
                 std::string_view actions = "") {
  return R"({"N":{"entityTypes":{)" + std::string(entities) + R"(},"actions":{)" +
         std::string(actions) + R"(},"commonTypes":{)" + std::string(commons) + "}}}";
}

TEST(SchemaWriter, WritesEveryDeclarationAsJson) {
  EXPECT_EQ(
      text_to_json("@a @b(\"x\") namespace N::M { @c entity A, B in [A, O::C] = {x?: Long, @d "
                   "\"y z\": Set<Bool>} tags {}; entity E enum [\"a\"]; type T = Set<A>; }"),
      R"({"N::M":{"commonTypes":{"T":{"type":"Set","element":{"type":"EntityOrCommon",)"
      R"("name":"A"}}},"entityTypes":{"A":{"memberOfTypes":["A","O::C"],"shape":{"type":)"
      R"("Record","attributes":{"x":{"type":"EntityOrCommon","name":"Long","required":false},)"
      R"("y z":{"type":"Set","element":{"type":"EntityOrCommon","name":"Bool"},"annotations":)"
      R"({"d":""}}}},"tags":{"type":"Record","attributes":{}},"annotations":{"c":""}},"B":)"
      R"({"memberOfTypes":["A","O::C"],"shape":{"type":"Record","attributes":{"x":{"type":)"
      R"("EntityOrCommon","name":"Long","required":false},"y z":{"type":"Set","element":)"
      R"({"type":"EntityOrCommon","name":"Bool"},"annotations":{"d":""}}}},"tags":{"type":)"
      R"("Record","attributes":{}},"annotations":{"c":""}},"E":{"enum":["a"]}},"actions":{},)"
      R"("annotations":{"a":"","b":"x"}}})");
  EXPECT_EQ(text_to_json("action a, \"b c\" in [d, N::Action::\"e\"] appliesTo { principal: A, "
                         "resource: [A, B], context: T }; @x action d;"),
            R"({"":{"entityTypes":{},"actions":{"a":{"appliesTo":{"principalTypes":["A"],)"
            R"("resourceTypes":["A","B"],"context":{"type":"T"}},"memberOf":[{"id":"d"},)"
            R"({"id":"e","type":"N::Action"}]},"b c":{"appliesTo":{"principalTypes":["A"],)"
            R"("resourceTypes":["A","B"],"context":{"type":"T"}},"memberOf":[{"id":"d"},)"
            R"({"id":"e","type":"N::Action"}]},"d":{"appliesTo":{"principalTypes":[],)"
            R"("resourceTypes":[]},"annotations":{"x":""}}}}})");
  EXPECT_EQ(text_to_json(""), "{}");
  EXPECT_EQ(text_to_json("namespace N {}"), R"({"N":{"entityTypes":{},"actions":{}}})");
}

TEST(SchemaWriter, WritesEveryDeclarationAsText) {
  EXPECT_EQ(
      json_to_text(in_n(
          R"("A":{"memberOfTypes":["B"],"shape":{"type":"Record","attributes":{"a":{"type":"Long",)"
          R"("required":false,"annotations":{"x":null,"y":"z"}},"if":{"type":"Extension","name":)"
          R"("ipaddr"},"b c\n":{"type":"Set","element":{"type":"Boolean"}}}},"tags":{"type":"T"}},)"
          R"("B":{"enum":["a","\""]})",
          R"("T":{"type":"Record","attributes":{}})",
          R"("v":{"appliesTo":{"principalTypes":["A"],"resourceTypes":["A","B"],"context":{"type":)"
          R"("EntityOrCommon","name":"T"}},"memberOf":[{"id":"w"},{"id":"x","type":"Action"}]},)"
          R"("w":{},"x":{"appliesTo":{"principalTypes":[],"resourceTypes":["A"]}})")),
      "namespace N {\n  type T = {};\n\n  entity A in [B] = {\n    @x\n    @y(\"z\")\n"
      "    a?: __cedar::Long,\n    \"if\": __cedar::ipaddr,\n    \"b c\\n\": Set<__cedar::Bool>\n"
      "  } tags T;\n\n  entity B enum [\"a\", \"\\\"\"];\n\n  action \"v\" in [\"w\", "
      "Action::\"x\"] appliesTo {\n    principal: [A],\n    resource: [A, B],\n    context: T\n"
      "  };\n\n  action \"w\";\n\n  action \"x\";\n}\n");
  EXPECT_EQ(json_to_text("{}"), "");
  EXPECT_EQ(json_to_text(R"({"":{"entityTypes":{},"actions":{}}})"), "");
}

TEST(SchemaWriter, RefusesWhatIsDeclaredTwice) {
  EXPECT_TRUE(text_to_json("entity A; entity B, A;").starts_with("error: "));
  EXPECT_TRUE(text_to_json("action a; action \"a\";").starts_with("error: "));
  EXPECT_TRUE(text_to_json("type T = Long; type T = Long;").starts_with("error: "));
  EXPECT_TRUE(text_to_json("type Bool = Long;").starts_with("error: "));
  EXPECT_TRUE(text_to_json("entity __cedar;").starts_with("error: "));
}

TEST(SchemaWriter, TranslatesWhatIsNotDeclared) {
  EXPECT_EQ(text_to_json("type T = Nope;"),
            R"({"":{"commonTypes":{"T":{"type":"EntityOrCommon","name":"Nope"}},)"
            R"("entityTypes":{},"actions":{}}})");
}

TEST(SchemaWriter, RefusesShapesThatTextCannotSay) {
  const std::string record = R"("T":{"type":"Record","attributes":{}})";
  EXPECT_TRUE(json_to_text(in_n(R"("A":{"shape":{"type":"T"}})", record))
                  .starts_with("error: the shape of `N::A` is no record"));
  EXPECT_TRUE(json_to_text(in_n(R"("A":{"shape":{"type":"Long"}})")).starts_with("error: "));
  EXPECT_TRUE(json_to_text(in_n(R"("A":{})", "",
                                R"("a":{"appliesTo":{"principalTypes":["A"],"resourceTypes":["A"],)"
                                R"("context":{"type":"Set","element":{"type":"Long"}}}})"))
                  .starts_with("error: the context of action `a`"));
}

TEST(SchemaWriter, RefusesNamesThatTextCannotTellApart) {
  const std::string both = R"("A":{},"B":{"shape":{"type":"Record","attributes":{"a":)";
  const std::string common = R"("A":{"type":"Long"})";
  EXPECT_TRUE(json_to_text(in_n(R"("A":{})", common)).starts_with("error: `N::A` names both"));
  const auto outside = [&](std::string_view type) {
    return json_to_text(R"({"":{"entityTypes":{)" + both + std::string(type) +
                        R"(}}}},"actions":{},"commonTypes":{)" + common + "}}}");
  };
  EXPECT_TRUE(outside(R"({"type":"Entity","name":"A"})").starts_with("error: `A` names both"));
  EXPECT_FALSE(outside(R"({"type":"A"})").starts_with("error"));
  EXPECT_FALSE(outside(R"({"type":"EntityOrCommon","name":"A"})").starts_with("error"));
}

TEST(SchemaWriter, RefusesABuiltinThatAnEntityTypeHides) {
  EXPECT_TRUE(json_to_text(in_n(R"("ipaddr":{},"B":{"tags":{"type":"ipaddr"}})"))
                  .starts_with("error: `N::ipaddr` names both"));
}

/// Random schemas whose references may lead nowhere; each syntax can say them.
class RandomSchema {
 public:
  explicit RandomSchema(unsigned seed) : random_(seed) {}

  SchemaSyntax make() {
    SchemaSyntax schema;
    for (const char* name : {"", "N", "N::M"}) {
      NamespaceSyntax space;
      space.name.text = name;
      if (*name != '\0') space.annotations = annotations();
      for (const char* entity : {"A", "B", "type", "Set"}) {
        if (chance(2)) space.entities.push_back(this->entity(entity));
      }
      for (const char* common : {"T", "U", "in_", "namespace"}) {
        if (chance(2)) space.common_types.push_back({{common, {}}, type(2), annotations()});
      }
      for (const char* action : {"a", "b c", "", "in", "\"\\\n\u00e9\u200b"}) {
        if (chance(2)) space.actions.push_back(this->action(action));
      }
      const bool is_empty =
          space.entities.empty() && space.common_types.empty() && space.actions.empty();
      if (*name != '\0' || !is_empty) schema.namespaces.push_back(std::move(space));
    }
    return schema;
  }

 private:
  unsigned below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }
  bool chance(unsigned one_in) { return below(one_in) == 0; }
  template <typename T, std::size_t n>
  const T& pick(const T (&list)[n]) {
    return list[below(n)];
  }

  std::vector<AnnotationSyntax> annotations() {
    std::vector<AnnotationSyntax> out;
    for (const char* name : {"doc", "if", "source"}) {
      if (chance(6)) out.push_back({name, std::string(pick({"", "x", "\"\n\u202e", "directory"}))});
    }
    return out;
  }

  std::string type_name() {
    return pick({"A", "B", "T", "U", "Long", "String", "Bool", "ipaddr", "N::A", "N::M::T",
                 "__cedar::Long", "Set", "Nope", "type"});
  }

  TypeSyntax type(int depth) {
    TypeSyntax out;
    if (depth > 0 && chance(4)) {
      out.form = TypeSyntax::Form::kSet;
      out.element.push_back(type(depth - 1));
    } else if (depth > 0 && chance(3)) {
      out = record(depth - 1);
    } else {
      out.form = TypeSyntax::Form::kName;
      out.name = type_name();
    }
    return out;
  }

  TypeSyntax record(int depth) {
    TypeSyntax out;
    for (const char* name : {"x", "a b", "", "if", "\"\t\U0001F511", "appliesTo"}) {
      if (!chance(2)) continue;
      out.attributes.push_back({name, type(depth), chance(2), annotations(), {}});
    }
    return out;
  }

  EntitySyntax entity(const char* name) {
    EntitySyntax out;
    out.names.push_back({name, {}});
    out.annotations = annotations();
    if (chance(4)) {
      out.enum_ids = {"a", "\n", "a"};
      return out;
    }
    if (chance(2)) out.member_of.push_back({type_name(), {}});
    if (chance(2)) out.shape = record(2);
    if (chance(3)) out.tags = type(2);
    return out;
  }

  ActionSyntax action(const char* id) {
    ActionSyntax out;
    out.ids.push_back({id, {}});
    out.annotations = annotations();
    if (chance(3)) out.member_of.push_back({"", "a", {}});
    if (chance(3)) out.member_of.push_back({"N::Action", "b c", {}});
    if (!chance(2)) return out;
    out.applies_to = AppliesToSyntax{{{type_name(), {}}}, {{"A", {}}, {"B", {}}}, std::nullopt};
    if (chance(2)) {
      out.applies_to->context = record(2);
    } else if (chance(2)) {
      TypeSyntax& context = out.applies_to->context.emplace();
      context.form = TypeSyntax::Form::kCommonName;
      context.name = "T";
    }
    return out;
  }

  std::mt19937 random_;
};

TEST(SchemaWriter, BothSyntaxesSayTheSame) {
  for (unsigned seed = 0; seed < 2000; ++seed) {
    const SchemaSyntax schema = RandomSchema(seed).make();
    const auto json = schema_to_json(schema);
    ASSERT_TRUE(json) << seed << ": " << json.error().message;
    const auto text = schema_to_text(schema);
    ASSERT_TRUE(text) << seed << ": " << text.error().message;
    // Text to JSON gives the document, JSON to text the text.
    const auto from_text = parse_schema_syntax(*text);
    ASSERT_TRUE(from_text) << seed << ": " << from_text.error().front().message << *text;
    EXPECT_EQ(*schema_to_json(*from_text), *json) << seed << *text;
    const auto from_json = schema_syntax_from_json(*json);
    ASSERT_TRUE(from_json) << seed << ": " << from_json.error().message;
    EXPECT_EQ(*schema_to_text(*from_json), *schema_to_text(*from_text)) << seed;
  }
}

}  // namespace
}  // namespace wardlock::cedar
