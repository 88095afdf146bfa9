#include "lsp/language_server.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "lsp/client_for_test.h"

namespace wardlock::lsp {
namespace {

using codec::Json;
using List = std::vector<std::string>;

bool contains(std::string_view text, std::string_view part) { return text.contains(part); }

bool has(const List& list, std::string_view text) {
  return std::ranges::find(list, text) != list.end();
}

bool one_has(const List& list, std::string_view part) {
  return std::ranges::any_of(list, [&](const std::string& text) { return text.contains(part); });
}

bool has_all(const List& list, const List& texts) {
  return std::ranges::all_of(texts, [&](const std::string& text) { return has(list, text); });
}

/// Whether there are as many texts as parts, each with its part.
bool each_has(const List& list, const List& parts) {
  return std::ranges::equal(list, parts, &contains);
}

constexpr std::string_view kSchema = R"(entity Role enum ["nurse", "physician"];
@doc("A person on the staff.")
entity User in [Role] = {
  @doc("where employed")
  ward?: Ward,
  name: String,
  level: Long,
} tags datetime;
entity Ward = { name: String, "bed count": Long };
type Place = { address: ipaddr };
@doc("To look.")
action view in [reading] appliesTo {
  principal: User,
  resource: [Chart, Ward],
  context: { place: Place, now: datetime },
};
action reading;
entity Chart = { careTeam: Set<User>, ward: Ward };
)";

constexpr std::string_view kPolicies = "file:///h/a.cedar";
constexpr std::string_view kSchemaUri = "file:///h/s.cedarschema";

/// A client in a folder with the schema, that has opened the text.
struct Editor : ClientForTest {
  explicit Editor(const std::string& text, std::string_view schema = kSchema) {
    if (!schema.empty()) files.texts["/h/s.cedarschema"] = schema;
    open(std::string(kPolicies), text);
  }
};

std::string condition(std::string_view text) {
  return fmt::format("permit (principal, action, resource) when {{ {} }};", text);
}

Json code_of(const Json& answer) { return answer.at("error").at("code"); }

Json change(std::string_view uri, Json changes) {
  return boost::json::object{{"textDocument", boost::json::object{{"uri", uri}, {"version", 2}}},
                             {"contentChanges", std::move(changes)}};
}

// ---- The order of messages

TEST(LanguageServer, the_first_request_is_initialize_and_comes_once) {
  const FilesForTest files;
  LanguageServer server(files, "1.2.3");
  EXPECT_PRED2(
      each_has,
      server.handle(R"({"jsonrpc":"2.0","id":1,"method":"textDocument/hover","params":{}})"),
      (List{"-32002"}));
  EXPECT_TRUE(
      (server.handle(R"({"jsonrpc":"2.0","method":"textDocument/didOpen","params":{}})")).empty());
  const auto first =
      server.handle(R"({"jsonrpc":"2.0","id":"a","method":"initialize","params":{}})");
  ASSERT_EQ(first.size(), 1U);
  EXPECT_PRED2(contains, first[0], R"("id":"a")");
  EXPECT_PRED2(contains, first[0], R"("positionEncoding":"utf-16")");
  EXPECT_PRED2(contains, first[0], R"("version":"1.2.3")");
  EXPECT_PRED2(each_has,
               server.handle(R"({"jsonrpc":"2.0","id":2,"method":"initialize","params":{}})"),
               (List{"-32600"}));
}

TEST(LanguageServer, exit_succeeds_only_after_shutdown) {
  ClientForTest hasty;
  hasty.notify("exit", nullptr);
  EXPECT_EQ(hasty.server.exit_status(), 1);
  ClientForTest polite;
  EXPECT_TRUE(polite.request("shutdown", nullptr).is_null());
  EXPECT_EQ(code_of(polite.request("textDocument/hover", nullptr)), -32600);
  EXPECT_EQ(polite.server.exit_status(), std::nullopt);
  polite.notify("exit", nullptr);
  EXPECT_EQ(polite.server.exit_status(), 0);
}

TEST(LanguageServer, what_it_does_not_know_is_refused_or_ignored) {
  ClientForTest client;
  EXPECT_EQ(code_of(client.request("textDocument/rename", nullptr)), -32601);
  EXPECT_TRUE((client.notify("workspace/didSomething", nullptr)).empty());
  EXPECT_TRUE((client.notify("$/cancelRequest", boost::json::object{{"id", 1}})).empty());
  EXPECT_TRUE((client.send({{"jsonrpc", "2.0"}, {"id", 1}, {"result", nullptr}})).empty());
}

TEST(LanguageServer, what_is_no_message_is_an_error_with_the_id_there_is) {
  const FilesForTest files;
  LanguageServer server(files, "");
  const auto answer = [&](std::string_view body) {
    const auto out = server.handle(body);
    return out.size() == 1 ? out[0] : "";
  };
  for (const std::string_view body : {"", "{", "nul", "\xff", "{\"a\":1,\"a\":2}"}) {
    EXPECT_PRED2(contains, answer(body), R"("id":null,"error":{"code":-32700)") << body;
  }
  for (const std::string_view body :
       {"1", "[]", "{}", R"({"jsonrpc":"1.0","method":"m"})", R"({"jsonrpc":"2.0","method":1})",
        R"({"jsonrpc":"2.0","method":"m","id":{}})",
        R"({"jsonrpc":"2.0","method":"m","id":1.5})"}) {
    EXPECT_PRED2(contains, answer(body), R"("id":null,"error":{"code":-32600)") << body;
  }
  EXPECT_PRED2(contains, answer(R"({"jsonrpc":"2.0","method":"m","id":7,"params":3})"),
               R"("id":7,"error":{"code":-32600)");
}

TEST(LanguageServer, parameters_that_are_missing_or_wrong_are_named) {
  Editor editor("permit (principal, action, resource);");
  for (const std::string_view method :
       {"textDocument/hover", "textDocument/completion", "textDocument/definition",
        "textDocument/references", "textDocument/documentSymbol", "textDocument/formatting",
        "textDocument/codeAction"}) {
    for (const Json& params :
         {Json(nullptr), Json(boost::json::object()), Json(boost::json::array{1}),
          Json(boost::json::object{{"textDocument", boost::json::object{{"uri", 1}}}}),
          Json(boost::json::object{{"textDocument", boost::json::object{{"uri", "file:///x"}}}})}) {
      EXPECT_EQ(code_of(editor.request(method, params)), -32602) << method;
    }
  }
  editor.position = boost::json::object{{"line", -1}, {"character", 0}};
  EXPECT_EQ(code_of(editor.at_cursor("textDocument/hover")), -32602);
}

TEST(LanguageServer, a_bad_change_is_logged_and_nothing_else) {
  Editor editor("permit (principal, action, resource);");
  const Json backwards = boost::json::object{
      {"text", ""},
      {"range", boost::json::object{{"start", boost::json::object{{"line", 0}, {"character", 5}}},
                                    {"end", boost::json::object{{"line", 0}, {"character", 1}}}}}};
  for (const Json& params : {change("file:///other", boost::json::array()),
                             change(kPolicies, nullptr), change(kPolicies, boost::json::array{1}),
                             change(kPolicies, boost::json::array{backwards})}) {
    const auto answers = editor.notify("textDocument/didChange", params);
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_EQ(answers[0].at("method"), "window/logMessage");
  }
  EXPECT_EQ(editor.diagnostics(std::string(kPolicies)), List{});
}

// ---- Texts and positions

TEST(LanguageServer, positions_count_utf16_units_unless_utf8_is_agreed) {
  const std::string text =
      "// \U0001f600\nforbid (principal, action, resource) when { \"\U0001f600\" == 1 x };";
  Editor editor(text);
  EXPECT_PRED2(each_has, editor.diagnostics(std::string(kPolicies)), (List{"1:54-1:55 syntax"}));
  ClientForTest modern(boost::json::object{
      {"general", boost::json::object{{"positionEncodings", boost::json::array{"utf-8"}}}}});
  modern.open("file:///a.cedar", text);
  EXPECT_PRED2(each_has, modern.diagnostics("file:///a.cedar"), (List{"1:56-1:57 syntax"}));
}

TEST(LanguageServer, edits_apply_in_order) {
  Editor editor("permit (principal, action, resource)\nwhen { tru };");
  EXPECT_FALSE((editor.diagnostics(std::string(kPolicies))).empty());
  const auto edit = [](int line, int from, int to, std::string_view text) {
    return boost::json::object{
        {"text", text},
        {"range",
         boost::json::object{{"start", boost::json::object{{"line", line}, {"character", from}}},
                             {"end", boost::json::object{{"line", line}, {"character", to}}}}}};
  };
  editor.notify("textDocument/didChange",
                change(kPolicies,
                       boost::json::array{edit(0, 0, 0, "// \U0001f600\n"), edit(2, 10, 10, "e")}));
  EXPECT_FALSE(one_has(editor.diagnostics(std::string(kPolicies)), "syntax"));
  editor.notify("textDocument/didChange",
                change(kPolicies, boost::json::array{boost::json::object{{"text", "permit"}}}));
  EXPECT_PRED2(each_has, editor.diagnostics(std::string(kPolicies)),
               (List{"this policy does not end"}));
}

// ---- Diagnostics

TEST(LanguageServer, each_policy_has_its_own_errors) {
  Editor editor(
      "permit (principal, action, resource) when { resource. }\n"
      "@id(\"b\") permit (principal, action, resource) when { f() };\n"
      "forbid (principal, action resource);\n"
      "permit (principal, action, resource)",
      "");
  EXPECT_PRED2(each_has, editor.diagnostics(std::string(kPolicies)),
               (List{"0:54-0:55 syntax unexpected `}`", "1:53-1:54 syntax there is no function `f`",
                     "2:26-2:34 syntax unexpected `resource`",
                     "3:35-3:36 syntax this policy does not end"}));
}

TEST(LanguageServer, policies_are_validated_against_the_folders_schema) {
  Editor editor(condition("resource.careTaem.contains(principal)"));
  const auto found = editor.diagnostics(std::string(kPolicies));
  ASSERT_FALSE(found.empty());
  EXPECT_TRUE(one_has(found, "unknown_attribute"));
  EXPECT_TRUE(one_has(found, "careTeam"));
}

TEST(LanguageServer, what_follows_from_an_unknown_name_is_not_said_too) {
  Editor editor("permit (principal is Usr, action, resource);");
  EXPECT_PRED2(each_has, editor.diagnostics(std::string(kPolicies)),
               (List{"0:8-0:24 unknown_entity_type"}));
  editor.open(std::string(kPolicies), "permit (principal is Ward, action, resource);");
  EXPECT_PRED2(each_has, editor.diagnostics(std::string(kPolicies)),
               (List{"0:0-0:6 no_environment"}));
}

TEST(LanguageServer, wardlocks_annotations_are_checked) {
  Editor editor("@override(\"break-glass\")\npermit (principal, action, resource);", "");
  EXPECT_PRED2(each_has, editor.diagnostics(std::string(kPolicies)),
               (List{"annotation an override permit must test `context.override`"}));
}

TEST(LanguageServer, an_annotation_that_is_nearly_right_is_suggested) {
  Editor editor("@resaon(\"x\") permit (principal, action, resource);", "");
  EXPECT_PRED2(
      each_has, editor.diagnostics(std::string(kPolicies)),
      (List{"0:0-0:7 annotation the annotation `@resaon` is not known; did you mean `@reason`?"}));
}

TEST(LanguageServer, an_id_is_unique) {
  Editor editor(
      "@id(\"a\") permit (principal, action, resource);\n"
      "@id(\"a\") forbid (principal, action, resource);",
      "");
  EXPECT_EQ(
      editor.diagnostics(std::string(kPolicies)),
      (List{"1:4-1:7 duplicate_id the id `a` occurs twice\nthe policy at line 1 has it too"}));
}

TEST(LanguageServer, unsaved_changes_of_the_schema_count_at_once) {
  Editor editor("permit (principal is Visitor, action, resource);");
  EXPECT_TRUE(one_has(editor.diagnostics(std::string(kPolicies)), "Visitor"));
  editor.open(std::string(kSchemaUri),
              "entity Visitor; action see appliesTo { principal: Visitor, resource: Visitor };");
  EXPECT_EQ(editor.diagnostics(std::string(kPolicies)), List{});
  EXPECT_EQ(editor.diagnostics(std::string(kSchemaUri)), List{});
  editor.notify("textDocument/didClose",
                boost::json::object{{"textDocument", boost::json::object{{"uri", kSchemaUri}}}});
  EXPECT_TRUE(one_has(editor.diagnostics(std::string(kPolicies)), "Visitor"));
}

TEST(LanguageServer, several_schema_files_are_one) {
  Editor editor("permit (principal is Visitor, action, resource);");
  editor.files.texts["/h/t.cedarschema"] =
      "entity Visitor; action see appliesTo { principal: Visitor, resource: Ward };";
  EXPECT_EQ(editor.diagnostics(std::string(kPolicies)), List{});
  editor.open("file:///h/t.cedarschema", "entity Visitor; entity Ward;");
  EXPECT_PRED2(each_has, editor.diagnostics("file:///h/t.cedarschema"),
               (List{"0:23-0:27 schema the entity type `Ward` is declared twice"}));
  EXPECT_PRED2(each_has, editor.diagnostics(std::string(kPolicies)), (List{"0:0-0:0 no_schema"}));
}

TEST(LanguageServer, with_a_broken_schema_the_last_sound_one_helps_to_write) {
  Editor editor(condition("principal.|"));
  EXPECT_TRUE(has(editor.completions(), "level"));
  editor.files.texts["/h/s.cedarschema"] = "entity";
  EXPECT_TRUE(has(editor.completions(), "level"));
  EXPECT_TRUE(one_has(editor.diagnostics(std::string(kPolicies)), "no_schema"));
}

TEST(LanguageServer, nothing_is_published_twice_and_closing_clears) {
  Editor editor("permit");
  EXPECT_EQ(editor.settle().size(), 1U);
  EXPECT_TRUE((editor.settle()).empty());
  editor.notify("textDocument/didClose",
                boost::json::object{{"textDocument", boost::json::object{{"uri", kPolicies}}}});
  const auto cleared = editor.settle();
  ASSERT_EQ(cleared.size(), 1U);
  EXPECT_TRUE((cleared[0].at("params").at("diagnostics").as_array()).empty());
}

TEST(LanguageServer, a_text_in_another_language_is_none_of_its_business) {
  ClientForTest client;
  client.open("file:///h/s.cedarschema.json", "{");
  EXPECT_TRUE((client.settle()).empty());
}

// ---- Completion

TEST(Completion, attributes_come_from_the_type_before_the_dot) {
  EXPECT_EQ(Editor(condition("principal.|")).completions(),
            (List{"level", "name", "ward", "hasTag", "getTag"}));
  EXPECT_EQ(Editor(condition("principal.ward.|")).completions(),
            (List{"name", "hasTag", "getTag"}));
  EXPECT_EQ(Editor(condition("context.pl|")).completions(), (List{"now", "place"}));
  EXPECT_TRUE(has(Editor(condition("context.place.address.|")).completions(), "isInRange"));
  EXPECT_TRUE(has(Editor(condition("principal.getTag(\"x\").|")).completions(), "durationSince"));
  EXPECT_TRUE(
      has(Editor(condition("(if true then principal else principal)[\"ward\"].|")).completions(),
          "name"));
  EXPECT_TRUE(
      has(Editor(condition("datetime(\"2026-01-01\").toTime().|")).completions(), "toHours"));
}

TEST(Completion, the_scope_narrows_the_types) {
  EXPECT_EQ(Editor("permit (principal, action, resource is Chart) when { resource.|").completions(),
            (List{"careTeam", "ward", "hasTag", "getTag"}));
  EXPECT_TRUE(has(
      Editor("permit (principal, action, resource == Ward::\"w\") when { resource.|").completions(),
      "name"));
  EXPECT_PRED2(has_all,
               Editor("permit (principal, action, resource) when { resource.|").completions(),
               (List{"careTeam", "name"}));
}

TEST(Completion, works_in_the_middle_of_unfinished_text) {
  EXPECT_TRUE(has(Editor("permit (principal, action, resource) when { (principal.|\n"
                         "forbid (principal, action, resource);")
                      .completions(),
                  "level"));
  EXPECT_TRUE(has(
      Editor("x y z; permit (principal, action, resource) unless { 1 + principal.|").completions(),
      "level"));
}

TEST(Completion, names_behind_has_and_in_brackets) {
  EXPECT_EQ(Editor(condition("principal has |")).completions(), (List{"level", "name", "ward"}));
  EXPECT_TRUE(has(Editor(condition("principal has ward.|")).completions(), "name"));
  EXPECT_TRUE(has(Editor(condition("principal[\"|")).completions(), "level"));
  EXPECT_TRUE(has(Editor(condition("resource has \"|\"")).completions(), "bed count"));
}

TEST(Completion, entity_types_actions_and_their_ids) {
  EXPECT_EQ(Editor("permit (principal is |").completions(),
            (List{"Role", "User", "Ward", "Chart"}));
  EXPECT_EQ(Editor("permit (principal, action == |").completions(),
            (List{"Action::\"view\"", "Action::\"reading\""}));
  EXPECT_TRUE(has(Editor("permit (principal, action in [Action::\"view\", |").completions(),
                  "Action::\"reading\""));
  EXPECT_EQ(Editor("permit (principal, action == Action::\"|").completions(),
            (List{"view", "reading"}));
  EXPECT_TRUE(
      has(Editor("permit (principal, action == Action::\"v|\", resource);").completions(), "view"));
  EXPECT_EQ(Editor("permit (principal in Role::|").completions(), (List{"nurse", "physician"}));
  EXPECT_PRED2(has_all, Editor("permit (principal in |").completions(),
               (List{"?principal", "Role"}));
  EXPECT_TRUE(has(Editor(condition("action == |")).completions(), "Action::\"view\""));
  EXPECT_TRUE(has(
      Editor("permit (principal, action, resource) when { principal in [|").completions(), "Role"));
}

TEST(Completion, an_id_is_closed_unless_the_quote_is_there) {
  const auto inserted = [](const std::string& text) {
    Editor editor(text);
    const Json item = editor.at_cursor("textDocument/completion").at("items").at(0);
    return fmt::format("{} {}", range_text(item.at("textEdit").at("range")),
                       std::string_view(item.at("textEdit").at("newText").as_string()));
  };
  EXPECT_EQ(inserted("permit (principal, action == Action::\"v|"), "0:38-0:39 view\"");
  EXPECT_EQ(inserted("permit (principal, action == Action::\"v|\", resource);"), "0:38-0:39 view");
}

TEST(Completion, words_of_the_language_where_they_can_stand) {
  EXPECT_EQ(Editor("|").completions(), (List{"permit", "forbid"}));
  EXPECT_TRUE(has(Editor("permit (principal, action, resource);\nper|").completions(), "permit"));
  EXPECT_PRED2(has_all, Editor("@|").completions(), (List{"id", "reason", "override", "waivable"}));
  EXPECT_EQ(Editor("@id(\"x\")\n|").completions(), (List{"permit", "forbid"}));
  EXPECT_EQ(Editor("permit (|").completions(), (List{"principal"}));
  EXPECT_EQ(Editor("permit (principal, |").completions(), (List{"action"}));
  EXPECT_EQ(Editor("permit (principal, action, res|").completions(), (List{"resource"}));
  EXPECT_EQ(Editor("permit (principal |").completions(), (List{"in", "is"}));
  EXPECT_EQ(Editor("permit (principal, action, resource) |").completions(),
            (List{"when", "unless"}));
  EXPECT_EQ(Editor("permit (principal, action, resource) when { true } |").completions(),
            (List{"when", "unless"}));
  EXPECT_PRED2(has_all, Editor(condition("principal |")).completions(), (List{"has", "in", "is"}));
  EXPECT_PRED2(has_all, Editor(condition("|")).completions(),
               (List{"principal", "if", "ip", "User"}));
}

TEST(Completion, nothing_in_comments_strings_and_where_nothing_is_known) {
  for (const std::string& text :
       {std::string("// per|"), condition("true // principal.|"), condition("\"principal.|\""),
        condition("unknown.|"), condition("1.|"), condition(".|"), condition("x y |"),
        std::string("permit (principal, action, resource) when { context.nothing.|")}) {
    EXPECT_FALSE(has(Editor(text).completions(), "level")) << text;
  }
}

TEST(Completion, in_a_schema) {
  const auto at = [](std::string text) {
    Editor editor("");
    editor.open("file:///h/t.cedarschema", std::move(text));
    return editor.completions();
  };
  EXPECT_EQ(at("|"), (List{"entity", "action", "type", "namespace"}));
  EXPECT_PRED2(has_all, at("entity A = { x: |"), (List{"Long", "User", "Place"}));
  EXPECT_PRED2(has_all, at("entity A in [|"), (List{"Role", "Ward"}));
  EXPECT_EQ(at("entity A |"), (List{"enum", "tags", "in"}));
  EXPECT_PRED2(has_all, at("action a in |"), (List{"view", "reading"}));
  EXPECT_EQ(at("action a appliesTo { |"), (List{"principal", "resource", "context"}));
  EXPECT_TRUE(has(at("action a appliesTo { principal: |"), "User"));
  EXPECT_TRUE(has(at("action a appliesTo { principal: [|"), "User"));
  EXPECT_EQ(at("action a appliesTo { context: |"), (List{"Place"}));
  EXPECT_EQ(at("@|"), (List{"doc", "source", "fresh", "stale", "audit"}));
  EXPECT_EQ(at("entity A enum [\"|"), List{});
}

// ---- Hover, definition, references, symbols

TEST(Hover, says_the_type_and_what_the_schema_says) {
  EXPECT_EQ(Editor(condition("principal.wa|rd")).hover(),
            "```cedarschema\nward?: Ward // of User\n```\n\nwhere employed\n\n"
            "It may be absent: test with `has` first.");
  EXPECT_PRED2(contains, Editor("permit (principal is Us|er, action, resource);").hover(),
               "A person on the staff.");
  EXPECT_PRED2(contains,
               Editor("permit (principal, action == Action::\"vi|ew\", resource);").hover(),
               "To look.");
  EXPECT_PRED2(contains, Editor(condition("resou|rce == resource")).hover(), "Chart or Ward");
  EXPECT_PRED2(contains, Editor(condition("resource has \"bed co|unt\"")).hover(), "Long");
  EXPECT_PRED2(contains, Editor(condition("context.place.address.isIn|Range(ip(\"::1\"))")).hover(),
               "isInRange(ipaddr): Bool");
  EXPECT_PRED2(contains,
               Editor("@over|ride(\"break-glass\") permit (principal, action, resource);").hover(),
               "break-glass grant");
  EXPECT_PRED2(contains, Editor("permit (principal, action, resource) unl|ess { true };").hover(),
               "is false");
}

TEST(Hover, says_what_the_value_of_an_expression_is) {
  EXPECT_EQ(Editor(condition("principal.name =|= \"x\"")).hover(), "bool");
  EXPECT_EQ(Editor(condition("principal.level |+ 1 > 2")).hover(), "long");
  EXPECT_EQ(Editor(condition("resource.careTeam == [princi|pal]")).hover(),
            "```cedarschema\nprincipal: User\n```\n\nWho asks.");
  EXPECT_EQ(
      Editor("permit (principal, action, resource is Ward) when { resource |is Chart };").hover(),
      "`x is Type`: the entity is of this type.");
  EXPECT_EQ(
      Editor("permit (principal, action, resource is Ward) when { (resource is Chart) &|& true };")
          .hover(),
      "bool, here always false");
}

TEST(Hover, knows_whose_an_annotation_is) {
  EXPECT_PRED2(contains, Editor("@x_w|hen(\"\") permit (principal, action, resource);").hover(),
               "are yours");
  EXPECT_EQ(Editor("@some|thing(\"\") permit (principal, action, resource);").hover(), "");
}

TEST(Hover, in_a_schema) {
  const auto at = [](std::string_view before, std::string_view after) {
    std::string text(kSchema);
    text.insert(text.find(after) + before.size(), "|");
    Editor editor("");
    editor.open(std::string(kSchemaUri), text);
    return editor.hover();
  };
  EXPECT_PRED2(contains, at("ward?: W", "ward?: Ward"), "entity Ward");
  EXPECT_PRED2(contains, at("place: P", "place: Place"), "type Place = { address: ipaddr }");
  EXPECT_PRED2(contains, at("level: L", "level: Long"), "64 bits");
  EXPECT_PRED2(contains, at("@d", "@doc"), "What it means");
  EXPECT_PRED2(contains, at("app", "appliesTo"), "Who can ask");
}

TEST(Hover, is_silent_about_what_says_nothing) {
  for (const std::string& text :
       {std::string("|"), std::string("  |  permit"), condition("{ na|me: 1 }.name == 1"),
        condition("principal.nothing|"), condition("1|2 == 3"), condition("\"te|xt\" == \"\"")}) {
    EXPECT_EQ(Editor(text, "").hover(), "") << text;
  }
}

TEST(Definition, leads_to_the_schema) {
  const auto at = [](const std::string& text) {
    return Editor(text).places("textDocument/definition");
  };
  EXPECT_EQ(at(condition("principal.wa|rd.name == \"\"")), (List{"s.cedarschema 4:2-4:6"}));
  EXPECT_EQ(at(condition("principal.ward.na|me == \"\"")), (List{"s.cedarschema 8:16-8:20"}));
  EXPECT_EQ(at(condition("resource.wa|rd == 1")), (List{"s.cedarschema 17:38-17:42"}));
  EXPECT_EQ(at("permit (principal in Ro|le::\"nurse\", action, resource);"),
            (List{"s.cedarschema 0:7-0:11"}));
  EXPECT_EQ(at("permit (principal, action == Act|ion::\"view\", resource);"),
            (List{"s.cedarschema 11:7-11:11"}));
  EXPECT_EQ(at(condition("resou|rce == 1")),
            (List{"s.cedarschema 17:7-17:12", "s.cedarschema 8:7-8:11"}));
  EXPECT_EQ(at(condition("wh|at == 1")), List{});
}

TEST(Definition, within_the_schema) {
  const auto at = [](std::string_view before, std::string_view after) {
    std::string text(kSchema);
    text.insert(text.find(after) + before.size(), "|");
    Editor editor("");
    editor.open(std::string(kSchemaUri), text);
    return editor.places("textDocument/definition");
  };
  EXPECT_EQ(at("ward?: W", "ward?: Ward"), (List{"s.cedarschema 8:7-8:11"}));
  EXPECT_EQ(at("place: P", "place: Place"), (List{"s.cedarschema 9:5-9:10"}));
  EXPECT_EQ(at("[rea", "[reading"), (List{"s.cedarschema 16:7-16:14"}));
  EXPECT_EQ(at("User in [R", "User in [Role"), (List{"s.cedarschema 0:7-0:11"}));
  EXPECT_EQ(at("name: S", "name: String"), List{});
}

TEST(References, are_found_in_all_files_of_the_folder) {
  Editor editor(condition("principal.name == \"\" && principal.wa|rd.name == \"\""));
  editor.files.texts["/h/b.cedar"] = condition("resource.ward == principal.ward");
  editor.files.texts["/elsewhere/c.cedar"] = condition("principal.ward == 1");
  EXPECT_EQ(editor.places("textDocument/references"),
            (List{"s.cedarschema 4:2-4:6", "a.cedar 0:78-0:82", "b.cedar 0:71-0:75"}));
  Editor actions("permit (principal, action == Action::\"vi|ew\", resource);");
  EXPECT_EQ(actions.places("textDocument/references"),
            (List{"s.cedarschema 11:7-11:11", "a.cedar 0:29-0:43"}));
}

TEST(Symbols, are_the_policies_by_id_and_what_the_schema_declares) {
  Editor editor("@id(\"first\") permit (principal, action, resource);\nforbid (;\n@doc(\"x\")");
  const auto names = [&] {
    std::vector<std::string> found;
    const Json answer = editor.at_cursor("textDocument/documentSymbol");
    for (const Json& symbol : answer.as_array()) {
      found.emplace_back(symbol.at("name").as_string());
    }
    return found;
  };
  EXPECT_EQ(names(), (List{"first", "policy1"}));
  editor.open(std::string(kSchemaUri),
              "namespace N { entity A = { x: Long }; } action a, \"b c\";");
  EXPECT_EQ(names(), (List{"a", "b c", "N"}));
  const Json all = editor.at_cursor("textDocument/documentSymbol");
  EXPECT_EQ(all.at(2).at("children").at(0).at("children").at(0).at("name"), "x");
  editor.open(std::string(kSchemaUri), "entity");
  EXPECT_EQ(names(), List{});
}

// ---- Changes

TEST(Formatting, is_one_small_edit) {
  Editor editor("permit (principal, action, resource);\nforbid(principal,action,resource);\n");
  const Json edits = editor.at_cursor("textDocument/formatting");
  ASSERT_EQ(edits.as_array().size(), 1U);
  EXPECT_FALSE(range_text(edits.at(0).at("range")).starts_with("0:"));
  editor.open(std::string(kPolicies), "permit(");
  EXPECT_TRUE((editor.at_cursor("textDocument/formatting").as_array()).empty());
}

TEST(CodeAction, does_what_the_diagnostic_suggests) {
  Editor editor(condition("resource.careTaem.contains(principal)"));
  editor.settle();
  const auto actions = [&](int from, int to) {
    return editor.request(
        "textDocument/codeAction",
        boost::json::object{
            {"textDocument", boost::json::object{{"uri", kPolicies}}},
            {"range",
             boost::json::object{{"start", boost::json::object{{"line", 0}, {"character", from}}},
                                 {"end", boost::json::object{{"line", 0}, {"character", to}}}}},
            {"context", boost::json::object{{"diagnostics", boost::json::array()}}}});
  };
  const Json found = actions(55, 55);
  ASSERT_FALSE(found.as_array().empty());
  const Json& edit = found.at(0).at("edit").at("changes").at(kPolicies).at(0);
  EXPECT_EQ(edit.at("newText"), "careTeam");
  EXPECT_EQ(range_text(edit.at("range")), "0:53-0:61");
  EXPECT_TRUE((actions(0, 1).as_array()).empty());
}

}  // namespace
}  // namespace wardlock::lsp
