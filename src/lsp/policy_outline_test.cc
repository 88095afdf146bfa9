#include "lsp/policy_outline.h"

#include <gtest/gtest.h>

namespace wardlock::lsp {
namespace {

using List = std::vector<std::string>;

List policies(std::string_view text) {
  std::vector<std::string> found;
  for (const PolicyOutline& policy : outline_policies(text)) {
    found.emplace_back(text.substr(policy.span.begin, policy.span.end - policy.span.begin));
  }
  return found;
}

TEST(PolicyOutline, policies_end_with_a_semicolon) {
  EXPECT_EQ(policies("permit(principal, action, resource);  // x;\nforbid(a);"),
            (List{"permit(principal, action, resource);", "forbid(a);"}));
  EXPECT_EQ(policies("permit(a) when { \";\" == \"\" };;"),
            (List{"permit(a) when { \";\" == \"\" };", ";"}));
  EXPECT_EQ(policies(" // nothing"), List{});
}

TEST(PolicyOutline, where_the_semicolon_is_missing_the_next_policy_begins_all_the_same) {
  EXPECT_EQ(policies("permit(principal) when { x. \n@id(\"b\") forbid(principal);"),
            (List{"permit(principal) when { x.", "@id(\"b\") forbid(principal);"}));
  EXPECT_EQ(policies("permit(principal when { [\npermit (principal);"),
            (List{"permit(principal when { [", "permit (principal);"}));
}

TEST(PolicyOutline, words_that_begin_no_policy_do_not_end_one) {
  EXPECT_EQ(policies("permit(a) when { forbid(1) && x.permit == permit };").size(), 1U);
  EXPECT_EQ(policies("@permit @id(\"permit\") permit(a);").size(), 1U);
}

TEST(PolicyOutline, a_policy_is_named_by_its_id_or_place) {
  const std::string_view text =
      "@id(\"a\\u{e9}\") permit(a); permit(b); @id permit(c); @id(\"\") permit(d);";
  const auto found = outline_policies(text);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < found.size(); ++i) names.push_back(policy_name(text, found[i], i));
  EXPECT_EQ(names, (List{"a\u00e9", "policy1", "policy2", "policy3"}));
}

}  // namespace
}  // namespace wardlock::lsp
