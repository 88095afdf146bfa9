#include "audit/format/xml_writer.h"

#include "audit/format/visible_text.h"

namespace wardlock::audit {

void XmlWriter::begin(std::string_view element) {
  close_tag();
  out_ += '<';
  out_ += element;
  is_tag_open_ = true;
}

void XmlWriter::attribute(std::string_view name, std::string_view value) {
  if (value.empty()) return;
  out_ += ' ';
  out_ += name;
  out_ += "=\"";
  put(value);
  out_ += '"';
}

void XmlWriter::text(std::string_view value) {
  close_tag();
  put(value);
}

void XmlWriter::end(std::string_view element) {
  if (is_tag_open_) {
    out_ += "/>";
    is_tag_open_ = false;
    return;
  }
  out_ += "</";
  out_ += element;
  out_ += '>';
}

void XmlWriter::close_tag() {
  if (is_tag_open_) out_ += '>';
  is_tag_open_ = false;
}

void XmlWriter::put(std::string_view value) {
  const std::string shown = visible(value);
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const bool is_edge = i == 0 || i + 1 == shown.size();
    switch (shown[i]) {
      case '&': out_ += "&amp;"; break;
      case '<': out_ += "&lt;"; break;
      case '>': out_ += "&gt;"; break;
      case '"': out_ += "&quot;"; break;
      case ' ': out_ += is_edge || shown[i - 1] == ' ' ? "\\u{20}" : " "; break;
      default: out_ += shown[i];
    }
  }
}

}  // namespace wardlock::audit
