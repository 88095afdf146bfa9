#include "authn/password/block_list.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/descriptor.h"
#include "base/folded.h"
#include "crypto/digest.h"

namespace wardlock::authn {
namespace {

constexpr std::size_t kHashDigits = 40;
constexpr std::size_t kMaxLine = 4096;

bool is_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'); }

/// The line that begins at the place.
std::string_view line_at(std::string_view lines, std::size_t place) {
  return lines.substr(place, std::min(lines.find('\n', place), lines.size()) - place);
}

/// Where the line begins that the place lies in.
std::size_t line_begin(std::string_view lines, std::size_t place) {
  if (place == 0) return 0;
  const std::size_t before = lines.rfind('\n', place - 1);
  return before == std::string_view::npos ? 0 : before + 1;
}

bool is_hash_line(std::string_view line) {
  return line.size() >= kHashDigits && std::ranges::all_of(line.substr(0, kHashDigits), is_digit) &&
         (line.size() == kHashDigits || line[kHashDigits] == ':');
}

std::string sha1_digits(std::string_view text) {
  std::string out;
  for (const char c : crypto::digest(crypto::HashAlgorithm::kSha1, text)) {
    out += fmt::format("{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace

BlockList::BlockList(std::string_view lines)
    : lines_(lines), is_hashed_(is_hash_line(line_at(lines, 0))) {}

BlockList BlockList::over(std::string_view lines) { return BlockList(lines); }

BlockList::BlockList(BlockList&& other) noexcept
    : lines_(other.lines_),
      is_hashed_(other.is_hashed_),
      mapped_(std::exchange(other.mapped_, 0)) {}

BlockList::~BlockList() {
  if (mapped_ > 0) munmap(const_cast<char*>(lines_.data()), mapped_);
}

Result<BlockList> BlockList::open(const std::string& path) {
  const auto refuse = [&](std::string_view why) {
    return fail(ErrorCode::kFailedPrecondition, fmt::format("the block list `{}` {}", path, why));
  };
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return refuse(fmt::format("cannot be read: {}", std::strerror(errno)));
  struct stat status = {};
  if (fstat(file.number(), &status) != 0 || !S_ISREG(status.st_mode))
    return refuse("is not a file");
  if (status.st_size == 0) return refuse("is empty");
  const auto size = static_cast<std::size_t>(status.st_size);
  void* mapped = mmap(nullptr, size, PROT_READ, MAP_SHARED, file.number(), 0);
  if (mapped == MAP_FAILED) {
    return refuse(fmt::format("cannot be mapped: {}", std::strerror(errno)));
  }
  BlockList list(std::string_view(static_cast<const char*>(mapped), size));
  list.mapped_ = size;
  const auto order = list.check_order();
  if (!order) return refuse(order.error().message);
  return list;
}

Result<void> BlockList::check_order() const {
  constexpr std::size_t kPlaces = 1000;
  std::string_view last;
  for (std::size_t i = 0; i <= kPlaces; ++i) {
    const std::size_t place = lines_.size() / kPlaces * i + lines_.size() % kPlaces * i / kPlaces;
    const std::string_view line =
        line_at(lines_, line_begin(lines_, std::min(place, lines_.size() - 1)));
    if (line.size() > kMaxLine) return invalid("has a line of more than 4096 bytes");
    if (is_hashed_ && !is_hash_line(line)) {
      return invalid("has hashes and other lines; give two lists");
    }
    if (line < last) return invalid("is not in order; sort it by `LC_ALL=C sort -u`");
    last = line;
  }
  return {};
}

bool BlockList::has_line(std::string_view line) const {
  // INVARIANT: the line, if it is there, begins in [begin, end).
  std::size_t begin = 0;
  std::size_t end = lines_.size();
  while (begin < end) {
    const std::size_t middle = line_begin(lines_, begin + (end - begin) / 2);
    const std::string_view found = line_at(lines_, middle);
    const std::string_view compared = is_hashed_ ? found.substr(0, kHashDigits) : found;
    if (compared == line) return true;
    if (compared < line) {
      begin = std::min(middle + found.size() + 1, end);
    } else {
      end = middle;
    }
  }
  return false;
}

bool BlockList::contains(const Secret& password) const {
  std::string small = folded(password.reveal());
  bool is_known = false;
  for (const std::string_view form : {password.reveal(), std::string_view(small)}) {
    if (is_hashed_) {
      is_known = is_known || has_line(sha1_digits(form));
    } else {
      is_known = is_known || (!form.contains('\n') && has_line(form));
    }
  }
  wipe(small);
  return is_known;
}

}  // namespace wardlock::authn
