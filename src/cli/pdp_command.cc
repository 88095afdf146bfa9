#include <fmt/format.h>

#include <cstdio>

#include "cli/commands.h"
#include "cli/inputs.h"
#include "cli/parse_check.h"
#include "server/pdp_server.h"

namespace wardlock::cli {
namespace {

Result<Exit> serve(const PdpOptions& options, const Output& output) {
  const server::ListenAddress listen = TRY(server::parse_listen_address(options.listen));
  const pdp::Sources sources =
      TRY(load_sources({options.policies, ""}, options.schema, options.entities));
  const auto built = pdp::build_snapshot(sources, options.mode);
  if (!built) return report(sources, built.error(), output);
  const auto& snapshot = *built;
  for (const std::string& warning : snapshot->warnings) output.note(warning);
  TRY_VOID(server::serve_pdp(snapshot, listen, options.threads, [&](const auto& bound) {
    const std::size_t policies = snapshot->policies.policies().size();
    output.print(
        boost::json::object{{"listening", "http://" + bound.text()},
                            {"mode", to_string(options.mode)},
                            {"policies", policies},
                            {"entities", snapshot->entities.size()},
                            {"policy_set", snapshot->policy_set}},
        fmt::format("listening on http://{}, {} mode, {} policies, {} entities", bound.text(),
                    to_string(options.mode), policies, snapshot->entities.size()));
    std::fflush(stdout);
  }));
  return Exit::kOk;
}

}  // namespace

Exit run(const PdpOptions& options, const Output& output) {
  const auto exit = serve(options, output);
  return exit ? *exit : output.fail(exit.error());
}

}  // namespace wardlock::cli
