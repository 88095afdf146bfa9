#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace wardlock::codec {

/// The name of a member: a constant that is written as it is.
class JsonKey {
 public:
  consteval JsonKey(const char* name)  // NOLINT(google-explicit-constructor): a text is a name
      : name_(name) {
    for (const char c : name_) {
      const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
      if (!is_plain) throw "a name of letters is wanted";  // stops the compiler
    }
  }
  std::string_view text() const { return name_; }

 private:
  std::string_view name_;
};

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
  void key(JsonKey name);

  /// Requires valid UTF-8.
  void string(std::string_view text);
  void integer(std::int64_t number);
  void boolean(bool is_true);

  /// A key and its value.
  void member(JsonKey name, std::string_view text) {
    key(name);
    string(text);
  }

 private:
  void open(char bracket);
  void close(char bracket);
  void separate();
  void append_quoted(std::string_view text, std::string_view end);

  std::string& out_;
  bool needs_comma_ = false;
};

}  // namespace wardlock::codec
