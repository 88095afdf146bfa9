#include "server/cosigning.h"

#include <algorithm>
#include <utility>

#include "base/wall_clock.h"

namespace wardlock::server {
namespace {

void tell(const audit::WitnessStatus& status, Log& log) {
  if (status.disagrees) {
    log.error("audit_witness_disagrees", {{"witness", status.name}, {"reason", status.why}});
  } else if (status.is_failing) {
    log.warning("audit_witness_failing", {{"witness", status.name}, {"reason", status.why}});
  } else {
    log.info("audit_witness_confirms",
             {{"witness", status.name}, {"records", static_cast<std::int64_t>(status.cosigned)}});
  }
}

}  // namespace

Result<std::unique_ptr<Cosigning>> Cosigning::start(const config::Config& config,
                                                    audit::Files& files, Log& log) {
  if (!config.audit || config.audit->witnesses.empty()) return nullptr;
  std::unique_ptr<Cosigning> started(new Cosigning);
  std::vector<audit::Post> posts;
  for (const audit::Witness& each : config.audit->witnesses) {
    posts.push_back(TRY(audit::connect_to(each, started->interruption_)));
  }
  started->cosigner_ = std::make_unique<audit::Cosigner>(
      audit::CosignerOptions{
          .folder = config.audit->directory,
          .witnesses = config.audit->witnesses,
          .posts = std::move(posts),
          .interval = config.audit->witness_interval,
          .now = [] { return static_cast<std::uint64_t>(wall_clock_ms() / 1000); },
          .tell = [&log](const audit::WitnessStatus& status) { tell(status, log); }},
      files);
  return started;
}

Cosigning::~Cosigning() { interruption_.raise(); }

bool Cosigning::has_disagreement() const {
  return std::ranges::any_of(status(), &audit::WitnessStatus::disagrees);
}

}  // namespace wardlock::server
