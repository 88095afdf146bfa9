#include <fmt/format.h>

#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/xml_text.h"
#include "bundle/policy_bundle.h"
#include "cli/commands.h"
#include "cli/pdp_client.h"
#include "cli/policy_change_commands.h"
#include "cli/replace_file.h"
#include "cli/thing_lookup.h"
#include "cli/thing_text.h"
#include "net/query_string.h"
#include "pap/node_outcomes.h"
#include "pap/policy_node.h"
#include "server/policy_files.h"

namespace wardlock::cli {
namespace {

using boost::json::array;
using boost::json::object;
using codec::Json;

struct NodesOptions {
  ServerOptions server;
  std::string junit;
};

struct ReportOptions {
  ServerOptions server;
  std::string pdp;
  std::string pdp_token_file;
  std::string pdp_ca;
  std::string bundle;
  unsigned every = 0;  ///< seconds; 0: once
};

struct ForgetOptions {
  ServerOptions server;
  std::string node;
  std::string reason;
};

bool is_drifting(const Json& node) {
  const auto standing = pap::find_node_standing(text_of(node, "standing"));
  // What a newer server calls otherwise is looked at, too.
  return !standing || pap::is_drift(*standing);
}

/// All pages as one.
Result<Json> all_nodes(AdminClient& client) {
  Json whole = TRY(client.get("policies/nodes?count=500"));
  std::string next = text_of(whole, "next");
  while (!next.empty()) {
    Json page = TRY(
        client.get(fmt::format("policies/nodes?count=500&cursor={}", net::percent_encoded(next))));
    next = text_of(page, "next");
    for (Json& each : page.at("items").as_array()) {
      whole.at("items").as_array().push_back(std::move(each));
    }
  }
  whole.as_object().erase("next");
  return whole;
}

std::string name_of_node(const Json& node) {
  const std::string label = text_of(node, "label");
  const std::string name = text_of(node, "node");
  return label.empty() ? name : fmt::format("{} ({})", label, name);
}

StyledText nodes_text(const Json& all) {
  std::vector<std::vector<std::string>> rows = {
      {"node", "standing", "serial", "content", "since", "seen", ""}};
  for (const Json& each : all.at("items").as_array()) {
    rows.push_back({name_of_node(each), text_of(each, "standing"), text_of(each, "serial"),
                    text_of(each, "content"), text_of(each, "since"), text_of(each, "seen"),
                    text_of(each, "refused")});
  }
  return table_text(rows);
}

std::string case_xml(const Json& node, const std::string& environment) {
  const std::string head = fmt::format("    <testcase name=\"{}\" classname=\"{}\"",
                                       xml_text(name_of_node(node)), xml_text(environment));
  if (!is_drifting(node)) return head + "/>\n";
  const std::string why =
      fmt::format("{}: it runs {} since {}, seen {}{}{}", text_of(node, "standing"),
                  text_of(node, "content").empty() ? "no bundle" : text_of(node, "content"),
                  text_of(node, "since"), text_of(node, "seen"),
                  text_of(node, "refused").empty() ? "" : "; ", text_of(node, "refused"));
  return head + fmt::format(
                    ">\n      <failure message=\"{0}\" type=\"drift\">{0}</failure>\n"
                    "    </testcase>\n",
                    xml_text(why));
}

std::string nodes_junit(const Json& all, std::size_t failures) {
  const std::string environment = text_of(all, "environment");
  std::string out = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites name=\"wardlock drift nodes\" tests=\"{0}\" failures=\"{1}\" errors=\"0\">\n"
      "  <testsuite name=\"{2}\" tests=\"{0}\" failures=\"{1}\" errors=\"0\" skipped=\"0\">\n",
      all.at("items").as_array().size(), failures, xml_text(environment));
  for (const Json& each : all.at("items").as_array()) out += case_xml(each, environment);
  return out + "  </testsuite>\n</testsuites>\n";
}

Result<Exit> show_nodes(const NodesOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  const Json all = TRY(all_nodes(*client));
  std::size_t failures = 0;
  for (const Json& each : all.at("items").as_array()) {
    if (is_drifting(each)) ++failures;
  }
  if (!options.junit.empty()) TRY_VOID(replace_file(options.junit, nodes_junit(all, failures)));
  output.print(all, nodes_text(all));
  return failures == 0 ? Exit::kOk : Exit::kDeny;
}

/// What the PDP says it runs, as a report. What it does not say is told by the bundle's file, where
/// that is what it runs.
Result<object> report_of(const ReportOptions& options) {
  const auto client = TRY(PdpClient::open(
      {.url = options.pdp, .token_file = options.pdp_token_file, .ca = options.pdp_ca}));
  const Json ready = TRY(client->readiness());
  object report;
  for (const char* const why : {"refused", "stale"}) {
    if (const std::string text = text_of(ready, why); !text.empty()) report["refused"] = text;
  }
  const Json* const bundle = ready.as_object().if_contains("bundle");
  if (bundle == nullptr || !bundle->is_object()) return report;
  report["serial"] = bundle->at("serial");
  report["content"] = text_of(*bundle, "content");
  if (options.bundle.empty()) return report;
  const pdp::Source file = TRY(server::read_source(options.bundle));
  const auto parsed = bundle::UnverifiedBundle::parse(file.text);
  // The PDP has verified what it runs, and that is what is named.
  if (!parsed || parsed->content().name() != text_of(*bundle, "content")) return report;
  report["schema"] = pap::schema_name(parsed->content());
  const std::string outcomes = TRY(pap::outcomes_of(parsed->content()));
  if (!outcomes.empty()) report["outcomes"] = outcomes;
  return report;
}

Result<Exit> report_once(const ReportOptions& options, const Output& output) {
  object report = TRY(report_of(options));
  const auto client = TRY(AdminClient::open(options.server));
  const Json kept = TRY(client->change("POST", "policies/nodes", std::move(report), {}));
  output.print(kept, fmt::format("{}: {}", name_of_node(kept), text_of(kept, "standing")));
  return is_drifting(kept) ? Exit::kDeny : Exit::kOk;
}

Result<Exit> report(const ReportOptions& options, const Output& output) {
  if (options.every == 0) return report_once(options, output);
  for (;;) {
    // A PDP or a server that is away now may be there next time.
    if (const auto done = report_once(options, output); !done) output.note(done.error().message);
    std::this_thread::sleep_for(std::chrono::seconds(options.every));
  }
}

Result<Exit> forget(const ForgetOptions& options, const Output& output) {
  const auto client = TRY(AdminClient::open(options.server));
  TRY(client->change("POST",
                     fmt::format("policies/nodes/{}/forget", net::percent_encoded(options.node)),
                     {}, {.reason = options.reason}));
  output.print(object{{"forgotten", options.node}}, fmt::format("forgot {}", options.node));
  return Exit::kOk;
}

}  // namespace

void add_policy_nodes(Commands& group) {
  auto [command, options] = group.add<NodesOptions>(
      "nodes", "Show what each server, device and service runs, and whether that is in force",
      "  wardlock policy nodes\n  wardlock drift nodes --junit nodes.xml\n"
      "current; following: it still has time; behind; foreign: never in force here; deviating: its "
      "tests come out otherwise; refusing; stale: it says nothing.\n"
      "Exit status: 0 no node drifts, 2 some do.",
      show_nodes);
  command.option("--junit", options.junit, "FILE", "also write a report in JUnit's XML");
  add_server_options(command, options.server);
}

void add_policy_report(Commands& group) {
  constexpr unsigned kDay = 86'400;
  auto [command, options] = group.add<ReportOptions>(
      "report", "Tell a server what a PDP beside it runs, as a device or service",
      "  wardlock policy report --pdp http://127.0.0.1:8180 --bundle hospital.bundle --every 120 "
      "--server https://wardlock.example --token-file device.token\n"
      "The token is the device's or the service's own: it speaks for itself alone.\n"
      "Exit status, once: 0 it runs what is in force, 2 it drifts.",
      report);
  command.option("--pdp", options.pdp, "URL", "the PDP that is asked what it runs", true)
      .option("--pdp-token-file", options.pdp_token_file, "FILE",
              "holds the token that the PDP asks for")
      .option("--pdp-ca", options.pdp_ca, "FILE", "who vouches for the PDP")
      .option("--bundle", options.bundle, "FILE",
              "its bundle, so that schema and outcomes of its tests are told, too")
      .number("--every", options.every, 1, kDay, "goes on, every so many seconds");
  add_server_options(command, options.server);
}

void add_policy_forget(Commands& group) {
  auto [command, options] = group.add<ForgetOptions>(
      "forget", "Strike off a node that is gone",
      "  wardlock policy forget node-3 --reason \"taken out of service\"", forget);
  command.option("node", options.node, "NODE", "as `wardlock policy nodes` names it", true)
      .option("--reason", options.reason, "TEXT", "why; goes on record");
  add_server_options(command, options.server);
}

}  // namespace wardlock::cli
