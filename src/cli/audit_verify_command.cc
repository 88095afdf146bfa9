#include <fmt/format.h>

#include "audit/inspect/evidence.h"
#include "audit/inspect/verify.h"
#include "base/utf8.h"
#include "cli/audit_commands.h"
#include "cli/audit_inputs.h"
#include "cli/audit_report_check.h"
#include "cli/audit_witness_check.h"
#include "cli/progress_bar.h"
#include "server/policy_files.h"

namespace wardlock::cli {
namespace {

struct VerifyOptions {
  std::string folder;
  std::string checkpoint;
  std::string key;
  std::string bundle;
  std::string report;
  std::string witness;
  std::string witness_key;
};

codec::Json to_json(const audit::Finding& finding) {
  boost::json::object out{{"severity", finding.is_fault ? "error" : "warning"},
                          {"file", printable(finding.file)},
                          {"message", printable(finding.what)}};
  if (finding.byte) out["byte"] = *finding.byte;
  if (finding.record) out["record"] = *finding.record;
  if (finding.last_record) out["last_record"] = *finding.last_record;
  return out;
}

codec::Json to_json(const audit::Verification& result) {
  boost::json::object out{{"whole", result.is_whole()},
                          {"origin", printable(result.origin)},
                          {"records", result.records},
                          {"covered", result.covered},
                          {"segments", result.segments},
                          {"checkpoints", result.checkpoints},
                          {"bytes", result.bytes},
                          {"spooled", result.spooled},
                          {"open", result.is_open},
                          {"beyond", result.beyond},
                          {"key_from_outside", result.is_key_from_outside},
                          {"rollback_excluded", result.confirmed.has_value()},
                          {"faults", result.findings.faults()},
                          {"findings_left_out", result.findings.left_out()}};
  if (result.head) out["root"] = merkle::to_base64(result.head->root);
  if (result.key) out["key"] = result.key->text();
  boost::json::array keys;
  for (const merkle::VerifierKey& each : result.keys) keys.push_back(codec::Json(each.text()));
  out["keys"] = std::move(keys);
  if (result.confirmed) out["confirmed"] = *result.confirmed;
  if (result.witness) {
    out["witness"] = boost::json::object{{"url", printable(result.witness->url)},
                                         {"verified", result.witness->is_verified}};
  }
  boost::json::array findings;
  for (const audit::Finding& each : result.findings.kept()) findings.push_back(to_json(each));
  out["findings"] = std::move(findings);
  return out;
}

/// `1 record`, `2 records`.
std::string counted(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

/// What is not known although the log is whole.
void add_reservations(const audit::Verification& result, StyledText& text) {
  if (result.is_open) {
    text.add(
        fmt::format("the log is being written: it was read up to its checkpoint of {} records; the "
                    "{} behind it were not checked\n",
                    result.covered, result.beyond));
  } else if (result.records > result.covered) {
    text.add(fmt::format("{} records at the end are covered by no checkpoint yet\n",
                         result.records - result.covered));
  }
  if (result.spooled > 0) {
    text.add(
        fmt::format("{} records wait in the spool until the log is next opened\n", result.spooled));
  }
  if (!result.is_key_from_outside) {
    text.add(
        "signatures were checked with the log's own `public.key`: give `--key` with a copy that "
        "was kept elsewhere\n",
        Style::kYellow);
  }
  if (result.witness && !result.witness->is_verified) {
    text.add("the witness's signature was not verified: give its key with `--witness-key`\n",
             Style::kYellow);
  }
  if (result.witness) {
    text.add(fmt::format("the witness confirms the first {} records\n", *result.confirmed));
  } else if (result.confirmed) {
    text.add(fmt::format("the checkpoint from outside confirms the first {} records\n",
                         *result.confirmed));
  } else {
    text.add(
        "rollback not excluded: there was nothing outside to compare with; give `--checkpoint` "
        "with one that was kept elsewhere, or `--witness`\n",
        Style::kYellow);
  }
}

StyledText to_text(const audit::Verification& result) {
  StyledText text;
  for (const audit::Finding& each : result.findings.kept()) {
    text.add(each.is_fault ? "fault:" : "warning:", each.is_fault ? Style::kRed : Style::kYellow);
    text.add(fmt::format(" {}: {}\n", audit::place_of(each), each.what));
  }
  if (result.findings.left_out() > 0) {
    text.add(fmt::format("and {} more findings\n", result.findings.left_out()));
  }
  if (result.is_whole()) {
    text.add("whole", Style::kGreen);
  } else {
    text.add("not whole", Style::kRed).add(": " + counted(result.findings.faults(), "fault"));
  }
  text.add(fmt::format("\n{} in {}, {}, origin `{}`\n", counted(result.records, "record"),
                       counted(result.segments, "segment"),
                       counted(result.checkpoints, "checkpoint"), result.origin));
  if (result.head) text.add(fmt::format("root {}\n", merkle::to_base64(result.head->root)));
  if (result.keys.size() > 1) {
    text.add(
        fmt::format("its key was exchanged; it is signed with `{}` now\n", result.key->text()));
  }
  add_reservations(result, text);
  return text;
}

Result<Exit> verify_folder(const VerifyOptions& options, const Output& output) {
  audit::VerifyOptions asked{.folder = options.folder, .outside_name = options.checkpoint};
  if (!options.key.empty()) asked.key = TRY(read_verifier_key(options.key));
  if (!options.checkpoint.empty()) {
    asked.outside_checkpoint = TRY(server::read_source(options.checkpoint)).text;
    if (asked.outside_checkpoint.empty()) {
      return invalid(
          fmt::format("`{}` is empty: it must hold a signed checkpoint", options.checkpoint));
    }
  }
  audit::PosixFiles files;
  auto result = [&] {
    ProgressBar bar("verifying");
    return audit::verify_log(files, asked,
                             [&](std::uint64_t done, std::uint64_t all) { bar.show(done, all); });
  }();
  if (!result) return std::unexpected(result.error());
  if (!options.witness.empty() && result->is_whole()) {
    TRY_VOID(ask_witness(options.witness, options.witness_key, options.folder, files, *result));
  }
  output.print(to_json(*result), to_text(*result));
  return result->is_whole() ? Exit::kOk : Exit::kInvalid;
}

Result<Exit> verify_bundle(const std::string& path, const merkle::VerifierKey& key,
                           const std::optional<merkle::VerifierKey>& witness,
                           const Output& output) {
  const std::string bundle = TRY(server::read_source(path)).text;
  const auto evidence = audit::verify_evidence(bundle, key, witness);
  if (!evidence) {
    output.print(
        boost::json::object{{"proven", false}, {"message", printable(evidence.error().message)}},
        StyledText()
            .add("not proven", Style::kRed)
            .add(fmt::format(": `{}`: {}", path, evidence.error().message)));
    return Exit::kInvalid;
  }
  event::NoKeys no_keys;
  Arena arena;
  const auto event = event::open_record(evidence->record, no_keys, arena);
  if (!event) return std::unexpected(event.error().in("the record is proven, but not an event"));
  const codec::Json json = TRY(event_json(*event));
  output.print(
      boost::json::object{{"proven", true},
                          {"origin", printable(evidence->checkpoint.origin)},
                          {"record", evidence->number},
                          {"records", evidence->checkpoint.head.size},
                          {"root", merkle::to_base64(evidence->checkpoint.head.root)},
                          {"event", json}},
      StyledText()
          .add("proven", Style::kGreen)
          .add(fmt::format(": record {} of the log `{}`, which had {} records then\n{}",
                           evidence->number, evidence->checkpoint.origin,
                           evidence->checkpoint.head.size, codec::to_pretty_json_text(json))));
  return Exit::kOk;
}

Result<Exit> verify(const VerifyOptions& options, const Output& output) {
  const int named =
      int{!options.folder.empty()} + int{!options.bundle.empty()} + int{!options.report.empty()};
  if (named != 1) return invalid("name either the folder of a log, `--bundle` or `--report`");
  if (!options.folder.empty()) {
    if (options.witness.empty() && !options.witness_key.empty()) {
      return invalid("`--witness-key` needs `--witness`, whose key it is");
    }
    return verify_folder(options, output);
  }
  if (!options.checkpoint.empty() || !options.witness.empty()) {
    return invalid(
        "`--checkpoint` and `--witness` are for the folder of a log, not for `--bundle` "
        "or `--report`");
  }
  if (options.key.empty()) {
    return invalid("give `--key`: the public key of the log, from a source you trust");
  }
  const merkle::VerifierKey key = TRY(read_verifier_key(options.key));
  const auto witness = TRY(read_witness_key(options.witness_key));
  if (!options.report.empty()) return verify_report_file(options.report, key, witness, output);
  return verify_bundle(options.bundle, key, witness, output);
}

}  // namespace

void add_audit_verify(Commands& group) {
  auto [command, options] = group.add<VerifyOptions>(
      "verify", "Check a log, an evidence bundle or a report: exit status 0 when whole, 3 when not",
      "  wardlock audit verify /var/lib/wardlock/audit\n"
      "  wardlock audit verify /var/lib/wardlock/audit --checkpoint kept-in-the-safe --key "
      "log.pub\n"
      "  wardlock audit verify /var/lib/wardlock/audit --witness https://witness.example.org/w1 "
      "--witness-key w1.pub\n"
      "  wardlock audit verify --bundle decision.tlog-proof --key log.pub\n"
      "It reads every record, and writes nothing; the log may be in use.",
      verify);
  command.option("folder", options.folder, "DIR", "folder of the log")
      .option("--checkpoint", options.checkpoint, "FILE",
              "a checkpoint of the log that was kept elsewhere: shows a rollback or a fork")
      .option("--witness", options.witness, "URL",
              "a witness that cosigns the log's checkpoints: is asked, and shows the same")
      .option("--witness-key", options.witness_key, "FILE|KEY",
              "the witness's public key from a source you trust; a bundle or a report must be "
              "cosigned then")
      .option("--key", options.key, "FILE|KEY",
              "the log's public key from a source you trust (default: its own `public.key`)")
      .option("--bundle", options.bundle, "FILE", "an evidence bundle of `wardlock audit prove`")
      .option("--report", options.report, "FILE", "a report of `wardlock audit report`");
}

}  // namespace wardlock::cli
