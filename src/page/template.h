#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"
#include "page/words.h"

namespace wardlock::page {

/// HTML that goes into a page as it is. Only templates make it, and whoever says `trusted`.
class Markup {
 public:
  Markup() = default;
  /// Of what this house has written itself, such as a picture; never of what came in.
  static Markup trusted(std::string html) { return Markup(std::move(html)); }
  const std::string& html() const { return html_; }

 private:
  explicit Markup(std::string html) : html_(std::move(html)) {}
  std::string html_;
};

/// What a template shows: names with a truth, a text, HTML, or a list of such.
struct Model {
  using Value = std::variant<bool, std::string, Markup, std::vector<Model>>;
  std::map<std::string, Value, std::less<>> values;

  template <typename Given>
  void set(std::string name, Given&& value) {
    if constexpr (std::is_convertible_v<Given, std::string_view>) {
      values.insert_or_assign(std::move(name), std::string(std::forward<Given>(value)));
    } else {
      values.insert_or_assign(std::move(name), std::forward<Given>(value));
    }
  }
};

/// A text with the characters that mean something in HTML as references, good in content and in
/// quoted attributes.
std::string escaped(std::string_view text);

/// HTML with gaps, which knows no logic but these:
///
///     {{name}}                a text, escaped; HTML as it is
///     {{t key}}               the catalogue's words, escaped, with `{name}` filled in
///     {{#name}} … {{/name}}   where it is true, a text that is not empty, or once for each of a
///     list
///     {{^name}} … {{/name}}   where it is not
///     {{>name}}               another template of the set, here
///
/// In a list, names are looked up in the item first, then outside. Immutable, so thread-safe.
class Template {
 public:
  /// Error: kInvalidArgument, a gap is not closed, or is none of those above.
  static Result<Template> parse(std::string_view text);

  struct Part;
  const std::vector<Part>& parts() const { return *parts_; }

 private:
  std::shared_ptr<const std::vector<Part>> parts_;
};

struct Template::Part {
  enum class Kind : std::uint8_t { kHtml, kValue, kWords, kIf, kUnless, kOther };
  Kind kind = Kind::kHtml;
  std::string text;         ///< the HTML, or the name
  std::vector<Part> inner;  ///< of kIf and kUnless
};

/// Templates that may name each other, with the words of one language. Immutable, so thread-safe.
class TemplateSet {
 public:
  /// Checks that every name of a template and every key of words that they use is there.
  static Result<TemplateSet> build(const std::map<std::string, std::string, std::less<>>& texts,
                                   Words words);

  /// Error: kInternal, there is no such template, or a value that it shows is missing. A value that
  /// is asked for by `{{#…}}` alone may be missing: it is not true.
  Result<std::string> render(std::string_view name, const Model& model) const;

  const Words& words() const { return words_; }

 private:
  TemplateSet() = default;
  std::map<std::string, Template, std::less<>> templates_;
  Words words_;
};

}  // namespace wardlock::page
