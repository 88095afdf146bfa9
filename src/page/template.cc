#include "page/template.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>
#include <utility>

namespace wardlock::page {
namespace {

using Part = Template::Part;
using Kind = Part::Kind;

constexpr std::size_t kMostNested = 16;

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
  });
}

/// Reads one template.
class TemplateReader {
 public:
  explicit TemplateReader(std::string_view text) : rest_(text) {}

  /// Up to the gap that closes `until`, or to the end where that is empty.
  Result<std::vector<Part>> parts(std::string_view until, std::size_t depth) {
    if (depth > kMostNested) return invalid("gaps are nested too deeply");
    std::vector<Part> parts;
    while (true) {
      const std::size_t open = rest_.find("{{");
      if (open != 0 && !rest_.empty()) {
        parts.push_back({Kind::kHtml, std::string(rest_.substr(0, open)), {}});
      }
      if (open == std::string_view::npos) {
        rest_ = {};
        if (!until.empty()) return invalid(fmt::format("`{}` is not closed", until));
        return parts;
      }
      const std::string_view gap = TRY(next_gap(open));
      if (gap.starts_with('/')) {
        if (gap.substr(1) == until) return parts;
        return invalid(fmt::format("`{}` closes what is not open", gap));
      }
      parts.push_back(TRY(part_of(gap, depth)));
    }
  }

 private:
  Result<std::string_view> next_gap(std::size_t open) {
    const std::size_t close = rest_.find("}}", open);
    if (close == std::string_view::npos) return invalid("a gap has no `}}`");
    const std::string_view gap = rest_.substr(open + 2, close - open - 2);
    rest_.remove_prefix(close + 2);
    return gap;
  }

  Result<Part> part_of(std::string_view gap, std::size_t depth) {
    Part part{Kind::kValue, {}, {}};
    std::string_view name = gap;
    if (gap.starts_with("t ")) {
      part.kind = Kind::kWords;
      name.remove_prefix(2);
    } else if (gap.starts_with('#') || gap.starts_with('^') || gap.starts_with('>')) {
      part.kind = gap[0] == '#' ? Kind::kIf : gap[0] == '^' ? Kind::kUnless : Kind::kOther;
      name.remove_prefix(1);
    }
    if (!is_name(name)) return invalid(fmt::format("`{}` is no gap of a template", gap));
    part.text = name;
    if (part.kind == Kind::kIf || part.kind == Kind::kUnless) {
      part.inner = TRY(parts(name, depth + 1));
    }
    return part;
  }

  std::string_view rest_;
};

/// The names from the innermost list outward.
struct Scope {
  const Model& model;
  const Scope* outer;

  const Model::Value* find(std::string_view name) const {
    const auto found = model.values.find(name);
    if (found != model.values.end()) return &found->second;
    return outer == nullptr ? nullptr : outer->find(name);
  }
};

bool is_true(const Model::Value* value) {
  if (value == nullptr) return false;
  if (const bool* truth = std::get_if<bool>(value)) return *truth;
  if (const auto* text = std::get_if<std::string>(value)) return !text->empty();
  if (const auto* markup = std::get_if<Markup>(value)) return !markup->html().empty();
  return !std::get<std::vector<Model>>(*value).empty();
}

/// Writes one page.
class Renderer {
 public:
  Renderer(const std::map<std::string, Template, std::less<>>& templates, const Words& words)
      : templates_(templates), words_(words) {}

  Result<void> whole(std::string_view name, const Scope& scope, std::size_t depth) {
    const auto found = templates_.find(name);
    if (found == templates_.end() || depth > kMostNested) {
      return fail(ErrorCode::kInternal, fmt::format("there is no template `{}`", name));
    }
    return each(found->second.parts(), scope, depth + 1);
  }

  std::string take() { return std::move(out_); }

 private:
  Result<void> each(std::span<const Part> parts, const Scope& scope, std::size_t depth) {
    for (const Part& part : parts) TRY_VOID(one(part, scope, depth));
    return {};
  }

  Result<void> one(const Part& part, const Scope& scope, std::size_t depth) {
    switch (part.kind) {
      case Kind::kHtml: out_ += part.text; return {};
      case Kind::kValue: return value(part.text, scope);
      case Kind::kWords: return words(part.text, scope);
      case Kind::kOther: return whole(part.text, scope, depth);
      case Kind::kUnless:
        return is_true(scope.find(part.text)) ? Result<void>() : each(part.inner, scope, depth);
      case Kind::kIf: break;
    }
    const Model::Value* found = scope.find(part.text);
    if (!is_true(found)) return {};
    const auto* list = std::get_if<std::vector<Model>>(found);
    if (list == nullptr) return each(part.inner, scope, depth);
    for (const Model& item : *list) {
      TRY_VOID(each(part.inner, {.model = item, .outer = &scope}, depth));
    }
    return {};
  }

  Result<void> value(std::string_view name, const Scope& scope) {
    const Model::Value* found = scope.find(name);
    if (found != nullptr) {
      if (const auto* text = std::get_if<std::string>(found)) return add(escaped(*text));
      if (const auto* markup = std::get_if<Markup>(found)) return add(markup->html());
    }
    return fail(ErrorCode::kInternal, fmt::format("a page has no value `{}`", name));
  }

  Result<void> words(std::string_view key, const Scope& scope) {
    const auto text = [&](std::string_view name) -> Result<std::string> {
      const Model::Value* found = scope.find(name);
      const auto* known = found == nullptr ? nullptr : std::get_if<std::string>(found);
      if (known == nullptr) {
        return fail(ErrorCode::kInternal, fmt::format("`{}` needs a value `{}`", key, name));
      }
      return *known;
    };
    return add(escaped(TRY(words_.filled(key, text))));
  }

  Result<void> add(std::string_view html) {
    out_ += html;
    return {};
  }

  const std::map<std::string, Template, std::less<>>& templates_;
  const Words& words_;
  std::string out_;
};

/// What parts need of others.
struct Needs {
  std::set<std::string> templates, words;

  void add(std::span<const Part> parts) {
    for (const Part& part : parts) {
      if (part.kind == Kind::kOther) templates.insert(part.text);
      if (part.kind == Kind::kWords) words.insert(part.text);
      add(part.inner);
    }
  }
};

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

Result<Template> Template::parse(std::string_view text) {
  Template made;
  made.parts_ = std::make_shared<const std::vector<Part>>(TRY(TemplateReader(text).parts({}, 0)));
  return made;
}

Result<TemplateSet> TemplateSet::build(const std::map<std::string, std::string, std::less<>>& texts,
                                       Words words) {
  TemplateSet set;
  set.words_ = std::move(words);
  Needs needs;
  for (const auto& [name, text] : texts) {
    auto made = Template::parse(text);
    if (!made) return std::unexpected(made.error().in(name));
    needs.add(made->parts());
    set.templates_.emplace(name, *std::move(made));
  }
  for (const std::string& name : needs.templates) {
    if (!set.templates_.contains(name)) return invalid(fmt::format("no template `{}`", name));
  }
  for (const std::string& key : needs.words) {
    if (!set.words_.has(key)) return invalid(fmt::format("no words for `{}`", key));
  }
  return set;
}

Result<std::string> TemplateSet::render(std::string_view name, const Model& model) const {
  Renderer renderer(templates_, words_);
  TRY_VOID(renderer.whole(name, {.model = model, .outer = nullptr}, 0));
  return renderer.take();
}

}  // namespace wardlock::page
