#include "config/forwarder_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "config/setting.h"
#include "net/address.h"

namespace wardlock::config {
namespace {

using audit::Disclosure;
using audit::Format;
using audit::ForwarderOptions;
using audit::Receiver;
using codec::Json;
using std::string_view;

/// So many events go at once where an event's way to the receiver costs no answer of its own.
constexpr std::size_t kBatch = 256;

/// Which types a setting is for; those that are not here are for all.
struct Belonging {
  string_view setting;
  std::array<string_view, 3> types;
};
constexpr auto kBelongings = std::to_array<Belonging>({
    {"address", {"syslog-tls", "syslog-tcp"}},
    {"url", {"fhir", "webhook"}},
    {"path", {"file"}},
    {"tls", {"syslog-tls", "fhir", "webhook"}},
    {"server_name", {"syslog-tls"}},
    {"framing", {"syslog-tcp"}},
    {"facility", {"syslog-tls", "syslog-tcp"}},
    {"structured_data", {"syslog-tls", "syslog-tcp"}},
    {"proxy", {"fhir", "webhook"}},
    {"token", {"fhir", "webhook"}},
    {"secret", {"webhook"}},
    {"size", {"file"}},
    {"overlap", {"syslog-tls", "syslog-tcp"}},
});
/// What each type cannot do without.
constexpr std::array<string_view, 4> kNeeded = {"address", "url", "path", "secret"};

class ForwarderBuilder {
 public:
  ForwarderBuilder(const std::string& name, const Json& section,
                   const std::function<bool(string_view)>& has,
                   const std::function<void(string_view, std::string)>& refuse)
      : section_(section), has_(has), refuse_(refuse), type_(text("type")) {
    options_.name = name;
  }

  ForwarderOptions build() {
    check_belongings();
    set_receiver();
    set_address();
    set_url();
    set_paths();
    set_format();
    set_selection();
    set_disclosure();
    set_pace();
    return std::move(options_);
  }

 private:
  std::string text(string_view name) const { return text_in(section_, name); }
  static std::string text_in(const Json& section, string_view name) {
    const Json* value = section.get_object().if_contains(name);
    return value == nullptr ? std::string() : std::string(value->get_string());
  }
  const Json& inner(string_view name) const { return section_.at(name); }
  bool is(std::initializer_list<string_view> types) const {
    return std::ranges::find(types, type_) != types.end();
  }

  void check_belongings() const {
    for (const Belonging& each : kBelongings) {
      const bool is_mine = std::ranges::find(each.types, type_) != each.types.end();
      if (!is_mine && has_(each.setting)) {
        refuse_(each.setting, fmt::format("`{}` is not for `type: {}`", each.setting, type_));
      }
      const bool is_needed = std::ranges::find(kNeeded, each.setting) != kNeeded.end();
      if (is_mine && is_needed && !has_(each.setting)) {
        refuse_("", fmt::format("`{}` is missing, which `type: {}` needs", each.setting, type_));
      }
    }
  }

  void set_receiver() {
    if (type_ == "file") options_.receiver = Receiver::kFile;
    if (type_ == "fhir") options_.receiver = Receiver::kFhir;
    if (type_ == "webhook") options_.receiver = Receiver::kWebhook;
    options_.has_tls = type_ != "syslog-tcp";
  }

  void set_address() {
    const std::string address = text("address");
    if (address.empty()) return;
    const std::size_t colon = address.rfind(':');
    options_.host = address.substr(0, colon);
    if (options_.host.starts_with('[')) {
      options_.host = options_.host.substr(1, options_.host.size() - 2);
    }
    const char* const end = address.data() + address.size();
    if (std::from_chars(address.data() + colon + 1, end, options_.port).ec != std::errc() ||
        options_.port == 0) {
      refuse_("address", fmt::format("`{}` has no port from 1 to 65535", address));
    }
    options_.server_name = text("server_name");
    if (text("framing") == "line-feed") options_.framing = audit::Framing::kLineFeed;
  }

  void set_url() {
    options_.url = text("url");
    options_.proxy = text("proxy");
    constexpr string_view kPlain = "http://";
    if (!options_.url.starts_with(kPlain)) return;
    const std::string rest = options_.url.substr(kPlain.size());
    std::string host = rest.substr(0, rest.find('/'));
    if (host.starts_with('[')) {
      host = host.substr(1, host.find(']') - 1);
    } else {
      host = host.substr(0, host.find(':'));
    }
    if (host == "localhost" || net::is_loopback(host)) return;
    refuse_("url", "without `https:` events are sent to this machine only");
  }

  void set_paths() {
    options_.path = text("path");
    options_.token_file = text("token");
    options_.secret_file = text("secret");
    const Json& tls = inner("tls");
    options_.tls = {.ca = text_in(tls, "ca"),
                    .certificate = text_in(tls, "certificate"),
                    .key = text_in(tls, "key")};
    if (options_.tls.certificate.empty() != options_.tls.key.empty()) {
      refuse_("tls", "`certificate` and `key` belong together");
    }
  }

  void set_format() {
    const bool is_syslog = options_.receiver == Receiver::kSyslog;
    std::string name = text("format");
    if (name.empty()) name = is_syslog ? "line" : type_ == "fhir" ? "fhir" : "ndjson";
    const auto format = audit::find_format(name);
    if (!format) return refuse_("format", format.error().message);
    options_.format = is_syslog ? Format::kSyslog : *format;
    options_.format_options.syslog = {
        .facility = static_cast<unsigned>(section_.at("facility").get_int64()),
        .structured_data = text("structured_data")};
    if (is_syslog) options_.format_options.syslog_body = *format;
    if (const auto checked = audit::check_format_options(options_.format_options); !checked) {
      refuse_(*format == Format::kSyslog ? "format" : "structured_data", checked.error().message);
    }
    if (type_ == "fhir" && name != "fhir") refuse_("format", "a FHIR server takes `fhir` alone");
    if (type_ == "webhook" && name != "ndjson" && name != "ocsf" && name != "fhir") {
      refuse_("format", "a webhook takes `ndjson`, `ocsf` or `fhir`, which are JSON");
    }
  }

  void set_selection() {
    const Json& select = inner("select");
    const auto texts = [&](string_view name) { return std::span(select.at(name).get_array()); };
    for (const Json& each : texts("kinds")) {
      const auto kind = event::find_kind(each.get_string());
      if (kind) {
        options_.selection.kinds.push_back(*kind);
      } else {
        refuse_("select", fmt::format("`{}` is no kind of event", string_view(each.get_string())));
      }
    }
    for (const Json& each : texts("outcomes")) {
      options_.selection.outcomes.push_back(*event::find_outcome(each.get_string()));
    }
    for (const Json& each : texts("classes")) {
      options_.selection.classes.emplace_back(each.get_string());
    }
    for (const Json& each : texts("tenants")) {
      options_.selection.tenants.emplace_back(each.get_string());
    }
  }

  void set_disclosure() {
    const std::string persons = text("persons");
    if (persons == "open") options_.disclosure = Disclosure::kOpen;
    if (persons == "sealed") options_.disclosure = Disclosure::kSealed;
    const bool is_here = options_.host == "localhost" || net::is_loopback(options_.host);
    if (type_ == "syslog-tcp" && persons == "open" && !is_here) {
      refuse_("persons",
              "without TLS who and whose could be read on the way: take `type: syslog-tls`, or "
              "`persons: masked`");
    }
  }

  void set_pace() {
    const bool is_http = is({"fhir", "webhook"});
    const Json* batch = section_.get_object().if_contains("batch");
    options_.batch =
        batch != nullptr ? static_cast<std::size_t>(batch->get_int64()) : (is_http ? 1 : kBatch);
    options_.max_file_bytes =
        static_cast<std::uint64_t>(*parse_size(section_.at("size").get_string()));
    options_.begins_now = text("start") == "now";
    if (options_.receiver == Receiver::kSyslog) {  // any other answers for what it has
      const Json& overlap = inner("overlap");
      options_.overlap = {.time = *parse_duration(overlap.at("time").get_string()),
                          .records = static_cast<std::uint64_t>(overlap.at("records").get_int64())};
    }
    const Json& retry = inner("retry");
    options_.tries = static_cast<unsigned>(retry.at("tries").get_int64());
    options_.longest_wait = *parse_duration(retry.at("longest_wait").get_string());
    options_.timeout = *parse_duration(retry.at("timeout").get_string());
  }

  const Json& section_;
  const std::function<bool(string_view)>& has_;
  const std::function<void(string_view, std::string)>& refuse_;
  const std::string type_;
  ForwarderOptions options_;
};

}  // namespace

ForwarderOptions forwarder_of(const std::string& name, const Json& section,
                              const std::function<bool(string_view)>& has,
                              const std::function<void(string_view, std::string)>& refuse) {
  return ForwarderBuilder(name, section, has, refuse).build();
}

}  // namespace wardlock::config
