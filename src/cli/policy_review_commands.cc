#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <utility>

#include "cli/bundle_text.h"
#include "cli/policy_change_commands.h"
#include "cli/policy_change_text.h"
#include "cli/thing_lookup.h"

namespace wardlock::cli {
namespace {

using boost::json::object;
using codec::Json;

struct ReviewOptions {
  ServerOptions server;
  std::string draft;
  std::string meaning = "policy";
  std::string comment;
  std::string reason;
  std::string at;
  bool is_emergency = false;
  bool is_single_handed = false;
};

struct RollbackOptions {
  ServerOptions server;
  std::string serial;
  std::string reason;
};

std::string path_of(const Json& draft, std::string_view step) {
  return fmt::format("policies/drafts/{}/{}", text_of(draft, "id"), step);
}

/// A step that has to say which edition was looked at.
Result<Exit> take(const ReviewOptions& options, std::string_view step, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  const Json draft = TRY(find_policy_draft(*client, options.draft));
  const Json taken =
      TRY(client->change("POST", path_of(draft, step), {{"edition", draft.at("edition")}},
                         {.reason = options.reason}));
  const Json view = TRY(client->get(fmt::format("policies/drafts/{}", text_of(taken, "id"))));
  output.print(view, draft_text(view));
  return Exit::kOk;
}

Result<Exit> submit(const ReviewOptions& options, const Output& output) {
  return take(options, "submit", output);
}

Result<Exit> withdraw(const ReviewOptions& options, const Output& output) {
  return take(options, "withdraw", output);
}

Result<Exit> reject(const ReviewOptions& options, const Output& output) {
  if (options.reason.empty()) return invalid("say with `--reason` why: its author wants to know");
  return take(options, "reject", output);
}

Result<Exit> approve(const ReviewOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  const Json draft = TRY(find_policy_draft(*client, options.draft));
  object body{{"meaning", options.meaning}, {"content", draft.at("content")}};
  if (!options.comment.empty()) body["comment"] = options.comment;
  const auto standing = client->change("POST", path_of(draft, "sign"), std::move(body), {});
  if (!standing && standing.error().code == ErrorCode::kUnauthenticated) {
    return fail(ErrorCode::kUnauthenticated,
                fmt::format("{}: `wardlock login`, having signed out in the browser, and approve "
                            "within five minutes",
                            standing.error().message));
  }
  if (!standing) return std::unexpected(standing.error());
  const std::string missing = text_of(*standing, "missing");
  output.print(*standing,
               missing.empty()
                   ? fmt::format("signed as {}; it is approved. Next: wardlock policy "
                                 "activate {}",
                                 options.meaning, text_of(draft, "id"))
                   : fmt::format("signed as {}; still missing: {}", options.meaning, missing));
  return Exit::kOk;
}

Result<Exit> activate(const ReviewOptions& options, const Output& output) {
  if (options.is_emergency && options.reason.empty()) {
    return invalid("say with `--reason` what the emergency is: it goes on record");
  }
  if (options.is_emergency && (!options.at.empty() || options.is_single_handed)) {
    return invalid("an emergency is now: leave out `--at` and `--single-handed`");
  }
  const auto client = TRY(AdminClient::open(options.server));
  const Json draft = TRY(find_policy_draft(*client, options.draft));
  object body;
  if (!options.at.empty()) {
    body["at"] = bundle::to_text(TRY(read_moment(options.at, "--at", this_second())));
  }
  if (options.is_single_handed) body["singleHanded"] = true;
  const Json made =
      TRY(client->change("POST", path_of(draft, options.is_emergency ? "emergency" : "activate"),
                         std::move(body), {.reason = options.reason}));
  output.print(made, activation_text(made));
  return Exit::kOk;
}

Result<Exit> roll_back(const RollbackOptions& options, const Output& output) {
  if (options.reason.empty()) return invalid("say with `--reason` why: it goes on record");
  const std::uint64_t serial = TRY(read_serial(options.serial, "--to"));
  const auto client = TRY(AdminClient::open(options.server));
  const Json made = TRY(client->change("POST", fmt::format("policies/history/{}/roll-back", serial),
                                       {}, {.reason = options.reason}));
  output.print(made, activation_text(made));
  return Exit::kOk;
}

/// A command about a draft.
std::pair<CommandBuilder, ReviewOptions&> add(Commands& group, const char* name, const char* about,
                                              const char* examples,
                                              Result<Exit> (*run)(const ReviewOptions&,
                                                                  const Output&)) {
  auto [command, options] = group.add<ReviewOptions>(name, about, examples, run);
  command.option("draft", options.draft, "DRAFT", "its id, the end of it, or its title", true)
      .option("--reason", options.reason, "TEXT", "why; goes on record");
  add_server_options(command, options.server);
  return {command, options};
}

}  // namespace

void add_policy_submit(Commands& group) {
  add(group, "submit", "Have a change reviewed that passes its checks",
      "  wardlock policy submit 3f2a", submit);
}

void add_policy_withdraw(Commands& group) {
  add(group, "withdraw", "Give a change up that one has written",
      "  wardlock policy withdraw 3f2a --reason \"another way was found\"", withdraw);
}

void add_policy_reject(Commands& group) {
  add(group, "reject", "Say no to a change, and why",
      "  wardlock policy reject 3f2a --reason \"contractors would see reports\"", reject);
}

void add_policy_approve(Commands& group) {
  auto [command, options] =
      add(group, "approve", "Sign a change that others wrote, shortly after signing in",
          "  wardlock policy approve 3f2a --meaning clinical_safety --comment \"tried on ward 3\"",
          approve);
  command
      .option("--meaning", options.meaning, "WORD",
              "which approval: policy, clinical_safety, privacy or security (default: policy)")
      .option("--comment", options.comment, "TEXT", "stands under the signature");
}

void add_policy_activate(Commands& group) {
  auto [command, options] =
      add(group, "activate", "Put a change in force that is approved",
          "  wardlock policy activate 3f2a\n"
          "  wardlock policy activate 3f2a --at 2026-12-01T04:00:00Z\n"
          "  wardlock policy activate 3f2a --emergency --reason \"nobody gets at the reports\"",
          activate);
  command.option("--at", options.at, "TIME", "from when on (default: now)")
      .flag("--emergency", options.is_emergency, "now, and to be approved afterwards")
      .flag("--single-handed", options.is_single_handed,
            "without approval, where nobody else could approve it");
}

void add_policy_rollback(Commands& group) {
  auto [command, options] = group.add<RollbackOptions>(
      "rollback", "Put back in force what was in force before",
      "  wardlock policy rollback --to 11 --reason \"physicians lost the reports\"", roll_back);
  command
      .option("--to", options.serial, "SERIAL",
              "of the activation, as `wardlock policy history` lists it", true)
      .option("--reason", options.reason, "TEXT", "why; goes on record");
  add_server_options(command, options.server);
}

}  // namespace wardlock::cli
