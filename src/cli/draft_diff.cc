#include "cli/draft_diff.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "base/utf8.h"
#include "cli/policy_change_commands.h"
#include "cli/private_file.h"
#include "cli/thing_lookup.h"

namespace wardlock::cli {
namespace {

using boost::json::object;
using codec::Json;

std::string content_text(const Json& diff) {
  std::string text;
  for (const Json& file : diff.at("files").as_array()) {
    text += fmt::format("{} file `{}`\n", text_of(file, "kind"), text_of(file, "name"));
  }
  for (const Json& change : diff.at("policies").at("changes").as_array()) {
    text += fmt::format("{} {} `{}`\n", text_of(change, "kind"), text_of(change, "form"),
                        text_of(change, "id"));
  }
  for (const Json& change : diff.at("schema").at("changes").as_array()) {
    text += fmt::format("{} {} `{}`\n", text_of(change, "kind"), text_of(change, "declared"),
                        text_of(change, "name"));
  }
  return text;
}

/// The decisions of both, as the server tells them.
class DecisionReports {
 public:
  DecisionReports(AdminClient& client, std::string draft_path, bool wants_generated)
      : client_(client),
        path_(std::move(draft_path) + "/decisions" + (wants_generated ? "?generated=true&" : "?")) {
  }

  Result<std::string> in_form(std::string_view form) {
    return client_.text(fmt::format("{}as={}", path_, form));
  }
  Result<Json> document() { return client_.get(path_ + "as=json"); }

  Result<void> write(const std::string& path, std::string_view form) {
    if (path.empty()) return {};
    PrivateFile file = TRY(PrivateFile::create(path));
    const std::string text =
        form == "json" ? codec::to_pretty_json_text(TRY(document())) + "\n" : TRY(in_form(form));
    TRY_VOID(file.write(text));
    return file.finish();
  }

 private:
  AdminClient& client_;
  const std::string path_;
};

}  // namespace

Result<Exit> print_draft_diff(const DraftDiffOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  const Json draft = TRY(find_policy_draft(*client, options.draft));
  const std::string path = fmt::format("policies/drafts/{}", text_of(draft, "id"));
  const Json diff = TRY(client->get(path + "/diff"));
  const bool is_same = diff.at("same").as_bool();
  object whole{{"diff", diff}};
  std::string text = is_same ? "the same content" : content_text(diff);
  if (!is_same && !text_of(diff, "content_before").empty()) {
    DecisionReports reports(*client, path, options.wants_generated);
    TRY_VOID(reports.write(options.html, "html"));
    TRY_VOID(reports.write(options.csv, "csv"));
    TRY_VOID(reports.write(options.document, "json"));
    if (output.is_json()) {
      whole["decisions"] = TRY(reports.document());
    } else {
      text += printable(TRY(reports.in_form("text")));
    }
  } else if (!is_same) {
    text += "nothing was in force before: there is nothing to compare its decisions with";
  }
  while (text.ends_with('\n')) text.pop_back();
  output.print(Json(std::move(whole)), text);
  return is_same ? Exit::kOk : Exit::kDeny;
}

}  // namespace wardlock::cli
