#include "conformance/cedar-wasm/text_answers.h"

#include "cedar/format/format.h"

namespace wardlock::cedar {
namespace {

using boost::json::object;
using codec::Json;

std::string_view text_of(const object& it, std::string_view name) {
  const boost::json::string& text = it.at(name).as_string();
  return {text.data(), text.size()};
}

Json refusal(std::string_view why) { return object{{"ok", false}, {"error", why}}; }

}  // namespace

Json answer_format(const object& it) {
  const FormatOptions options{.line_width = it.at("lineWidth").to_number<std::size_t>(),
                              .indent_width = it.at("indentWidth").to_number<std::size_t>()};
  const auto formatted = format_policies(text_of(it, "text"), options);
  if (!formatted) return refusal(formatted.error().front().message);
  return object{{"ok", true}, {"formatted", *formatted}};
}

}  // namespace wardlock::cedar
