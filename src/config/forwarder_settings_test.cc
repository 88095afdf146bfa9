#include <gtest/gtest.h>

#include "config/config.h"
#include "config/forwarder_table.h"

namespace wardlock::config {
namespace {

using namespace std::chrono_literals;
using audit::Disclosure;
using audit::Format;
using audit::Receiver;

Parsed<Config> read(const std::string& forwarder) {
  return parse_config(
      "listeners: [{address: '127.0.0.1:8180'}]\npolicies: rules\n"
      "audit: {directory: log, forward: {siem: {" +
          forwarder + "}}}\n",
      "/etc/wardlock");
}

audit::ForwarderOptions sound(const std::string& forwarder) {
  auto config = read(forwarder);
  EXPECT_TRUE(config) << config.error().front().message;
  return config ? config->audit->forwarders.at(0) : audit::ForwarderOptions();
}

/// Every finding, a line each.
std::string faults(const std::string& forwarder) {
  const auto config = read(forwarder);
  if (config) return "sound";
  std::string out;
  for (const Diagnostic& diagnostic : config.error()) out += diagnostic.message + "\n";
  return out;
}

TEST(ForwarderSettings, the_table_has_no_empty_row) {
  for (const Setting& setting : kForwarder) EXPECT_FALSE(setting.name.empty());
}

TEST(ForwarderSettings, nothing_is_forwarded_unless_it_is_said) {
  const auto config = parse_config(
      "listeners: [{address: '127.0.0.1:8180'}]\npolicies: rules\naudit: {directory: log}\n", "/");
  ASSERT_TRUE(config);
  EXPECT_TRUE(config->audit->forwarders.empty());
}

TEST(ForwarderSettings, syslog_over_tls_with_its_defaults) {
  const auto options = sound("type: syslog-tls, address: 'siem.example.org:6514'");
  EXPECT_EQ(options.name, "siem");
  EXPECT_EQ(options.receiver, Receiver::kSyslog);
  EXPECT_TRUE(options.has_tls);
  EXPECT_EQ(options.host, "siem.example.org");
  EXPECT_EQ(options.port, 6514);
  EXPECT_EQ(options.format, Format::kSyslog);
  EXPECT_EQ(options.format_options.syslog_body, Format::kLine);
  EXPECT_EQ(options.format_options.syslog.facility, 10);
  EXPECT_EQ(options.format_options.syslog.structured_data, "wardlock@32473");
  EXPECT_EQ(options.disclosure, Disclosure::kMasked) << "who and whose is not told unasked";
  EXPECT_TRUE(options.selection.is_all());
  EXPECT_EQ(options.batch, 256);
  EXPECT_EQ(options.overlap.time, 10s);
  EXPECT_EQ(options.overlap.records, 100);
  EXPECT_EQ(options.tries, 5);
  EXPECT_FALSE(options.begins_now);
}

TEST(ForwarderSettings, all_that_can_be_said) {
  const auto options = sound(R"(type: syslog-tls, address: '[2001:db8::7]:601', format: cef,
    persons: open, server_name: siem.example, facility: 13, structured_data: 'w@1', start: now,
    batch: 5, tls: {ca: ca.pem, certificate: /c.pem, key: k.pem},
    select: {kinds: [decision, login_failed], outcomes: [failure], classes: [care], tenants: [a-b]},
    overlap: {time: 1m, records: 7}, retry: {tries: 2, longest_wait: 5s, timeout: 2s})");
  EXPECT_EQ(options.host, "2001:db8::7");
  EXPECT_EQ(options.port, 601);
  EXPECT_EQ(options.server_name, "siem.example");
  EXPECT_EQ(options.format_options.syslog_body, Format::kCef);
  EXPECT_EQ(options.format_options.syslog.facility, 13);
  EXPECT_EQ(options.disclosure, Disclosure::kOpen);
  EXPECT_TRUE(options.begins_now);
  EXPECT_EQ(options.batch, 5);
  EXPECT_EQ(options.tls.ca, "/etc/wardlock/ca.pem");
  EXPECT_EQ(options.tls.certificate, "/c.pem");
  EXPECT_EQ(options.selection.kinds,
            (std::vector{event::Kind::kDecision, event::Kind::kLoginFailed}));
  EXPECT_EQ(options.selection.outcomes, std::vector{event::Outcome::kFailure});
  EXPECT_EQ(options.selection.classes, std::vector<std::string>{"care"});
  EXPECT_EQ(options.selection.tenants, std::vector<std::string>{"a-b"});
  EXPECT_EQ(options.overlap.time, 60s);
  EXPECT_EQ(options.overlap.records, 7);
  EXPECT_EQ(options.tries, 2);
  EXPECT_EQ(options.longest_wait, 5s);
  EXPECT_EQ(options.timeout, 2s);
}

TEST(ForwarderSettings, the_other_types) {
  const auto tcp = sound("type: syslog-tcp, address: 'h:1', framing: line-feed");
  EXPECT_FALSE(tcp.has_tls);
  EXPECT_EQ(tcp.framing, audit::Framing::kLineFeed);
  const auto file = sound("type: file, path: out/events, size: 1MiB, persons: sealed");
  EXPECT_EQ(file.path, "/etc/wardlock/out/events");
  EXPECT_EQ(file.max_file_bytes, 1 << 20);
  EXPECT_EQ(file.format, Format::kNdjson);
  EXPECT_EQ(file.overlap.records, 0) << "it has what it has";
  EXPECT_EQ(file.disclosure, Disclosure::kSealed);
  const auto fhir =
      sound("type: fhir, url: 'https://fhir.example/r4', token: t, proxy: 'http://p:1'");
  EXPECT_EQ(fhir.format, Format::kFhir);
  EXPECT_EQ(fhir.batch, 1);
  EXPECT_EQ(fhir.token_file, "/etc/wardlock/t");
  const auto hook = sound("type: webhook, url: 'http://127.0.0.1:9/x', secret: s, format: ocsf");
  EXPECT_EQ(hook.format, Format::kOcsf);
  EXPECT_EQ(hook.secret_file, "/etc/wardlock/s");
}

TEST(ForwarderSettings, what_a_type_needs_and_what_is_another_s) {
  EXPECT_TRUE(faults("type: syslog-tls").contains("`address` is missing"));
  EXPECT_TRUE(faults("type: file").contains("`path` is missing"));
  EXPECT_TRUE(faults("type: fhir").contains("`url` is missing"));
  EXPECT_TRUE(faults("type: webhook, url: 'https://a/'").contains("`secret` is missing"));
  EXPECT_TRUE(faults("address: 'a:1'").contains("`type` is missing"));
  EXPECT_TRUE(faults("type: carrier-pigeon").contains("`type` must be one of"));
  for (const char* other : {"url: 'https://a/'", "path: p", "token: t", "secret: s", "size: 1MiB",
                            "proxy: 'http://p'", "tls: {ca: c}", "server_name: s"}) {
    EXPECT_TRUE(faults("type: syslog-tcp, address: 'a:1', " + std::string(other))
                    .contains("is not for `type: syslog-tcp`"))
        << other;
  }
  for (const char* other : {"address: 'a:1'", "framing: line-feed", "facility: 1",
                            "structured_data: 'a@1'", "overlap: {records: 1}", "size: 1MiB"}) {
    EXPECT_TRUE(faults("type: webhook, secret: s, url: 'https://a/', " + std::string(other))
                    .contains("is not for `type: webhook`"))
        << other;
  }
  EXPECT_TRUE(
      faults("type: syslog-tls, address: 'a:1', framing: line-feed").contains("is not for"));
}

TEST(ForwarderSettings, what_is_wrong_with_a_value) {
  for (const char* address : {"a", "a:", ":1", "a:x", "a:1:2", "[::1", "a:0", "a:65536", "a b:1"}) {
    EXPECT_NE(faults("type: syslog-tls, address: '" + std::string(address) + "'"), "sound")
        << address;
  }
  for (const char* url : {"ftp://a/", "https://", "https://u:p@a/", "https:// a", "a"}) {
    EXPECT_NE(faults("type: fhir, url: '" + std::string(url) + "'"), "sound") << url;
  }
  const std::string tls = "type: syslog-tls, address: 'a:1', ";
  EXPECT_TRUE(faults(tls + "format: xml").contains("`xml` is no format"));
  EXPECT_TRUE(faults(tls + "format: syslog").contains("cannot hold a syslog message"));
  EXPECT_TRUE(faults(tls + "structured_data: wardlock").contains("name of structured data"));
  EXPECT_TRUE(faults(tls + "select: {kinds: [decisions]}").contains("is no kind of event"));
  EXPECT_TRUE(faults(tls + "select: {outcomes: [bad]}").contains("must be one of"));
  EXPECT_TRUE(faults(tls + "tls: {certificate: c}").contains("belong together"));
  EXPECT_TRUE(faults(tls + "tls: {key: k}").contains("belong together"));
  EXPECT_TRUE(faults(tls + "facility: 24").contains("from 0 to 23"));
  EXPECT_TRUE(faults(tls + "overlap: {time: 0s}").contains("from 1000 to"));
  EXPECT_TRUE(faults(tls + "batch: 0").contains("from 1 to 1000"));
  EXPECT_TRUE(faults(tls + "retry: {tries: 0}").contains("from 1 to"));
  EXPECT_TRUE(faults("type: fhir, url: 'https://a/', format: ocsf").contains("`fhir` alone"));
  EXPECT_TRUE(faults("type: webhook, secret: s, url: 'https://a/', format: cef").contains("JSON"));
}

TEST(ForwarderSettings, nothing_of_persons_goes_in_clear_over_the_network) {
  EXPECT_TRUE(faults("type: syslog-tcp, address: 'siem.example:514', persons: open")
                  .contains("could be read on the way"));
  EXPECT_TRUE(faults("type: syslog-tcp, address: '10.0.0.1:514', persons: open")
                  .contains("could be read on the way"));
  EXPECT_EQ(faults("type: syslog-tcp, address: 'siem.example:514'"), "sound");
  EXPECT_EQ(faults("type: syslog-tcp, address: 'localhost:514', persons: open"), "sound");
  EXPECT_EQ(faults("type: syslog-tcp, address: '[::1]:514', persons: open"), "sound");
  for (const char* url : {"http://fhir.example/r4", "http://10.0.0.1/", "http://127.0.0.1.evil/",
                          "http://localhost.evil:80/", "http://[2001:db8::1]/"}) {
    EXPECT_TRUE(faults("type: fhir, url: '" + std::string(url) + "'").contains("this machine only"))
        << url;
  }
  for (const char* url :
       {"http://localhost:8080/r4", "http://127.0.0.1/", "http://[::1]:8080/r4"}) {
    EXPECT_EQ(faults("type: fhir, url: '" + std::string(url) + "'"), "sound") << url;
  }
}

TEST(ForwarderSettings, two_do_not_write_one_file) {
  const auto config = parse_config(
      "listeners: [{address: '127.0.0.1:1'}]\npolicies: r\naudit: {directory: l, forward: {"
      "a: {type: file, path: x/p}, b: {type: file, path: './x/../x/p'}, c: {type: file, path: "
      "q}}}\n",
      "/");
  ASSERT_FALSE(config);
  ASSERT_EQ(config.error().size(), 1);
  EXPECT_TRUE(config.error()[0].message.contains("`a` writes that file already"))
      << config.error()[0].message;
}

TEST(ForwarderSettings, a_name_is_that_of_a_folder) {
  for (const char* name : {"../up", "a/b", "A", "", "-a", "a_b"}) {
    const auto config = parse_config(
        "listeners: [{address: '127.0.0.1:1'}]\npolicies: r\naudit: {directory: l, forward: {'" +
            std::string(name) + "': {type: file, path: p}}}\n",
        "/");
    EXPECT_FALSE(config) << name;
  }
}

}  // namespace
}  // namespace wardlock::config
