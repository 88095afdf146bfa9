#include "lsp/framing.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace wardlock::lsp {
namespace {

constexpr std::string_view kHeaderEnd = "\r\n\r\n";

bool is_same_word(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

Result<std::size_t> read_length(std::string_view text) {
  std::size_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (error == std::errc() && end == text.data() + text.size()) return length;
  return invalid(fmt::format("`Content-Length: {}` is not a number of bytes", text.substr(0, 40)));
}

}  // namespace

Result<std::size_t> MessageReader::read_header(std::string_view fields) const {
  std::optional<std::size_t> length;
  while (!fields.empty()) {
    const std::size_t end = std::min(fields.find("\r\n"), fields.size());
    const std::string_view line = fields.substr(0, end);
    fields.remove_prefix(std::min(end + 2, fields.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) {
      return invalid("a header field has no `:`; is this a language client?");
    }
    if (!is_same_word(line.substr(0, colon), "Content-Length")) continue;
    if (length) return invalid("`Content-Length` occurs twice in one header");
    length = TRY(read_length(trim(line.substr(colon + 1))));
  }
  if (!length) return invalid("a header has no `Content-Length`");
  return *length;
}

Result<void> MessageReader::take_header() {
  const std::size_t end = buffer_.find(kHeaderEnd);
  if (std::min(end, buffer_.size()) > limits_.max_header_bytes) {
    return invalid(fmt::format("a header is longer than {} bytes; is this a language client?",
                               limits_.max_header_bytes));
  }
  if (end == std::string::npos) return {};
  const std::size_t length = TRY(read_header(std::string_view(buffer_).substr(0, end)));
  buffer_.erase(0, end + kHeaderEnd.size());
  if (length <= limits_.max_body_bytes) {
    body_bytes_ = length;
    return {};
  }
  skip_bytes_ = length;
  return fail(
      ErrorCode::kResourceExhausted,
      fmt::format("a message has {} bytes; at most {} are read", length, limits_.max_body_bytes));
}

void MessageReader::skip() {
  const std::size_t skipped = std::min(skip_bytes_, buffer_.size());
  buffer_.erase(0, skipped);
  skip_bytes_ -= skipped;
}

Result<std::optional<std::string>> MessageReader::next() {
  skip();
  if (skip_bytes_ > 0) return std::nullopt;
  if (!body_bytes_) TRY_VOID(take_header());
  if (!body_bytes_ || buffer_.size() < *body_bytes_) return std::nullopt;
  std::string body = buffer_.substr(0, *body_bytes_);
  buffer_.erase(0, *body_bytes_);
  body_bytes_.reset();
  return body;
}

std::string frame(std::string_view body) {
  return fmt::format("Content-Length: {}\r\n\r\n{}", body.size(), body);
}

}  // namespace wardlock::lsp
