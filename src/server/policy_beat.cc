#include "server/policy_beat.h"

#include <pthread.h>

#include <utility>

#include "pap/node_outcomes.h"
#include "server/directory.h"

namespace wardlock::server {
namespace {

/// So soon a change is noticed.
constexpr std::chrono::milliseconds kLookInterval{500};
/// Of why what is in force is refused, so much is told.
constexpr std::size_t kMostTold = 200;

}  // namespace

PolicyBeat::PolicyBeat(Parts parts) : parts_(std::move(parts)), said_(parts_.watched.size()) {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

PolicyBeat::~PolicyBeat() {
  thread_.request_stop();
  thread_.join();
}

void PolicyBeat::run(const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), "policy-beat");
  do {
    for (std::size_t i = 0; i < said_.size(); ++i) {
      if (parts_.watched[i].nodes != nullptr) beat(i);
    }
  } while (pause_.wait(stop, kLookInterval));
}

/// What the content's schema and tests come to here; once for each content.
void PolicyBeat::test(std::size_t tenant, const std::string& content) {
  Said& said = said_[tenant];
  if (said.tested == content) return;
  const auto files = parts_.watched[tenant].drafts->content(parts_.places[tenant].tenant, content);
  if (!files) return;  // it is asked again
  said.tested = content;
  said.schema = pap::schema_name(*files);
  auto outcomes = pap::outcomes_of(*files);
  if (!outcomes) {
    parts_.log.warning("policy_tests_not_asked", {{"tenant", parts_.places[tenant].tenant},
                                                  {"code", to_string(outcomes.error().code)}});
  }
  said.outcomes = outcomes ? *std::move(outcomes) : std::string();
}

pap::NodeReport PolicyBeat::report_of(std::size_t tenant) {
  const ServedTenant served = parts_.world.tenant(tenant);
  pap::NodeReport report{.kind = pap::NodeKind::kServer, .node = parts_.node};
  report.refused = served.refused.substr(0, kMostTold);
  if (!served.bundle) return report;
  report.serial = served.bundle->serial;
  report.content = served.bundle->content;
  test(tenant, report.content);
  if (said_[tenant].tested != report.content) return report;
  report.schema = said_[tenant].schema;
  report.outcomes = said_[tenant].outcomes;
  return report;
}

void PolicyBeat::beat(std::size_t tenant) {
  const pap::PolicyPlace& place = parts_.places[tenant];
  Said& said = said_[tenant];
  pap::NodeReport report = report_of(tenant);
  const auto now = std::chrono::steady_clock::now();
  const bool is_due =
      said.at == std::chrono::steady_clock::time_point() || now - said.at >= parts_.interval;
  // While the database is away it is not asked more often than at other times.
  if (!is_due && (said.is_failing || report == said.report)) return;
  const auto told = [&]() -> Result<pap::NodesView> {
    TRY(parts_.watched[tenant].nodes->report(place, report));
    return parts_.watched[tenant].nodes->look(
        own_mandate(place.tenant, "what nodes run was looked at"), place);
  }();
  said.report = std::move(report);
  said.at = now;
  if (!told && !said.is_failing) {
    parts_.log.warning("policy_nodes_not_kept",
                       {{"tenant", place.tenant}, {"reason", told.error().message}});
  }
  said.is_failing = !told;
  if (told) parts_.watched[tenant].counts->set(*told);
}

}  // namespace wardlock::server
