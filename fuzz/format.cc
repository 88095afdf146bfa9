// Formatting: what parses is laid out; doing it again changes nothing; the policies are the same,
// and so are the comments, in order.
#include "cedar/format/format.h"
#include "base/check.h"
#include "cedar/format/commented_tokens.h"
#include "cedar/json/policy_json.h"
#include "cedar/parser/parser.h"

using namespace wardlock;
using namespace wardlock::cedar;

namespace {

/// All comments of a text that parses, which says something of the tokenizer too: it is not asked.
std::vector<std::string> comments_of(std::string_view text) {
  std::vector<std::string> comments;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      for (++i; text[i] != '"'; ++i) i += text[i] == '\\' ? 1 : 0;
    } else if (text.substr(i).starts_with("//")) {
      const std::size_t end = std::min(text.find_first_of("\r\n", i), text.size());
      comments.emplace_back(trim_blanks(text.substr(i, end - i)));
      i = end - 1;
    }
  }
  return comments;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const FormatOptions options{.line_width = data[0], .indent_width = data[1] % 9U};
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto policies = parse_policies(text);
  const auto formatted = format_policies(text, options);
  CHECK(policies.has_value() == formatted.has_value());
  if (!policies) return 0;
  const auto again = format_policies(*formatted, options);
  CHECK(again && *again == *formatted);
  CHECK(comments_of(text) == comments_of(*formatted));
  const auto parsed = parse_policies(*formatted);
  CHECK(parsed);
  CHECK(policies->policies().size() == parsed->policies().size());
  for (const Policy& policy : policies->policies()) {
    CHECK(*policy_to_json(*policy.body) == *policy_to_json(*parsed->find_policy(policy.id)->body));
  }
  for (const Template* policy : policies->templates()) {
    CHECK(*policy_to_json(*policy) == *policy_to_json(*parsed->find_template(policy->id)));
  }
  return 0;
}
