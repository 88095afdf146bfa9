#include "page/template.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace wardlock::page {
namespace {

using Texts = std::map<std::string, std::string, std::less<>>;

TemplateSet set_of(const Texts& texts, std::string_view words = "hello = Hello, {name}!") {
  auto set = TemplateSet::build(texts, Words::read(words).value());
  EXPECT_TRUE(set) << set.error().message;
  return *std::move(set);
}

std::string rendered(const std::string& text, const Model& model) {
  const auto html = set_of({{"page", text}}).render("page", model);
  return html ? *html : "error: " + html.error().message;
}

TEST(Template, EscapesWhatMeansSomethingInHtml) {
  Model model;
  model.set("name", R"(<script>"a" & 'b'</script>)");
  EXPECT_EQ(rendered("<p title=\"{{name}}\">", model),
            "<p title=\"&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;&lt;/script&gt;\">");
}

TEST(Template, EscapesWhatIsFilledIntoWords) {
  Model model;
  model.set("name", "<b>");
  EXPECT_EQ(rendered("{{t hello}}", model), "Hello, &lt;b&gt;!");
}

TEST(Template, TakesAGapInAValueForText) {
  Model model;
  model.set("name", "{{other}}{name}");
  model.set("other", "secret");
  EXPECT_EQ(rendered("{{name}} {{t hello}}", model), "{{other}}{name} Hello, {{other}}{name}!");
}

TEST(Template, LetsHtmlThroughOnlyAsMarkup) {
  Model model;
  model.set("name", Markup::trusted("<svg/>"));
  EXPECT_EQ(rendered("{{name}}", model), "<svg/>");
}

TEST(Template, ShowsWhatIsTrueAndWhatIsNot) {
  Model model;
  model.set("yes", true);
  model.set("no", false);
  model.set("text", "x");
  model.set("empty", "");
  model.set("none", std::vector<Model>());
  EXPECT_EQ(rendered("{{#yes}}a{{/yes}}{{#no}}b{{/no}}{{#text}}c{{/text}}{{#empty}}d{{/empty}}"
                     "{{#none}}e{{/none}}{{#missing}}f{{/missing}}{{^no}}g{{/no}}{{^yes}}h{{/yes}}"
                     "{{^missing}}i{{/missing}}",
                     model),
            "acgi");
}

TEST(Template, RepeatsForEachOfAListAndLooksOutward) {
  Model one, two, model;
  one.set("name", "1");
  two.set("name", "2");
  model.set("name", "0");
  model.set("end", ";");
  model.set("list", std::vector<Model>{one, two});
  EXPECT_EQ(rendered("{{#list}}{{name}}{{end}}{{/list}}{{name}}", model), "1;2;0");
}

TEST(Template, TakesInAnother) {
  const TemplateSet set = set_of({{"page", "<{{>part}}>"}, {"part", "x"}});
  EXPECT_EQ(set.render("page", {}).value(), "<x>");
}

TEST(Template, TellsOfAValueThatIsMissingInsteadOfLeavingItOut) {
  EXPECT_EQ(rendered("{{name}}", {}), "error: a page has no value `name`");
  EXPECT_EQ(rendered("{{t hello}}", {}), "error: `hello` needs a value `name`");
}

TEST(Template, DoesNotShowATruthOrAListAsText) {
  Model model;
  model.set("name", true);
  EXPECT_EQ(rendered("{{name}}", model), "error: a page has no value `name`");
}

TEST(Template, EndsWhereTemplatesTakeInEachOther) {
  const TemplateSet set = set_of({{"page", "{{>page}}"}});
  EXPECT_FALSE(set.render("page", {}));
}

TEST(Template, RefusesWhatIsNoTemplate) {
  for (const char* text : {"{{#a}}", "{{/a}}", "{{#a}}{{/b}}", "{{a", "{{}}", "{{A}}", "{{a b}}",
                           "{{t }}", "{{>}}", "{{{a}}}", "{{&a}}", "{{#a}}{{#b}}{{/a}}{{/b}}"}) {
    EXPECT_FALSE(Template::parse(text)) << text;
  }
}

TEST(Template, RefusesASetThatUsesWhatItHasNot) {
  const Words words = Words::read("hello = Hello").value();
  EXPECT_EQ(TemplateSet::build({{"page", "{{>part}}"}}, words).error().message,
            "no template `part`");
  EXPECT_EQ(TemplateSet::build({{"page", "{{#a}}{{t bye}}{{/a}}"}}, words).error().message,
            "no words for `bye`");
}

TEST(Words, AreALineEach) {
  const Words words = Words::read("# note\n\na.b = One = two\nc_d = {x} and {y}\n").value();
  EXPECT_EQ(words.of("a.b"), "One = two");
  EXPECT_EQ(words.of("missing"), "missing");
  const auto fill = [](std::string_view name) -> Result<std::string> {
    return "<" + std::string(name) + ">";
  };
  EXPECT_EQ(words.filled("c_d", fill).value(), "<x> and <y>");
}

TEST(Words, RefuseWhatIsNone) {
  for (const char* text : {"a", "a=b", " = b", "a = ", "a b = c", "a = b\na = c", "a = {", "a = }",
                           "a = {}", "a = {x", "a = {x y}", "a = \xff"}) {
    EXPECT_FALSE(Words::read(text)) << text;
  }
}

}  // namespace
}  // namespace wardlock::page
