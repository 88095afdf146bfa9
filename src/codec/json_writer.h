#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace wardlock::codec {

/// Appends JSON text, piece by piece, without a document in memory: for replies on the decision
/// path. It sets commas and escapes strings; that the pieces make a document is up to the caller.
/// What `out` has room for takes no memory.
class JsonWriter {
 public:
  /// `out` outlives the writer.
  explicit JsonWriter(std::string& out) : out_(out) {}

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }

  /// Of the next value.
  void key(std::string_view name);

  /// Requires valid UTF-8.
  void string(std::string_view text);
  void integer(std::int64_t number);
  void boolean(bool is_true);

  /// A key and its value.
  void member(std::string_view name, std::string_view text) {
    key(name);
    string(text);
  }

 private:
  void open(char bracket);
  void close(char bracket);
  void separate();
  void append_text(std::string_view text, std::string_view end);

  std::string& out_;
  bool needs_comma_ = false;
};

}  // namespace wardlock::codec
