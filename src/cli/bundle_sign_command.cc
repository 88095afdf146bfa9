#include <fmt/format.h>

#include "bundle/keys.h"
#include "bundle/policy_bundle.h"
#include "cli/bundle_commands.h"
#include "cli/bundle_files.h"
#include "cli/bundle_text.h"
#include "cli/replace_file.h"
#include "server/policy_signer.h"

namespace wardlock::cli {
namespace {

struct SignOptions {
  std::string file;
  std::string key;
  std::string output;  ///< empty: the file itself
};

Result<Exit> sign(const SignOptions& options, const Output& output) {
  bundle::UnverifiedBundle bundle = TRY(read_bundle(options.file));
  const bundle::Signer signer = TRY(server::open_signer(options.key));
  const std::string id = bundle::key_id(signer.key);
  const std::string& target = options.output.empty() ? options.file : options.output;
  const bool was_signed = bundle.is_signed_by(signer.key);
  if (!was_signed) TRY_VOID(bundle.sign(signer));
  if (!was_signed || target != options.file) TRY_VOID(replace_file(target, bundle.bytes()));
  if (this_second() >= bundle.statement().expires) {
    output.note("the bundle has expired: nobody will take it");
  }
  boost::json::object json = statement_json(bundle.statement());
  json["file"] = target;
  json["key"] = id;
  json["was_signed"] = was_signed;
  json["signatures"] = bundle.signatures().size();
  output.print(json, fmt::format("{}{} by {}", statement_lines(bundle.statement()),
                                 was_signed ? "was signed before" : "signed", id));
  return Exit::kOk;
}

}  // namespace

void add_bundle_sign(Commands& group) {
  auto [command, options] = group.add<SignOptions>(
      "sign", "Sign a bundle, with a key in a file or in a token",
      "  openssl genpkey -algorithm ed25519 -out signer.pem && chmod 600 signer.pem\n"
      "  wardlock bundle sign hospital.bundle --key signer.pem\n"
      "  wardlock bundle sign hospital.bundle -o signed.bundle --key "
      "'pkcs11:token=Ward;object=signer?module-path=/usr/lib/softhsm/libsofthsm2.so&"
      "pin-source=/etc/wardlock/pin'\n"
      "Signatures of several keys stand side by side. Who has signed and signs again changes "
      "nothing.\n"
      "Exit status: 0 signed, 1 otherwise.",
      sign);
  command.option("file", options.file, "FILE", "the bundle", true)
      .option("--key", options.key, "KEY",
              "file of a private key (PEM: Ed25519 or P-256, mode 0600), or a PKCS#11 URI", true)
      .option("-o,--output", options.output, "FILE", "where it goes (default: in its place)");
}

}  // namespace wardlock::cli
