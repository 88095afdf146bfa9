#include "cli/draft_diff.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "base/utf8.h"
#include "base/wall_clock.h"
#include "cli/audit_inputs.h"
#include "cli/policy_change_commands.h"
#include "cli/private_file.h"
#include "cli/progress_bar.h"
#include "cli/thing_lookup.h"
#include "directory/model/moment.h"

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

constexpr std::int64_t kHourMs = 3'600'000;

bool is_of_period(const DraftDiffOptions& options) {
  return !options.recorded.empty() || !options.since.empty() || !options.until.empty();
}

/// `30d`, `12h`: so many days or hours, in milliseconds.
Result<std::int64_t> read_span(const std::string& text) {
  constexpr std::int64_t kHoursOfDay = 24;
  constexpr std::int64_t kMost = 100'000;
  std::int64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, count);
  const std::string_view unit(rest, end);
  if (error == std::errc() && count > 0 && count <= kMost && (unit == "d" || unit == "h")) {
    return count * kHourMs * (unit == "d" ? kHoursOfDay : 1);
  }
  return invalid(fmt::format("`--recorded {}` is no time: write `30d` or `12h`", printable(text)));
}

Result<object> period_of(const DraftDiffOptions& options) {
  if (options.wants_generated) {
    return invalid("`--generated` makes questions: leave it out where recorded ones are asked");
  }
  if (!options.recorded.empty() && !options.since.empty()) {
    return invalid("`--recorded` and `--since` exclude each other");
  }
  auto from = TRY(read_time_option(options.since, "since"));
  const auto until = TRY(read_time_option(options.until, "until"));
  if (!options.recorded.empty()) from = wall_clock_ms() - TRY(read_span(options.recorded));
  object period;
  if (from) period["from"] = directory::to_time_text(*from);
  if (until) period["until"] = directory::to_time_text(*until);
  return period;
}

/// Has the server compare, and waits for it: where its report is.
Result<std::string> compare_recorded(AdminClient& client, const std::string& draft_path,
                                     const DraftDiffOptions& options) {
  constexpr std::chrono::milliseconds kPause{200};
  object period = TRY(period_of(options));
  Json seen = TRY(client.change("POST", draft_path + "/comparisons", std::move(period), {}));
  const std::string path = fmt::format("policies/comparisons/{}", text_of(seen, "id"));
  ProgressBar bar("asking again");
  while (text_of(seen, "state") == "waiting" || text_of(seen, "state") == "running") {
    std::this_thread::sleep_for(kPause);
    seen = TRY(client.get(path));
    const auto all = seen.at("all").to_number<std::uint64_t>();
    if (all > 0) bar.show(seen.at("done").to_number<std::uint64_t>(), all);
  }
  if (text_of(seen, "state") == "done") return path + "/report?";
  return fail(ErrorCode::kUnavailable, text_of(seen, "fault"));
}

/// Where the server tells what both decide.
Result<std::string> find_decisions(AdminClient& client, const std::string& draft_path,
                                   const DraftDiffOptions& options) {
  if (is_of_period(options)) return compare_recorded(client, draft_path, options);
  return draft_path + "/decisions" + (options.wants_generated ? "?generated=true&" : "?");
}

/// The decisions of both, as the server tells them.
class DecisionReports {
 public:
  /// `path`: as `find_decisions` has it.
  DecisionReports(AdminClient& client, std::string path)
      : client_(client), path_(std::move(path)) {}

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
    DecisionReports reports(*client, TRY(find_decisions(*client, path, options)));
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
