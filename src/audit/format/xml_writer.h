#pragma once

#include <string>
#include <string_view>

namespace wardlock::audit {

/// Appends XML 1.0 piece by piece, on one line. Texts are made visible, so that they hold no
/// character that XML does not have; spaces that a reader would drop are made visible, too.
class XmlWriter {
 public:
  /// `out` outlives the writer.
  explicit XmlWriter(std::string& out) : out_(out) {}

  /// Leaves the tag open for attributes.
  void begin(std::string_view element);
  /// Of the element that was begun last. Left out where the value is empty.
  void attribute(std::string_view name, std::string_view value);
  void text(std::string_view value);
  void end(std::string_view element);

 private:
  void close_tag();
  void put(std::string_view value);

  std::string& out_;
  bool is_tag_open_ = false;
};

}  // namespace wardlock::audit
