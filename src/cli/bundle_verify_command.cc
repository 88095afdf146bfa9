#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "bundle/verify.h"
#include "cli/bundle_commands.h"
#include "cli/bundle_files.h"
#include "cli/bundle_text.h"
#include "server/policy_files.h"

namespace wardlock::cli {
namespace {

struct VerifyOptions {
  std::string file;
  std::vector<std::string> keys;
  std::vector<std::string> revoked;
  unsigned signatures = 1;
  std::string tenant;
  std::string environment;
  std::string serial_above;
  std::string at;
};

Result<bundle::Expected> read_expected(const VerifyOptions& options) {
  bundle::Expected expected{.now = this_second()};
  if (!options.at.empty()) expected.now = TRY(read_moment(options.at, "--at", expected.now));
  if (!options.tenant.empty()) expected.tenant = options.tenant;
  if (!options.environment.empty()) expected.environment = options.environment;
  if (!options.serial_above.empty()) {
    expected.serial_above = TRY(read_serial(options.serial_above, "--serial-above"));
  }
  return expected;
}

Result<Exit> verify(const VerifyOptions& options, const Output& output) {
  const bundle::Expected expected = TRY(read_expected(options));
  if (options.keys.empty()) return invalid("give `--key`, the file of a public key that counts");
  bundle::Trust trust{.keys = TRY(read_key_files(options.keys))};
  trust.revoked = TRY(read_key_files(options.revoked));
  trust.quorum = options.signatures;
  const pdp::Source source = TRY(server::read_source(options.file));
  const auto bundle = bundle::verify_bundle(source.text, trust, expected);
  if (!bundle) {
    output.fail(bundle.error().in(source.name));
    return Exit::kInvalid;
  }
  boost::json::object json = statement_json(bundle->statement());
  json["verified"] = true;
  json["signers"] = boost::json::array(bundle->signers().begin(), bundle->signers().end());
  output.print(json, fmt::format("{}verified, signed by {}", statement_lines(bundle->statement()),
                                 fmt::join(bundle->signers(), ", ")));
  return Exit::kOk;
}

}  // namespace

void add_bundle_verify(Commands& group) {
  auto [command, options] = group.add<VerifyOptions>(
      "verify", "Check a bundle: who signed it, for whom, until when",
      "  openssl pkey -in signer.pem -pubout -out signer.pub\n"
      "  wardlock bundle verify hospital.bundle --key signer.pub --tenant st-mary "
      "--environment production --serial-above 11\n"
      "What is not asked for is not compared: without `--tenant` any tenant will do.\n"
      "Exit status: 0 good, 3 refused, 1 something could not be read.",
      verify);
  constexpr unsigned kMost = 32;
  command.option("file", options.file, "FILE", "the bundle", true)
      .options_of_many("--key", options.keys, "FILE", "public keys that count, in PEM")
      .options_of_many("--revoked-key", options.revoked, "FILE",
                       "public keys that count no more, in PEM")
      .number("--signatures", options.signatures, 1, kMost,
              "how many of the keys must have signed (default: 1)")
      .option("--tenant", options.tenant, "NAME", "whose policies they must be")
      .option("--environment", options.environment, "NAME", "where they must count")
      .option("--serial-above", options.serial_above, "N", "the serial of the bundle before")
      .option("--at", options.at, "TIME", "when it must be good (default: now)");
}

}  // namespace wardlock::cli
