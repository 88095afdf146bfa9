#include "config/attribute_source_settings.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "config/attribute_source_table.h"
#include "config/config.h"

namespace wardlock::config {
namespace {

using namespace std::chrono_literals;
using directory::AnswerForm;
using directory::FetchSource;

Parsed<Config> read(const std::string& source) {
  return parse_config(
      "listeners: [{address: '127.0.0.1:8180'}]\npolicies: rules\n"
      "directory: {database: 'sqlite:d.db', attribute_sources: {rota: " +
          source + "}}\n",
      "/etc/wardlock");
}

/// Where the first finding is, and what it says.
std::string fault(const std::string& source) {
  const auto config = read(source);
  return config ? "sound" : config.error().front().message;
}

std::string beds(const std::string& reading) {
  return "{url: 'https://fhir.example/Encounter', form: fhir, readings: [{resource: Encounter, " +
         reading + "}]}";
}

TEST(AttributeSourceSettings, TheTableHasNoEmptyRow) {
  for (const Setting& setting : kAttributeSource) EXPECT_FALSE(setting.name.empty());
}

TEST(AttributeSourceSettings, ASourceAnswersWithValues) {
  const auto config = read(
      "{url: 'https://rota.example:8443/now?at={now}', token_file: rota.token, ca: ca.pem, "
      "networks: [10.0.0.0/8], interval: 5s, timeout: 2s}");
  ASSERT_TRUE(config) << config.error().front().message;
  ASSERT_EQ(config->directory->attribute_sources.size(), 1U);
  const FetchSource& source = config->directory->attribute_sources.front();
  EXPECT_EQ(source.name, "rota");
  EXPECT_EQ(source.source, "rota");
  EXPECT_EQ(source.form, AnswerForm::kValues);
  EXPECT_EQ(source.egress.origins, std::vector<std::string>{"https://rota.example:8443"});
  EXPECT_EQ(source.egress.networks.size(), 1U);
  EXPECT_EQ(source.egress.timeout, 2s);
  EXPECT_EQ(source.egress.tls.ca, "/etc/wardlock/ca.pem");
  EXPECT_EQ(source.token_file, "/etc/wardlock/rota.token");
  EXPECT_EQ(source.interval, 5s);
  EXPECT_EQ(url_at(source, 0), "https://rota.example:8443/now?at=1970-01-01T00:00:00.000Z");
}

TEST(AttributeSourceSettings, AFhirServerIsReadBySettings) {
  const auto config =
      read(beds("each: location, where: {status: active}, thing: '%resource.subject', "
                "identifier: recordNumber, attribute: ward, value: location, value_identifier: "
                "location.code, set: true"));
  ASSERT_TRUE(config) << config.error().front().message;
  const FetchSource& source = config->directory->attribute_sources.front();
  EXPECT_EQ(source.form, AnswerForm::kFhir);
  ASSERT_EQ(source.readings.size(), 1U);
  const directory::Reading& reading = source.readings.front();
  EXPECT_EQ(reading.resource, "Encounter");
  EXPECT_EQ(reading.where.size(), 1U);
  EXPECT_EQ(reading.value_identifier_type, "location.code");
  EXPECT_TRUE(reading.gathers);
  EXPECT_TRUE(reading.observed.empty());
}

TEST(AttributeSourceSettings, WhatIsWrongIsSaid) {
  const auto is_told = [](const std::string& source, std::string_view said) {
    EXPECT_TRUE(fault(source).contains(said)) << source << ": " << fault(source);
  };
  is_told("{url: 'http://rota.example/'}", "over `https:` alone");
  is_told("{url: 'https://rota.example/x', networks: [10.0.0.1/8]}", "is no network");
  is_told("{url: 'https://rota.example/x', certificate: c.pem}", "belong together");
  is_told("{url: 'https://rota.example/x', form: fhir}", "say which attributes");
  is_told("{url: 'https://rota.example/x', tenant: elsewhere}", "tenant");
  is_told(
      "{url: 'https://rota.example/x', readings: [{resource: X, thing: a, identifier: b, "
      "attribute: c, constant: 'true'}]}",
      "write `form: fhir`");
  const std::string of = "thing: subject, identifier: recordNumber, attribute: ward";
  EXPECT_EQ(fault(beds(of + ", value: a.b")), "sound");
  EXPECT_EQ(fault(beds(of + ", constant: '\"night\"'")), "sound");
  is_told(beds(of), "which `value` it has, or which `constant`");
  is_told(beds(of + ", value: a, constant: '1'"), "which `value` it has, or which `constant`");
  is_told(beds(of + ", constant: night"), "write it as JSON");
  is_told(beds(of + ", value: 'a..b'"), "is no path of elements");
  is_told(beds(of + ", value: a, where: {'a[0]': b}"), "is no path of elements");
  is_told(beds("thing: 'resolve()', identifier: a, attribute: b, value: c"),
          "is no path of elements");
  for (const char* wrong : {"{}", "{url: 'https://rota.example/x', form: xml}",
                            "{url: 'not a url'}", "{url: 'https://rota.example/x', interval: 1ms}",
                            "{url: 'https://rota.example/x', source: 'No Name'}",
                            "{url: 'https://rota.example/x', unknown: 1}"}) {
    EXPECT_NE(fault(wrong), "sound") << wrong;
  }
}

}  // namespace
}  // namespace wardlock::config
