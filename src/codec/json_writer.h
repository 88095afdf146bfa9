#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace wardlock::codec {

/// The name of a member: a constant, which the compiler makes ready to be written.
class JsonKey {
 public:
  consteval JsonKey(const char* name) {  // NOLINT(google-explicit-constructor): a text is a name
    put('"');
    for (const char c : std::string_view(name)) {
      const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
      if (!is_plain) throw "a name of letters is wanted";  // stops the compiler
      put(c);
    }
    put('"');
    put(':');
  }
  /// In quotes, with the colon behind it.
  std::string_view text() const { return {text_.data(), size_}; }

 private:
  consteval void put(char c) { text_.at(size_++) = c; }  // a name that is too long stops it, too

  std::array<char, 31> text_ = {};
  std::uint8_t size_ = 0;
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
  void key(const JsonKey& name);
  /// A name that is known at run time alone. Requires valid UTF-8.
  void key_text(std::string_view name);

  /// Requires valid UTF-8.
  void string(std::string_view text);
  /// The same for what is known to hold nothing that has to be escaped: a digest, a uuid.
  void plain_string(std::string_view text);
  void integer(std::int64_t number);
  void boolean(bool is_true);

  /// A key and its value.
  void member(const JsonKey& name, std::string_view text) {
    key(name);
    string(text);
  }
  void plain_member(const JsonKey& name, std::string_view text) {
    key(name);
    plain_string(text);
  }

 private:
  void open(char bracket);
  void close(char bracket);
  void separate();

  std::string& out_;
  bool needs_comma_ = false;
};

}  // namespace wardlock::codec
