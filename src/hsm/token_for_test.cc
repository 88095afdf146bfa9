#include "hsm/token_for_test.h"

#include <stdlib.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "base/check.h"
#include "codec/base64.h"
#include "crypto/private_key.h"
#include "crypto/random.h"

namespace wardlock::hsm {
namespace {

/// Of Debian's package, and where others put it.
std::string find_module() {
  for (const std::string path : {"/usr/lib/softhsm/libsofthsm2.so",
                                 "/usr/lib64/pkcs11/libsofthsm2.so", "/usr/lib64/libsofthsm2.so"}) {
    if (std::filesystem::exists(path)) return path;
  }
  return "";
}

void run(const std::string& command) { CHECK(std::system((command + " >/dev/null").c_str()) == 0); }

}  // namespace

bool TokenForTest::is_possible() {
  return !find_module().empty() && std::system("softhsm2-util --version >/dev/null 2>&1") == 0;
}

TokenForTest::TokenForTest() : module_(find_module()) {
  std::string name = (std::filesystem::temp_directory_path() / "wardlock-token-XXXXXX").string();
  CHECK(mkdtemp(name.data()) != nullptr);
  folder_ = name;
  std::filesystem::create_directory(path("tokens"));
  std::ofstream(path("softhsm2.conf")) << "directories.tokendir = " << path("tokens") << "\n";
  CHECK(setenv("SOFTHSM2_CONF", path("softhsm2.conf").c_str(), 1) == 0);
  run("softhsm2-util --init-token --free --label ward --so-pin 87654321 --pin 1234");
  import("first", "01");
  import("second", "02");
  import("double", "03");
  import("double", "04");
  import_signing("p256", "05", crypto::KeyType::kP256);
  import_signing("ed25519", "06", crypto::KeyType::kEd25519);
  import_signing("p384", "07", crypto::KeyType::kP384);
}

void TokenForTest::import(const std::string& label, const std::string& id) const {
  // softhsm2-util takes what comes before a newline or a zero for the key: digits have neither.
  std::ofstream(path("aes.key")) << std::string_view(crypto::random_uuid().data(), 32);
  run("softhsm2-util --import " + path("aes.key") + " --aes --token ward --pin 1234 --label " +
      label + " --id " + id);
  std::filesystem::remove(path("aes.key"));
}

void TokenForTest::import_signing(const std::string& label, const std::string& id,
                                  crypto::KeyType type) const {
  const Secret der = crypto::PrivateKey::generate(type).pkcs8();
  std::ofstream(path("key.pem"))
      << "-----BEGIN PRIVATE KEY-----\n"
      << codec::to_base64({reinterpret_cast<const std::uint8_t*>(der.reveal().data()), der.size()})
      << "\n-----END PRIVATE KEY-----\n";
  run("softhsm2-util --import " + path("key.pem") + " --token ward --pin 1234 --label " + label +
      " --id " + id);
  std::filesystem::remove(path("key.pem"));
}

TokenForTest::~TokenForTest() { std::filesystem::remove_all(folder_); }

}  // namespace wardlock::hsm
