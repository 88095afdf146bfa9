#include "cli/policy_change_commands.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "base/suggestion.h"
#include "base/utf8.h"
#include "bundle/content.h"
#include "cli/bundle_text.h"
#include "cli/policy_change_text.h"
#include "cli/private_file.h"
#include "cli/thing_lookup.h"
#include "cli/thing_text.h"
#include "net/query_string.h"
#include "server/policy_folder.h"

namespace wardlock::cli {
namespace {

using boost::json::array;
using boost::json::object;
using codec::Json;

namespace fs = std::filesystem;

constexpr std::string_view kDrafts = "policies/drafts";

struct PushOptions {
  ServerOptions server;
  std::string folder;
  std::string environment;
  std::string title;
  std::string reason;
  std::string draft;
  bool is_submitted = false;
};

struct PullOptions {
  ServerOptions server;
  std::string folder;
  std::string serial;
  std::string draft;
};

struct ShowOptions {
  ServerOptions server;
  std::string draft;
};

object files_body(const bundle::Content& content) {
  array files;
  for (const bundle::BundledFile& file : content.files()) {
    files.push_back(object{{"name", file.name}, {"text", file.text}});
  }
  return {{"files", std::move(files)}};
}

/// That it is the environment which the server keeps: nobody's test becomes production by mistake.
Result<void> check_environment(AdminClient& client, const std::string& environment) {
  const Json all = TRY(client.get("policies"));
  std::vector<std::string> known;
  for (const Json& each : all.at("items").as_array()) {
    known.push_back(text_of(each, "environment"));
  }
  if (std::ranges::find(known, environment) != known.end()) return {};
  return fail(ErrorCode::kNotFound,
              fmt::format("the server keeps no policies of the environment `{}`{}; it keeps `{}`",
                          printable(environment), suggestion(environment, known),
                          fmt::join(known, "`, `")));
}

/// What was pushed, as a draft.
Result<Json> push_content(AdminClient& client, const PushOptions& options,
                          const bundle::Content& content) {
  object body = files_body(content);
  const ChangeOptions why{.reason = options.reason};
  if (options.draft.empty()) {
    if (options.title.empty()) return invalid("say with `--title` what the change is about");
    body["title"] = options.title;
    return client.change("POST", std::string(kDrafts), std::move(body), why);
  }
  const Json draft = TRY(find_policy_draft(client, options.draft));
  body["edition"] = draft.at("edition");
  return client.change("PUT", fmt::format("{}/{}/content", kDrafts, text_of(draft, "id")),
                       std::move(body), why);
}

Result<Exit> push(const PushOptions& options, const Output& output) {
  const bundle::Content content = TRY(server::read_policy_folder(options.folder));
  const auto client = TRY(AdminClient::open(options.server));
  TRY_VOID(check_environment(*client, options.environment));
  const Json draft = TRY(push_content(*client, options, content));
  const std::string path = fmt::format("{}/{}", kDrafts, text_of(draft, "id"));
  Json view = TRY(client->change("POST", path + "/checks", {}, {}));
  const bool is_good = has_passed_checks(view);
  if (is_good && options.is_submitted) {
    TRY(client->change("POST", path + "/submit", {{"edition", view.at("edition")}},
                       {.reason = options.reason}));
    view = TRY(client->get(path));
  }
  output.print(view, draft_text(view));
  return is_good ? Exit::kOk : Exit::kInvalid;
}

/// The content that somebody wants: of a draft, of an activation, or what is in force.
Result<bundle::Content> fetch_content(AdminClient& client, const PullOptions& options) {
  std::string path;
  if (!options.draft.empty()) {
    path = fmt::format("{}/{}/content", kDrafts,
                       text_of(TRY(find_policy_draft(client, options.draft)), "id"));
  } else if (!options.serial.empty()) {
    path = fmt::format("policies/history/{}/content", TRY(read_serial(options.serial, "--serial")));
  } else {
    const Json all = TRY(client.get("policies"));
    const Json& first = all.at("items").as_array().at(0);
    const Json* const active = first.as_object().if_contains("inForce");
    if (active == nullptr) return fail(ErrorCode::kNotFound, "nothing is in force there yet");
    path = fmt::format("policies/history/{}/content", text_of(*active, "serial"));
  }
  const Json answer = TRY(client.get(path));
  std::vector<bundle::BundledFile> files;
  for (const Json& each : answer.at("files").as_array()) {
    files.push_back({text_of(each, "name"), text_of(each, "text")});
  }
  // A name that leads elsewhere is refused there.
  auto content = TRY(bundle::Content::of(std::move(files)));
  if (content.name() == text_of(answer, "content")) return content;
  return fail(ErrorCode::kDataLoss, "what the server gave is not what it says to be");
}

Result<void> write_files(const bundle::Content& content, const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error && !fs::is_empty(folder, error) && !error) {
    return fail(ErrorCode::kAlreadyExists,
                fmt::format("`{}` is not empty; name another folder", folder));
  }
  for (const bundle::BundledFile& file : content.files()) {
    if (error) break;
    const fs::path path = fs::path(folder) / file.name;
    fs::create_directories(path.parent_path(), error);
    if (error) break;
    PrivateFile written = TRY(PrivateFile::create(path.string()));
    TRY_VOID(written.write(file.text));
    TRY_VOID(written.finish());
  }
  if (!error) return {};
  return fail(ErrorCode::kUnavailable,
              fmt::format("`{}` cannot be written: {}", folder, error.message()));
}

Result<Exit> pull(const PullOptions& options, const Output& output) {
  if (!options.serial.empty() && !options.draft.empty()) {
    return invalid("`--serial` and `--draft` exclude each other");
  }
  const auto client = TRY(AdminClient::open(options.server));
  const bundle::Content content = TRY(fetch_content(*client, options));
  TRY_VOID(write_files(content, options.folder));
  output.print(
      object{{"content", content.name()},
             {"folder", options.folder},
             {"files", content.files().size()}},
      fmt::format("{} files in `{}`: {}", content.files().size(), options.folder, content.name()));
  return Exit::kOk;
}

Result<Exit> show_status(const ServerOptions& server, const Output& output) {
  const auto client = TRY(AdminClient::open(server));
  Json all = TRY(client->get("policies"));
  const Json drafts = TRY(client->get(std::string(kDrafts)));
  std::string text;
  for (const Json& each : all.at("items").as_array()) {
    const object& item = each.as_object();
    text += fmt::format("{}: ", text_of(each, "environment"));
    const Json* const active = item.if_contains("inForce");
    text += active == nullptr ? "nothing is in force yet" : activation_text(*active);
    if (text_of(each, "overdue") == "true") text += "\n  it should have been approved by now";
    if (const Json* next = item.if_contains("toCome")) {
      text += fmt::format("\nto come: {}", activation_text(*next));
    }
    if (const Json* canary = item.if_contains("canary")) {
      text +=
          fmt::format("\ncanary: draft {} decides a part until {}; `wardlock policy canary status`",
                      text_of(*canary, "draft"), text_of(*canary, "endsAt"));
    }
    if (const Json* shadow = item.if_contains("shadow")) {
      text += fmt::format("\ntried in the shadow: draft {}", text_of(*shadow, "draft"));
    }
  }
  array open;
  for (const Json& each : drafts.at("items").as_array()) {
    const std::string state = text_of(each, "state");
    if (state == "activated" || state == "withdrawn") continue;
    text += fmt::format("\ndraft {}  {}  {}", text_of(each, "id"), state, text_of(each, "title"));
    open.push_back(each);
  }
  all.as_object()["drafts"] = std::move(open);
  output.print(all, text);
  return Exit::kOk;
}

Result<Exit> show_draft(const ShowOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  const Json draft = TRY(find_policy_draft(*client, options.draft));
  const Json view = TRY(client->get(fmt::format("{}/{}", kDrafts, text_of(draft, "id"))));
  output.print(view, draft_text(view));
  return Exit::kOk;
}

Result<Exit> show_history(const ServerOptions& server, const Output& output) {
  const auto client = TRY(AdminClient::open(server));
  Json all = TRY(client->get("policies/history?count=500"));
  std::vector<std::vector<std::string>> rows = {{"serial", "cause", "from", "content", "reason"}};
  for (const Json& each : all.at("items").as_array()) {
    rows.push_back({text_of(each, "serial"), text_of(each, "cause"), text_of(each, "startsAt"),
                    text_of(each, "content"), text_of(each, "reason")});
  }
  if (!output.is_json() && rows.size() == 1) output.note("nothing was put in force yet");
  output.print(all, table_text(rows));
  return Exit::kOk;
}

}  // namespace

Result<Json> find_policy_draft(AdminClient& client, const std::string& name) {
  const Json all = TRY(client.get(fmt::format("{}?count=500", kDrafts)));
  std::vector<std::string> known;
  std::optional<Json> found;
  for (const Json& each : all.at("items").as_array()) {
    const std::string id = text_of(each, "id");
    if (id == name) return each;
    constexpr std::size_t kLeastOfEnd = 4;
    const bool is_meant =
        text_of(each, "title") == name || (name.size() >= kLeastOfEnd && id.ends_with(name));
    if (is_meant && found) {
      return invalid(
          fmt::format("several drafts may be meant by `{}`; give the whole id", printable(name)));
    }
    if (is_meant) found = each;
    known.push_back(id);
    known.push_back(text_of(each, "title"));
  }
  if (found) return *std::move(found);
  return fail(ErrorCode::kNotFound,
              fmt::format("there is no draft `{}`{}; `wardlock policy status` lists them",
                          printable(name), suggestion(name, known)));
}

void add_policy_push(Commands& group) {
  auto [command, options] = group.add<PushOptions>(
      "push", "Propose a folder of policies as a change, and have it checked",
      "  wardlock policy push policies/hospital --environment production --title \"Doses at "
      "night\" --reason \"ward 3 asked\"\n"
      "  wardlock policy push policies/hospital --environment production --draft 3f2a --submit\n"
      "Exit status: 0 it is there and passes its checks, 3 it is there and does not.",
      push);
  command.option("folder", options.folder, "DIR", "policies, schema, tests, invariants", true)
      .option("--environment", options.environment, "NAME",
              "for which environment; the server must keep that one", true)
      .option("--title", options.title, "TEXT", "what the change is about, of a new draft")
      .option("--reason", options.reason, "TEXT", "why; goes on record")
      .option("--draft", options.draft, "ID", "writes this draft anew instead of beginning one")
      .flag("--submit", options.is_submitted, "has it reviewed, where it passes its checks");
  add_server_options(command, options.server);
}

void add_policy_pull(Commands& group) {
  auto [command, options] = group.add<PullOptions>(
      "pull", "Write what is in force, or was, or is proposed, into a folder",
      "  wardlock policy pull production\n  wardlock policy pull before --serial 11", pull);
  command.option("folder", options.folder, "DIR", "a folder that is empty or not there yet", true)
      .option("--serial", options.serial, "N", "what that activation put in force")
      .option("--draft", options.draft, "ID", "what that draft has");
  add_server_options(command, options.server);
}

void add_policy_status(Commands& group) {
  auto [command, options] =
      group.add<ServerOptions>("status", "Show what is in force, and which changes are proposed",
                               "  wardlock policy status", show_status);
  add_server_options(command, options);
}

void add_policy_show(Commands& group) {
  auto [command, options] = group.add<ShowOptions>(
      "show", "Show a change: its checks, its signatures, and what is missing",
      "  wardlock policy show 3f2a\n  wardlock policy show \"Doses at night\"", show_draft);
  command.option("draft", options.draft, "DRAFT", "its id, the end of it, or its title", true);
  add_server_options(command, options.server);
}

void add_policy_history(Commands& group) {
  auto [command, options] =
      group.add<ServerOptions>("history", "List whatever was put in force, the latest first",
                               "  wardlock policy history", show_history);
  add_server_options(command, options);
}

}  // namespace wardlock::cli
