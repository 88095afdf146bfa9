#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "bundle/metadata.h"
#include "crypto/sha256.h"

namespace wardlock::bundle {

/// What a file of a bundle is, which its name says.
enum class FileKind : std::uint8_t {
  kPolicies,    ///< `*.cedar`: policies and templates
  kSchema,      ///< `*.cedarschema`; all of a bundle are one schema
  kLinks,       ///< `links.json`: a list of template links
  kTests,       ///< `*.test.yaml`, also in `tests/`
  kTestWorld,   ///< `entities.json`: what the tests are asked about; nothing else takes it
  kInvariants,  ///< `*.invariants`
  kMetadata,    ///< `bundle.json`
};

/// `policies`, `schema`, `links`, `tests`, `test world`, `invariants`, `metadata`.
std::string_view to_string(FileKind kind);

/// The kind of a file of that name, or nothing: no bundle has such a file. Names are of ASCII
/// letters, digits, `.`, `-` and `_`, do not begin with a dot, and are in no folder but `tests`.
std::optional<FileKind> kind_of(std::string_view name);

struct BundledFile {
  std::string name;
  std::string text;

  bool operator==(const BundledFile&) const = default;
};

inline constexpr std::size_t kMaxNameBytes = 100;
inline constexpr std::size_t kMaxFiles = 10'000;
inline constexpr std::size_t kMaxContentBytes = std::size_t{64} << 20;

/// What a bundle holds: files in the order of their names, and the hash over all of it. Immutable;
/// may be read by any thread. That the policies can be used is for others to check.
class Content {
 public:
  /// From files in any order. Errors: kInvalidArgument for a name that no bundle has or two that
  /// are the same but for capital letters, a file that is empty or no UTF-8, metadata that cannot
  /// be read, no policies or no schema; kResourceExhausted above the limits.
  static Result<Content> of(std::vector<BundledFile> files);

  /// Reads what `bytes` writes and nothing else. Errors: kInvalidArgument, it is not that, and
  /// those of `of`.
  static Result<Content> parse(std::string_view bytes);

  const std::vector<BundledFile>& files() const { return files_; }
  /// Null where there is none of that name.
  const BundledFile* find(std::string_view name) const;
  const Metadata& metadata() const { return metadata_; }

  /// SHA-256 of `bytes()`: what the content is named by.
  const crypto::Sha256Digest& hash() const { return hash_; }
  /// `sha256:` and the hash in hexadecimal.
  std::string name() const;
  std::size_t size() const { return size_; }

  /// The one form of this content.
  std::string bytes() const;

 private:
  Content() = default;

  std::vector<BundledFile> files_;
  Metadata metadata_;
  crypto::Sha256Digest hash_{};
  std::size_t size_ = 0;  ///< of `bytes()`
};

}  // namespace wardlock::bundle
