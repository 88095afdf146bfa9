#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "cli/commands.h"
#include "cli/compared_policies.h"
#include "cli/parse_check.h"
#include "cli/pdp_client.h"
#include "cli/policy_change_commands.h"
#include "cli/private_file.h"
#include "cli/progress_bar.h"
#include "cli/replace_file.h"
#include "compare/golden/golden_check.h"
#include "compare/golden/golden_file.h"
#include "server/policy_files.h"

namespace wardlock::cli {
namespace {

/// Who is asked: a running PDP, or policies that are read and decide here.
struct Against {
  std::string place;  ///< a URL, or a folder of policies; empty: nobody
  std::string entities;
  std::string token_file;
  std::string ca;
  pdp::Mode mode = pdp::Mode::kStrict;

  bool is_server() const { return place.starts_with("http://") || place.starts_with("https://"); }
};

void add_against(CommandBuilder& command, Against& against, bool is_required) {
  command
      .option("--against", against.place, "URL|DIR",
              "a PDP, or a folder of policies that decide here", is_required)
      .option("--entities", against.entities, "FILE",
              "with a folder: its entities (default: its `entities.json`)")
      .mode(against.mode)
      .option("--token-file", against.token_file, "FILE", "with a URL: holds the caller's token")
      .option("--ca", against.ca, "FILE",
              "with a URL: who vouches for the server (default: the system's authorities)");
}

using Answers = std::vector<compare::GoldenAnswer>;

Result<Answers> ask_server(const Against& against,
                           std::span<const compare::GoldenRequest> requests) {
  const auto client = TRY(
      PdpClient::open({.url = against.place, .token_file = against.token_file, .ca = against.ca}));
  ProgressBar bar("asking");
  return client->ask(requests, [&](std::uint64_t done, std::uint64_t all) { bar.show(done, all); });
}

/// Answers each question that it takes.
class Answering final : public compare::QuestionTaker {
 public:
  explicit Answering(const pdp::Snapshot& snapshot) : snapshot_(snapshot) {}

  void take(const compare::PosedQuestion& question) override {
    answers.push_back(compare::answer_of(snapshot_, question));
  }
  void leave_out(compare::LeftOut, std::string_view) override {}

  Answers answers;

 private:
  const pdp::Snapshot& snapshot_;
};

Result<Answers> ask_here(const Against& against, std::span<const compare::GoldenRequest> requests) {
  const pdp::Sources sources = TRY(load_policy_folder(against.place, against.entities));
  const auto snapshot = TRY(pdp::build_snapshot(sources, against.mode));
  Answering answering(*snapshot);
  TRY_VOID(compare::GoldenQuestions(requests).give(answering));
  return std::move(answering.answers);
}

Result<Answers> ask(const Against& against, std::span<const compare::GoldenRequest> requests) {
  return against.is_server() ? ask_server(against, requests) : ask_here(against, requests);
}

struct RecordOptions {
  QuestionOptions questions;
  Against against;
  std::string out;
  unsigned most = 10'000;
};

/// Without anybody to ask, what was decided when they were asked.
Result<void> answer_anew(const Against& against, std::vector<compare::GoldenRequest>& requests) {
  if (against.place.empty()) return {};
  Answers answers = TRY(ask(against, requests));
  for (std::size_t i = 0; i < requests.size(); ++i) requests[i].answer = std::move(answers[i]);
  return {};
}

Result<void> write_golden_file(const std::string& path,
                               std::span<const compare::GoldenRequest> requests) {
  PrivateFile file = TRY(PrivateFile::create(path));
  for (const compare::GoldenRequest& request : requests) {
    TRY_VOID(file.write(compare::write_golden(request) + "\n"));
  }
  return file.finish();
}

Result<Exit> run_record(const RecordOptions& options, const Output& output) {
  if (options.questions.log.empty() && options.questions.questions.empty()) {
    return invalid("say which questions: `--log DIR` or `--questions FILE`");
  }
  const bool has_answers = options.questions.questions.empty() || !options.against.place.empty();
  if (!has_answers) return invalid("say who is to answer the questions: `--against URL|DIR`");
  const bool is_asked_anew = !options.against.place.empty();
  compare::GoldenRecorder recorder(
      [&](const compare::PosedQuestion& question) {
        return is_asked_anew ? compare::GoldenAnswer() : compare::recorded_answer(question);
      },
      options.most);
  std::vector<std::string> told;
  TRY_VOID(give_questions(options.questions, recorder, told));
  std::vector<compare::GoldenRequest> requests = recorder.take_requests();
  TRY_VOID(answer_anew(options.against, requests));
  TRY_VOID(write_golden_file(options.out, requests));
  StyledText text;
  text.add(fmt::format("`{}`: {} requests", options.out, requests.size()));
  const auto warn = [&](std::uint64_t count, std::string_view what) {
    if (count > 0) text.add(fmt::format("\n{} {}", count, what), Style::kYellow);
  };
  warn(recorder.left_out(), "could not be asked again, and are left out");
  warn(recorder.beyond(), "different ones are left out: see `--most`");
  output.print(boost::json::object{{"file", options.out},
                                   {"requests", requests.size()},
                                   {"repeated", recorder.repeated()},
                                   {"left_out", recorder.left_out()},
                                   {"beyond", recorder.beyond()}},
               text);
  return Exit::kOk;
}

struct CheckOptions {
  std::string golden;
  Against against;
  bool is_strict = false;
  std::string junit;
};

Result<std::vector<compare::GoldenRequest>> read_golden_requests(const std::string& path) {
  const pdp::Source source = TRY(server::read_source(path));
  auto requests = compare::read_golden_file(source.text);
  if (!requests) return std::unexpected(requests.error().in(path));
  for (const compare::GoldenRequest& request : *requests) {
    if (!request.answer) {
      return invalid(fmt::format("{}: {}: `answer` is missing; `wardlock drift record` asks for it",
                                 path, request.name));
    }
  }
  if (requests->empty()) return invalid(fmt::format("`{}` holds no request", path));
  return requests;
}

Result<Exit> run_check(const CheckOptions& options, const Output& output) {
  const auto requests = TRY(read_golden_requests(options.golden));
  Answers answers = TRY(ask(options.against, requests));
  compare::GoldenCheck check(options.is_strict);
  for (std::size_t i = 0; i < requests.size(); ++i) check.add(requests[i], std::move(answers[i]));
  const std::string& against = options.against.place;
  if (!options.junit.empty()) {
    TRY_VOID(replace_file(options.junit, compare::golden_junit(check, against)));
  }
  output.print(compare::golden_document(check, against), compare::golden_text(check, against));
  return check.failures() == 0 ? Exit::kOk : Exit::kDeny;
}

void add_record(Commands& group) {
  auto [command, options] = group.add<RecordOptions>(
      "record", "Keep requests with their answers, to ask them again later",
      "  wardlock drift record --log /var/lib/wardlock/audit --since 2026-11-01 -o golden.ndjson\n"
      "  wardlock drift record --questions questions.ndjson --against policies/hospital -o "
      "golden.ndjson\n"
      "Each different question of a log once, with what was decided then; with `--against`, with "
      "what is answered now. The file says who asked for what: only you can read it.",
      run_record);
  add_question_options(command, options.questions);
  add_against(command, options.against, false);
  constexpr unsigned kMost = 1'000'000;
  command.option("-o,--out", options.out, "FILE", "the file to write", true)
      .number("--most", options.most, 1, kMost, "so many at most (default: 10000)");
}

void add_check(Commands& group) {
  auto [command, options] = group.add<CheckOptions>(
      "check", "Ask kept requests again, and say which are answered otherwise",
      "  wardlock drift check golden.ndjson --against https://pdp.example/st-mary --token-file "
      "token\n"
      "  wardlock drift check golden.ndjson --against policies/hospital --junit drift.xml\n"
      "Another decision, or other obligations, is a difference; with `--strict` another cause, "
      "policy or remedy is as well.\n"
      "Exit status: 0 no difference, 2 differences, 1 or 3 they could not be asked.",
      run_check);
  command.option("golden", options.golden, "FILE", "as `wardlock drift record` writes it", true);
  add_against(command, options.against, true);
  command.flag("--strict", options.is_strict, "compare reasons, too")
      .option("--junit", options.junit, "FILE", "also write a report in JUnit's XML");
}

}  // namespace

void add_drift(Commands& commands) {
  Commands group = commands.group(
      "drift", "Find out whether decisions are what they were: after an update, elsewhere");
  add_record(group);
  add_check(group);
  add_policy_nodes(group);
}

}  // namespace wardlock::cli
