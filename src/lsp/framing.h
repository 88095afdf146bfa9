#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace wardlock::lsp {

/// Bounds on what a client can make us hold.
struct FramingLimits {
  std::size_t max_header_bytes = 4096;
  std::size_t max_body_bytes = std::size_t{64} << 20;
};

/// Cuts a stream of bytes into messages: header fields, an empty line, a body of as many bytes as
/// `Content-Length` says (LSP 3.17, base protocol).
class MessageReader {
 public:
  explicit MessageReader(const FramingLimits& limits = {}) : limits_(limits) {}

  void append(std::string_view bytes) { buffer_.append(bytes); }

  /// The next whole body, or nothing yet. Error: kResourceExhausted for a body over the limit,
  /// which is skipped, so that reading goes on; any other is the end, for nobody knows where the
  /// next message begins.
  Result<std::optional<std::string>> next();

 private:
  /// Takes the header from the buffer once it is whole.
  Result<void> take_header();
  Result<std::size_t> read_header(std::string_view fields) const;
  void skip();

  FramingLimits limits_;
  std::string buffer_;
  std::optional<std::size_t> body_bytes_;  ///< of the message whose header has been read
  std::size_t skip_bytes_ = 0;             ///< still to come of a body that is too large
};

/// The body with its header.
std::string frame(std::string_view body);

}  // namespace wardlock::lsp
