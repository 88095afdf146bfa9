#include <gtest/gtest.h>

#include <array>
#include <fstream>

#include "audit/forward/fhir_transport.h"
#include "audit/forward/secret_file.h"
#include "audit/forward/webhook_transport.h"
#include "audit/keys/folder_for_test.h"
#include "codec/json.h"
#include "net/server_for_test.h"

namespace wardlock::audit {
namespace {

using net::HttpRequest;
using net::HttpResponse;

const std::string kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

TEST(Webhook, is_signed_as_the_standard_s_example_is) {
  // The test vector of the reference libraries (github.com/standard-webhooks, e.g. python/tests).
  const auto keys = parse_webhook_secrets(kSecret);
  ASSERT_TRUE(keys);
  EXPECT_EQ(webhook_signature(*keys, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
                              R"({"test": 2432232314})"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  const auto two = parse_webhook_secrets(kSecret + "\nwhsec_" + std::string(32, 'A') + "\n");
  ASSERT_TRUE(two);
  const std::string signatures = webhook_signature(*two, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
                                                   R"({"test": 2432232314})");
  EXPECT_TRUE(signatures.starts_with("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v1,"));
}

TEST(Webhook, what_is_no_secret_is_refused_and_not_quoted) {
  for (const std::string& wrong :
       {std::string(), std::string("\n\n"), std::string("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        std::string("whsec_"), std::string("whsec_MfKQ9r8G"), kSecret + "=",
        "whsec_" + std::string(88, 'A'), kSecret + "\nhidden", kSecret + " " + kSecret,
        kSecret + "\n" + kSecret + "\n" + kSecret + "\n" + kSecret + "\n" + kSecret}) {
    const auto keys = parse_webhook_secrets(wrong);
    ASSERT_FALSE(keys) << wrong;
    EXPECT_FALSE(keys.error().message.contains("MfKQ")) << keys.error().message;
    EXPECT_FALSE(keys.error().message.contains("hidden")) << keys.error().message;
  }
}

TEST(Secrets, a_token_is_one_line) {
  const FolderForTest folder;
  const auto with = [&](const std::string& text) {
    std::ofstream(folder.path("token")) << text;
    return read_token_file(folder.path("token"));
  };
  EXPECT_EQ(with("abc.def\n").value(), "abc.def");
  for (const char* wrong : {"", "\n", "two\nlines", "with space", "caf\xc3\xa9", "tab\there"}) {
    EXPECT_FALSE(with(wrong)) << wrong;
  }
  EXPECT_FALSE(with(std::string(20'000, 'x')));
  EXPECT_EQ(read_token_file(folder.path("none")).error().code, ErrorCode::kNotFound);
}

TEST(Verdict, tells_a_refused_message_from_a_refused_sender) {
  for (const int status : {200, 201, 202, 204}) EXPECT_EQ(verdict_on(status), Verdict::kTaken);
  for (const int status : {400, 409, 413, 422}) EXPECT_EQ(verdict_on(status), Verdict::kRefused);
  for (const int status : {100, 301, 307, 401, 403, 404, 405, 408, 410, 415, 429, 500, 502, 503}) {
    EXPECT_EQ(verdict_on(status), Verdict::kNotNow) << status;
  }
}

/// A receiver whose answers are set, and that remembers what it was asked.
class HttpTransports : public testing::Test {
 protected:
  struct Asked {
    std::string target;
    std::string body;
    std::string type;
    std::string id;
    std::string authorization;
  };

  HttpTransports() {
    std::ofstream(folder_.path("secret")) << kSecret;
    std::ofstream(folder_.path("token")) << "abc\n";
  }
  HttpResponse answer(const HttpRequest& request) {
    const auto header = [&](std::string_view name) {
      return std::string(request.header(name).value_or(""));
    };
    asked_.push_back({std::string(request.target), std::string(request.body),
                      header("content-type"), header("webhook-id"), header("authorization")});
    return {.status = status_, .body = reply_};
  }
  ForwarderOptions options(Receiver receiver, const std::string& path = "/hook") {
    return {.receiver = receiver,
            .url = "http://127.0.0.1:" + std::to_string(server_.port()) + path,
            .token_file = folder_.path("token"),
            .secret_file = folder_.path("secret")};
  }

  FolderForTest folder_;
  net::Interruption interruption_;
  int status_ = 200;
  std::string reply_;
  std::vector<Asked> asked_;
  net::RunningServer server_{[this](const HttpRequest& request) { return answer(request); }};
  const std::vector<Message> messages_ = {
      {.record = 4, .id = "a1", .text = R"({"id":"a1"})"},
      {.record = 6, .id = "b2", .text = R"({"id":"b2"})"},
      {.record = 7, .id = "c3", .text = R"({"id":"c3"})"},
  };
};

TEST_F(HttpTransports, a_webhook_is_one_event_or_lines) {
  WebhookTransport transport(options(Receiver::kWebhook), interruption_);
  ASSERT_TRUE(transport.open());
  EXPECT_EQ(transport.deliver(std::span(messages_).first(1)).delivered, 1);
  EXPECT_EQ(asked_.back().target, "/hook");
  EXPECT_EQ(asked_.back().id, "a1");
  EXPECT_EQ(asked_.back().type, "application/json");
  EXPECT_EQ(asked_.back().body, R"({"id":"a1"})");
  EXPECT_EQ(asked_.back().authorization, "Bearer abc");
  EXPECT_EQ(transport.deliver(messages_).delivered, 3);
  EXPECT_EQ(asked_.back().id, "a1_c3");
  EXPECT_EQ(asked_.back().type, "application/x-ndjson");
  EXPECT_EQ(asked_.back().body, "{\"id\":\"a1\"}\n{\"id\":\"b2\"}\n{\"id\":\"c3\"}\n");
}

TEST_F(HttpTransports, a_refusal_keeps_it_open_and_anything_else_does_not) {
  WebhookTransport transport(options(Receiver::kWebhook), interruption_);
  ASSERT_TRUE(transport.open());
  status_ = 422;
  reply_ = "secrets of a patient";
  Delivery delivery = transport.deliver(messages_);
  EXPECT_EQ(delivery.delivered, 0);
  EXPECT_TRUE(delivery.is_refused);
  EXPECT_EQ(delivery.error->message, "the receiver answers 422");
  EXPECT_TRUE(transport.is_open());
  status_ = 401;
  delivery = transport.deliver(messages_);
  EXPECT_EQ(delivery.delivered, 0);
  EXPECT_FALSE(delivery.is_refused);
  EXPECT_FALSE(transport.is_open()) << "its token is read anew";
  std::ofstream(folder_.path("token")) << "renewed";
  status_ = 204;
  ASSERT_TRUE(transport.open());
  EXPECT_EQ(transport.deliver(messages_).delivered, 3);
  EXPECT_EQ(asked_.back().authorization, "Bearer renewed");
  std::ofstream(folder_.path("secret")) << "none";
  transport.deliver(messages_);
  status_ = 500;
  transport.deliver(messages_);
  EXPECT_FALSE(transport.open()) << "without a secret nothing is sent";
}

TEST_F(HttpTransports, fhir_is_created_by_post_or_in_a_bundle) {
  FhirTransport transport(options(Receiver::kFhir, "/r4/"), interruption_);
  ASSERT_TRUE(transport.open());
  status_ = 201;
  EXPECT_EQ(transport.deliver(std::span(messages_).first(1)).delivered, 1);
  EXPECT_EQ(asked_.back().target, "/r4/AuditEvent");
  EXPECT_EQ(asked_.back().type, "application/fhir+json; charset=utf-8");
  EXPECT_EQ(asked_.back().body, R"({"id":"a1"})");

  status_ = 200;
  reply_ = R"({"resourceType":"Bundle","type":"batch-response","entry":[
      {"response":{"status":"201 Created"}},{"response":{"status":"201"}},
      {"response":{"status":"200 OK"}}]})";
  EXPECT_EQ(transport.deliver(messages_).delivered, 3);
  EXPECT_EQ(asked_.back().target, "/r4");
  const auto bundle = codec::parse_json(asked_.back().body);
  ASSERT_TRUE(bundle) << asked_.back().body;
  EXPECT_EQ(bundle->at("type"), "batch");
  EXPECT_EQ(bundle->at("entry").get_array().size(), 3);
  EXPECT_EQ(bundle->at("entry").at(2).at("fullUrl"), "urn:uuid:c3");
  EXPECT_EQ(bundle->at("entry").at(2).at("resource").at("id"), "c3");
  EXPECT_EQ(bundle->at("entry").at(2).at("request").at("url"), "AuditEvent");
}

Delivery read_answer(std::string_view statuses) {
  return read_fhir_answer(R"({"entry":[)" + std::string(statuses) + "]}", 2);
}

TEST(FhirAnswer, counts_only_what_was_created) {
  constexpr const char* kTaken = R"({"response":{"status":"201 Created"}})";
  EXPECT_EQ(read_answer(std::string(kTaken) + "," + kTaken).delivered, 2);
  const Delivery refused =
      read_answer(std::string(kTaken) + R"(,{"response":{"status":"422 Unprocessable"}})");
  EXPECT_EQ(refused.delivered, 1);
  EXPECT_TRUE(refused.is_refused);
  const Delivery later = read_answer(std::string(R"({"response":{"status":"503"}},)") + kTaken);
  EXPECT_EQ(later.delivered, 0);
  EXPECT_TRUE(later.error && !later.is_refused);
}

TEST(FhirAnswer, that_says_nothing_of_each_counts_for_none) {
  for (const char* wrong :
       {"", "<html>", "[]", "{}", R"({"entry":{}})", R"({"entry":[]})",
        R"({"entry":[{"response":{"status":"201"}}]})", R"({"entry":[{},{}]})",
        R"({"entry":[{"response":1},{}]})", R"({"entry":[{"response":{"status":201}},{}]})",
        R"({"entry":[{"response":{"status":"created"}},{}]})", R"({"entry":[null,null]})"}) {
    const Delivery delivery = read_fhir_answer(wrong, 2);
    EXPECT_EQ(delivery.delivered, 0) << wrong;
    EXPECT_TRUE(delivery.error && !delivery.is_refused) << wrong;
  }
}

}  // namespace
}  // namespace wardlock::audit
