#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/descriptor.h"
#include "base/error.h"

namespace wardlock::directory {

/// A text that is too long for memory, perhaps: read from any place. Not thread-safe.
class Text {
 public:
  virtual ~Text() = default;

  virtual std::uint64_t size() const = 0;
  /// As many bytes as there are from that place on, up to the size of `out`.
  virtual Result<std::size_t> read(std::uint64_t offset, std::span<char> out) = 0;
};

/// Borrows the text.
class TextInMemory : public Text {
 public:
  explicit TextInMemory(std::string_view text) : text_(text) {}
  std::uint64_t size() const override { return text_.size(); }
  Result<std::size_t> read(std::uint64_t offset, std::span<char> out) override;

 private:
  std::string_view text_;
};

/// A file. It may not change while it is read.
class TextFile : public Text {
 public:
  /// Errors: kNotFound; kFailedPrecondition, it is no regular file.
  static Result<std::unique_ptr<TextFile>> open(const std::string& path);
  std::uint64_t size() const override { return size_; }
  Result<std::size_t> read(std::uint64_t offset, std::span<char> out) override;

 private:
  TextFile(Descriptor file, std::uint64_t size, std::string path)
      : file_(std::move(file)), size_(size), path_(std::move(path)) {}

  Descriptor file_;
  std::uint64_t size_;
  std::string path_;
};

/// Reads a text byte by byte, and counts its lines.
class TextCursor {
 public:
  explicit TextCursor(Text& text, std::uint64_t offset = 0, std::uint32_t line = 1)
      : text_(text), begin_(offset), line_(line) {}

  /// The next byte, or below 0 at the end.
  Result<int> peek();
  /// Behind the byte that was peeked at.
  void advance();

  std::uint64_t offset() const { return begin_ + at_; }
  std::uint32_t line() const { return line_; }

 private:
  Text& text_;
  std::string buffer_;
  std::uint64_t begin_;  // of the buffer, in the text
  std::size_t at_ = 0;   // in the buffer
  std::uint32_t line_;
};

}  // namespace wardlock::directory
