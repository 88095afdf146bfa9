// What LanguageServer answers about texts.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cedar/format/format.h"
#include "lsp/completion.h"
#include "lsp/hover.h"
#include "lsp/language_server.h"
#include "lsp/minimal_edit.h"
#include "lsp/navigation.h"
#include "lsp/policy_outline.h"
#include "lsp/quick_fix.h"
#include "lsp/symbols.h"
#include "lsp/value_hover.h"

namespace wardlock::lsp {
namespace {

/// Of more, the first that begin with what is written are offered, and the client asks again.
constexpr std::size_t kMaxItems = 500;

}  // namespace

LanguageServer::Answer LanguageServer::hover(const Json& params) {
  const Cursor cursor = TRY(cursor_of(params));
  const Note note =
      cursor.document->language == Language::kPolicies ? policy_note(cursor) : schema_note(cursor);
  if (note.text.empty()) return Json();
  boost::json::object hover{
      {"contents", boost::json::object{{"kind", "markdown"}, {"value", note.text}}}};
  if (note.span) hover["range"] = range(cursor.document->document, *note.span);
  return hover;
}

LanguageServer::Note LanguageServer::policy_note(const Cursor& cursor) {
  const auto found = subject_at(cursor.text(), cursor.offset, cursor.schema());
  if (found) {
    if (std::string text = describe(found->subject); !text.empty()) return {text, found->span};
  }
  const auto policies = outline_policies(cursor.text());
  const PolicyOutline* policy = policy_at(policies, cursor.offset);
  if (policy == nullptr || cursor.schema() == nullptr) return {};
  const auto [begin, end] = policy->span;
  return {describe_value(cursor.text().substr(begin, end - begin), cursor.offset - begin,
                         *cursor.schema()),
          std::nullopt};
}

LanguageServer::Note LanguageServer::schema_note(const Cursor& cursor) const {
  const auto places = declared_at(cursor);
  if (!places.empty()) return {describe(*cursor.folder->sound, places.front()), std::nullopt};
  return {describe_schema_word(cursor.text(), cursor.offset), std::nullopt};
}

LanguageServer::Answer LanguageServer::completion(const Json& params) {
  const Cursor cursor = TRY(cursor_of(params));
  const auto complete =
      cursor.document->language == Language::kPolicies ? complete_policy : complete_schema;
  auto [replaced, found] = complete(cursor.text(), cursor.offset, cursor.schema());
  const bool is_incomplete = found.size() > kMaxItems;
  if (is_incomplete) {
    const std::string_view written =
        cursor.text().substr(replaced.begin, replaced.end - replaced.begin);
    std::ranges::stable_partition(
        found, [&](const CompletionItem& item) { return item.label.starts_with(written); });
    found.resize(kMaxItems);
  }
  boost::json::array items;
  const Json where = range(cursor.document->document, replaced);
  for (const CompletionItem& item : found) {
    boost::json::object json{
        {"label", item.label},
        {"kind", static_cast<int>(item.kind)},
        {"textEdit",
         boost::json::object{{"range", where},
                             {"newText", item.insert.empty() ? item.label : item.insert}}}};
    if (!item.detail.empty()) json["detail"] = item.detail;
    if (!item.documentation.empty()) {
      json["documentation"] =
          boost::json::object{{"kind", "markdown"}, {"value", item.documentation}};
    }
    items.push_back(std::move(json));
  }
  return boost::json::object{{"isIncomplete", is_incomplete}, {"items", std::move(items)}};
}

std::vector<std::uint32_t> LanguageServer::declared_at(const Cursor& cursor) const {
  std::vector<std::uint32_t> places;
  if (cursor.schema() == nullptr) return places;
  const FolderSchema& schema = *cursor.folder->sound;
  if (cursor.document->language == Language::kPolicies) {
    const auto found = subject_at(cursor.text(), cursor.offset, schema.schema());
    if (!found) return places;
    for (const Span& span : declarations_of(found->subject, *schema.schema())) {
      places.push_back(span.begin);
    }
  } else if (const SchemaFile* file = schema.find_file(cursor.document->uri)) {
    const auto place = declaration_at(schema, *file, cursor.text(), cursor.offset);
    if (place) places.push_back(*place);
  }
  return places;
}

LanguageServer::Answer LanguageServer::definition(const Json& params) {
  const Cursor cursor = TRY(cursor_of(params));
  boost::json::array locations;
  for (const std::uint32_t place : declared_at(cursor)) {
    const FolderSchema& schema = *cursor.folder->sound;
    locations.push_back(schema_location(schema, declaration_span(schema, place)));
  }
  return locations;
}

LanguageServer::Answer LanguageServer::references(const Json& params) {
  const Cursor cursor = TRY(cursor_of(params));
  const auto* declaration = member(params, {"context", "includeDeclaration"});
  const bool with_declaration = declaration != nullptr && *declaration == Json(true);
  const std::vector<std::uint32_t> places = declared_at(cursor);
  boost::json::array locations;
  if (places.empty()) return locations;
  const FolderSchema& schema = *cursor.folder->sound;
  for (const Mention& mention : schema.mentions()) {
    const bool is_it = std::ranges::find(places, mention.declared_at) != places.end();
    const bool is_declaration = mention.span.begin == mention.declared_at;
    if (is_it && (with_declaration || !is_declaration)) {
      locations.push_back(schema_location(schema, mention.span));
    }
  }
  for (const PolicyText& text : workspace_.policy_texts(*cursor.document)) {
    for (const Span& span : references_in(text.document.text(), schema, places)) {
      locations.push_back(location(text.uri, text.document, span));
    }
  }
  return locations;
}

codec::Json LanguageServer::symbols_json(const TextDocument& document,
                                         const std::vector<Symbol>& symbols) const {
  boost::json::array json;
  for (const Symbol& symbol : symbols) {
    boost::json::object one{{"name", symbol.name.empty() ? "\"\"" : symbol.name},
                            {"detail", symbol.detail},
                            {"kind", static_cast<int>(symbol.kind)},
                            {"range", range(document, symbol.whole)},
                            {"selectionRange", range(document, symbol.word)}};
    if (!symbol.children.empty()) one["children"] = symbols_json(document, symbol.children);
    json.push_back(std::move(one));
  }
  return json;
}

LanguageServer::Answer LanguageServer::document_symbols(const Json& params) {
  const OpenDocument* document = TRY(document_of(params));
  const std::string_view text = document->document.text();
  return symbols_json(document->document, document->language == Language::kPolicies
                                              ? policy_symbols(text)
                                              : schema_symbols(text));
}

/// A text that does not parse is left as it is: its diagnostics say why.
LanguageServer::Answer LanguageServer::formatting(const Json& params) {
  const OpenDocument* document = TRY(document_of(params));
  const std::string_view text = document->document.text();
  boost::json::array edits;
  if (document->language != Language::kPolicies) return edits;
  const auto formatted = cedar::format_policies(text);
  if (!formatted) return edits;
  if (const auto edit = minimal_edit(text, *formatted)) {
    edits.push_back(boost::json::object{{"range", range(document->document, edit->replaced)},
                                        {"newText", edit->replacement}});
  }
  return edits;
}

LanguageServer::Answer LanguageServer::code_actions(const Json& params) {
  OpenDocument* document = TRY(document_of(params));
  const Span span = TRY(span_of(*document, params));
  boost::json::array actions;
  if (document->seen_revision != document->revision) return actions;
  for (const Finding& finding : document->findings) {
    if (finding.diagnostic.span.begin > span.end || finding.diagnostic.span.end < span.begin) {
      continue;
    }
    const auto fix = quick_fix(finding.diagnostic, document->document.text());
    if (!fix) continue;
    const boost::json::object edit{{"range", range(document->document, fix->replaced)},
                                   {"newText", fix->replacement}};
    actions.push_back(boost::json::object{
        {"title", fix->title},
        {"kind", "quickfix"},
        {"diagnostics", boost::json::array{diagnostic_json(*document, finding)}},
        {"edit",
         boost::json::object{
             {"changes", boost::json::object{{document->uri, boost::json::array{edit}}}}}}});
  }
  return actions;
}

}  // namespace wardlock::lsp
