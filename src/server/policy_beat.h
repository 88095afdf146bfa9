#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "pap/drafts.h"
#include "pap/policy_nodes.h"
#include "server/current_world.h"
#include "server/log.h"
#include "server/node_counts.h"
#include "server/pause.h"

namespace wardlock::server {

/// Where it is kept what nodes of a tenant run. Outlives who uses it.
struct WatchedNodes {
  pap::PolicyNodes* nodes = nullptr;  ///< null: it is not managed
  const pap::Drafts* drafts = nullptr;
  NodeCounts* counts = nullptr;
};

/// Tells the database what this node decides by, when that changes and every ten seconds in any
/// case, and puts on record which nodes of all have come to drift. On a thread of its own: tests of
/// what came into force are asked there, too.
class PolicyBeat {
 public:
  struct Parts {
    std::vector<WatchedNodes> watched;  ///< for each tenant
    std::vector<pap::PolicyPlace> places;
    CurrentWorld& world;
    Log& log;
    std::string node;
    std::chrono::milliseconds interval{10'000};
  };
  explicit PolicyBeat(Parts parts);
  ~PolicyBeat();
  PolicyBeat(const PolicyBeat&) = delete;
  PolicyBeat& operator=(const PolicyBeat&) = delete;

 private:
  /// What was said of a tenant last.
  struct Said {
    pap::NodeReport report;
    std::string tested = {};  ///< the content whose outcomes are in the report
    std::string schema = {};  ///< of that
    std::string outcomes = {};
    std::chrono::steady_clock::time_point at = {};
    bool is_failing = false;  ///< the database did not take it
  };

  void run(const std::stop_token& stop);
  void beat(std::size_t tenant);
  pap::NodeReport report_of(std::size_t tenant);
  void test(std::size_t tenant, const std::string& content);

  const Parts parts_;
  std::vector<Said> said_;
  Pause pause_;
  std::jthread thread_;
};

}  // namespace wardlock::server
