#include "bundle/content.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "base/utf8.h"

namespace wardlock::bundle {
namespace {

/// Says what follows, so that no other text that was hashed can be taken for a content.
constexpr std::string_view kFirstLine = "wardlock-policies 1\n";
constexpr std::string_view kTestFolder = "tests/";

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// What any filesystem bears, and no other reading of it makes something else.
bool is_plain_name(std::string_view name) {
  return !name.empty() && name.front() != '.' && std::ranges::all_of(name, [](char c) {
    return is_letter_or_digit(c) || c == '.' || c == '-' || c == '_';
  });
}

std::string in_lowercase(std::string_view name) {
  std::string out(name);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string heading(const BundledFile& file) {
  return fmt::format("{} {}\n", file.name, file.text.size());
}

Result<void> check_size(std::size_t bytes) {
  if (bytes <= kMaxContentBytes) return {};
  return fail(ErrorCode::kResourceExhausted,
              fmt::format("the files of a bundle have {} bytes at most", kMaxContentBytes));
}

Result<void> check_count(std::size_t files) {
  if (files <= kMaxFiles) return {};
  return fail(ErrorCode::kResourceExhausted,
              fmt::format("a bundle has {} files at most", kMaxFiles));
}

Result<void> check_file(const BundledFile& file) {
  const auto wrong = [&](std::string_view why) {
    return invalid(fmt::format("`{}` {}", printable(file.name.substr(0, kMaxNameBytes)), why));
  };
  if (file.name.size() > kMaxNameBytes) {
    return wrong(fmt::format("… is a name of more than {} bytes", kMaxNameBytes));
  }
  if (!kind_of(file.name)) {
    return wrong(
        "is no name of a file in a bundle: it has `*.cedar`, `*.cedarschema`, `links.json`, "
        "`*.test.yaml` (also in `tests/`), `entities.json`, `*.invariants` and `bundle.json`, "
        "named with ASCII letters, digits, `.`, `-` and `_`");
  }
  // What a copy onto a full disk leaves; a forbid could have stood there.
  if (file.text.empty()) return wrong("is empty; write it anew or remove it");
  if (find_invalid_utf8(file.text)) return wrong("is not UTF-8 text");
  return {};
}

Result<void> check_names(const std::vector<BundledFile>& files) {
  std::set<std::string> seen;
  bool has_policies = false;
  bool has_schema = false;
  for (const BundledFile& file : files) {
    if (!seen.insert(in_lowercase(file.name)).second) {
      return invalid(fmt::format(
          "there are two files `{}`, capital letters aside; give one another name", file.name));
    }
    const auto kind = kind_of(file.name);
    has_policies = has_policies || kind == FileKind::kPolicies;
    has_schema = has_schema || kind == FileKind::kSchema;
  }
  if (!has_policies) return invalid("there are no policies; a bundle has a `*.cedar`");
  if (!has_schema) return invalid("there is no schema; a bundle has a `*.cedarschema`");
  return {};
}

/// Takes a content apart. Borrows its bytes.
class ContentReader {
 public:
  explicit ContentReader(std::string_view bytes) : rest_(bytes) {}

  Result<std::vector<BundledFile>> read() {
    if (!rest_.starts_with(kFirstLine)) {
      return invalid("the content does not begin as one does, with `wardlock-policies 1`");
    }
    rest_.remove_prefix(kFirstLine.size());
    std::vector<BundledFile> files;
    while (!rest_.empty()) {
      TRY_VOID(check_count(files.size() + 1));
      BundledFile file = TRY(read_file());
      if (!files.empty() && file.name <= files.back().name) {
        return invalid(fmt::format("the file `{}` is not behind `{}`, as its name demands",
                                   printable(file.name), printable(files.back().name)));
      }
      files.push_back(std::move(file));
    }
    return files;
  }

 private:
  Result<BundledFile> read_file() {
    // Only so far is looked for the end of the line.
    constexpr std::size_t kMaxHeading = kMaxNameBytes + 22;
    const std::string_view head = rest_.substr(0, kMaxHeading);
    const std::size_t end = head.find('\n');
    const std::string_view line = head.substr(0, end);
    const std::size_t space = line.find(' ');
    if (end == std::string_view::npos || space == std::string_view::npos) {
      return invalid("a file of the content does not begin with its name and size");
    }
    const std::string_view name = line.substr(0, space);
    const std::string_view digits = line.substr(space + 1);
    std::size_t size = 0;
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size);
    if (error != std::errc() || stop != digits.data() + digits.size() || digits.front() == '0') {
      return invalid(fmt::format("the size of the file `{}` is no number as it is written here",
                                 printable(name)));
    }
    rest_.remove_prefix(end + 1);
    if (rest_.size() <= size || rest_[size] != '\n') {
      return invalid(
          fmt::format("the file `{}` does not end where its size says", printable(name)));
    }
    BundledFile file{std::string(name), std::string(rest_.substr(0, size))};
    rest_.remove_prefix(size + 1);
    return file;
  }

  std::string_view rest_;
};

}  // namespace

std::string_view to_string(FileKind kind) {
  switch (kind) {
    case FileKind::kPolicies: return "policies";
    case FileKind::kSchema: return "schema";
    case FileKind::kLinks: return "links";
    case FileKind::kTests: return "tests";
    case FileKind::kTestWorld: return "test world";
    case FileKind::kInvariants: return "invariants";
    case FileKind::kMetadata: break;
  }
  return "metadata";
}

std::optional<FileKind> kind_of(std::string_view name) {
  if (name.size() > kMaxNameBytes) return std::nullopt;
  const bool is_in_tests = name.starts_with(kTestFolder);
  if (is_in_tests) name.remove_prefix(kTestFolder.size());
  if (!is_plain_name(name)) return std::nullopt;
  if (name.ends_with(".test.yaml")) return FileKind::kTests;
  if (is_in_tests) return std::nullopt;
  if (name.ends_with(".cedar")) return FileKind::kPolicies;
  if (name.ends_with(".cedarschema")) return FileKind::kSchema;
  if (name.ends_with(".invariants")) return FileKind::kInvariants;
  if (name == "links.json") return FileKind::kLinks;
  if (name == "entities.json") return FileKind::kTestWorld;
  if (name == "bundle.json") return FileKind::kMetadata;
  return std::nullopt;
}

Result<Content> Content::of(std::vector<BundledFile> files) {
  TRY_VOID(check_count(files.size()));
  std::ranges::sort(files, {}, &BundledFile::name);
  Content content;
  crypto::Sha256 sha;
  sha.update(kFirstLine);
  content.size_ = kFirstLine.size();
  for (const BundledFile& file : files) {
    TRY_VOID(check_file(file));
    const std::string head = heading(file);
    content.size_ += head.size() + file.text.size() + 1;
    TRY_VOID(check_size(content.size_));
    sha.update(head);
    sha.update(file.text);
    sha.update("\n");
  }
  TRY_VOID(check_names(files));
  content.hash_ = sha.finish();
  content.files_ = std::move(files);
  if (const BundledFile* file = content.find("bundle.json")) {
    auto metadata = parse_metadata(file->text);
    if (!metadata) return std::unexpected(metadata.error().in(file->name));
    content.metadata_ = *std::move(metadata);
  }
  return content;
}

Result<Content> Content::parse(std::string_view bytes) {
  TRY_VOID(check_size(bytes.size()));
  return of(TRY(ContentReader(bytes).read()));
}

const BundledFile* Content::find(std::string_view name) const {
  const auto it = std::ranges::lower_bound(files_, name, {}, &BundledFile::name);
  return it == files_.end() || it->name != name ? nullptr : &*it;
}

std::string Content::name() const { return "sha256:" + crypto::to_hex(hash_); }

std::string Content::bytes() const {
  std::string out;
  out.reserve(size_);
  out += kFirstLine;
  for (const BundledFile& file : files_) {
    out += heading(file);
    out += file.text;
    out += '\n';
  }
  return out;
}

}  // namespace wardlock::bundle
