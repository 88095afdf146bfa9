#include "directory/inventory/bill_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace wardlock::directory {
namespace {

// Of texts that somebody made to need much memory, some lines are missing.
constexpr std::size_t kMostPathBytes = 200;
constexpr std::size_t kMostLines = 200'000;

/// Walks over a text, and keeps the path of where it is.
class Walk {
 public:
  explicit Walk(std::string_view json) : json_(json) {}

  std::map<std::string, std::uint32_t, std::less<>> lines() {
    while (at_ < json_.size()) step();
    return std::move(lines_);
  }

 private:
  struct Level {
    std::size_t path_size;  ///< of the object or array itself
    bool is_array;
    std::size_t index = 0;
  };

  void step() {
    const char c = json_[at_];
    if (c == '\n') ++line_;
    if (c == '"') return text();
    ++at_;
    if (c == '{' || c == '[') return open(c == '[');
    if (c == '}' || c == ']') return close();
    if (c == ',' && !levels_.empty()) ++levels_.back().index;
  }

  void open(bool is_array) {
    if (!levels_.empty() && levels_.back().is_array) {
      path_.resize(levels_.back().path_size);
      path_ += fmt::format("[{}]", levels_.back().index);
    }
    const bool is_kept = path_.size() <= kMostPathBytes && lines_.size() < kMostLines;
    if (!is_array && is_kept) lines_.emplace(path_, line_);
    levels_.push_back({.path_size = path_.size(), .is_array = is_array});
  }

  void close() {
    if (levels_.empty()) return;
    path_.resize(levels_.back().path_size);
    levels_.pop_back();
  }

  /// A key, or a value.
  void text() {
    const std::size_t begin = ++at_;
    while (at_ < json_.size() && json_[at_] != '"') at_ += json_[at_] == '\\' ? 2 : 1;
    const std::size_t end = std::min(at_, json_.size());
    ++at_;
    std::size_t behind = at_;
    while (behind < json_.size() && std::string_view(" \t\r\n").contains(json_[behind])) ++behind;
    const bool is_key = behind < json_.size() && json_[behind] == ':';
    if (!is_key || levels_.empty() || levels_.back().is_array) return;
    path_.resize(levels_.back().path_size);
    if (!path_.empty()) path_ += '.';
    path_ += json_.substr(begin, end - begin);
  }

  std::string_view json_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
  std::string path_;
  std::vector<Level> levels_;
  std::map<std::string, std::uint32_t, std::less<>> lines_;
};

}  // namespace

std::map<std::string, std::uint32_t, std::less<>> lines_of_objects(std::string_view json) {
  return Walk(json).lines();
}

}  // namespace wardlock::directory
