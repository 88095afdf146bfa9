#include "lsp/minimal_edit.h"

#include <algorithm>

namespace wardlock::lsp {
namespace {

/// Whether the text may be cut before the offset: not within a character, nor within CRLF.
bool is_boundary(std::string_view text, std::size_t offset) {
  if (offset == 0 || offset >= text.size()) return true;
  if (text[offset - 1] == '\r' && text[offset] == '\n') return false;
  return (static_cast<unsigned char>(text[offset]) & 0xC0) != 0x80;
}

}  // namespace

std::optional<Edit> minimal_edit(std::string_view before, std::string_view after) {
  if (before == after) return std::nullopt;
  auto same = static_cast<std::size_t>(std::ranges::mismatch(before, after).in1 - before.begin());
  while (!is_boundary(before, same) || !is_boundary(after, same)) --same;
  const std::size_t most = std::min(before.size(), after.size()) - same;
  std::size_t tail = 0;
  while (tail < most && before[before.size() - 1 - tail] == after[after.size() - 1 - tail]) ++tail;
  while (!is_boundary(before, before.size() - tail) || !is_boundary(after, after.size() - tail)) {
    --tail;
  }
  return Edit{{static_cast<std::uint32_t>(same), static_cast<std::uint32_t>(before.size() - tail)},
              std::string(after.substr(same, after.size() - tail - same))};
}

}  // namespace wardlock::lsp
