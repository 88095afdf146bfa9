#include <gtest/gtest.h>
#include <openssl/err.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <thread>

#include "net/tls_for_test.h"

namespace wardlock::net {
namespace {

using namespace std::chrono_literals;

/// Says what it knows of who asks.
HttpResponse who(const HttpRequest& request) {
  std::string text = request.is_secure ? "secure" : "plain";
  if (request.peer_certificate != nullptr) {
    text += " " + request.peer_certificate->fingerprint;
    for (const std::string& name : request.peer_certificate->names) text += " " + name;
  }
  return {.body = text};
}

class Tls : public testing::Test {
 protected:
  ServerOptions with_tls() const { return {.listeners = {{.tls = Authority::files(pair_)}}}; }
  ServerOptions with_clients(bool is_required) const {
    TlsFiles files = Authority::files(pair_);
    files.client_ca = authority_.certificate();
    files.is_client_certificate_required = is_required;
    return {.listeners = {{.tls = files}}};
  }
  static std::string ask(TlsClient&& client) { return client.send(get("/")).receive().body; }

  Authority authority_;
  KeyPair pair_ = authority_.issue();
};

TlsClient::Adjust only(int version, const char* ciphers = nullptr) {
  return [=](SSL_CTX* context) {
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_min_proto_version(context, version);
    SSL_CTX_set_max_proto_version(context, version);
    if (ciphers != nullptr) SSL_CTX_set_cipher_list(context, ciphers);
  };
}

TEST_F(Tls, answers_by_1_3_and_1_2_beside_plain) {
  ServerOptions options = with_tls();
  options.listeners.push_back({});
  RunningServer server(who, options);
  EXPECT_EQ(ask(TlsClient(server.port())), "secure");
  EXPECT_EQ(ask(TlsClient(server.port(), only(TLS1_3_VERSION))), "secure");
  EXPECT_EQ(ask(TlsClient(server.port(), only(TLS1_2_VERSION))), "secure");
  EXPECT_EQ(RawClient(server.port(1)).send(get("/")).receive().body, "plain");
  EXPECT_EQ(server.counters().tls_handshakes, 3);
}

TEST_F(Tls, carries_large_bodies_both_ways_and_keeps_the_connection) {
  RunningServer server(
      [](const HttpRequest& request) { return HttpResponse{.body = std::string(request.body)}; },
      with_tls());
  TlsClient client(server.port());
  const std::string body(1 << 20, 'b');
  for (int i = 0; i < 3; ++i) {
    client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1048576\r\n\r\n" + body);
    EXPECT_EQ(client.receive().body, body);
  }
}

TEST_F(Tls, says_goodbye) {
  RunningServer server(echo, with_tls());
  TlsClient client(server.port());
  EXPECT_EQ(client.send(get("/", "Connection: close\r\n")).receive().status, 200);
  EXPECT_TRUE(client.sees_end()) << "close_notify is missing: the answer could have been cut off";
}

TEST_F(Tls, refuses_old_versions_and_weak_ciphers) {
  RunningServer server(echo, with_tls());
  EXPECT_FALSE(TlsClient(server.port(), only(TLS1_VERSION)).is_trusted());
  EXPECT_FALSE(TlsClient(server.port(), only(TLS1_1_VERSION)).is_trusted());
  for (const char* weak : {"ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "AES128-SHA",
                           "AES128-GCM-SHA256", "NULL", "aNULL"}) {
    EXPECT_FALSE(TlsClient(server.port(), only(TLS1_2_VERSION, weak)).is_trusted()) << weak;
  }
  EXPECT_TRUE(TlsClient(server.port(), only(TLS1_2_VERSION, "ECDHE+CHACHA20")).is_trusted());
  EXPECT_EQ(server.counters().tls_handshakes_failed, 8);
}

TEST_F(Tls, refuses_1_2_when_told_so) {
  ServerOptions options = with_tls();
  options.listeners[0].tls->allows_tls12 = false;
  RunningServer server(echo, options);
  EXPECT_FALSE(TlsClient(server.port(), only(TLS1_2_VERSION)).is_trusted());
  EXPECT_TRUE(TlsClient(server.port()).is_trusted());
}

TEST_F(Tls, refuses_renegotiation) {
  RunningServer server(echo, with_tls());
  TlsClient client(server.port(), only(TLS1_2_VERSION));
  ASSERT_EQ(client.send(get("/")).receive().status, 200);
  EXPECT_EQ(SSL_renegotiate(client.tls()), 1);
  EXPECT_NE(SSL_do_handshake(client.tls()), 1);
}

TEST_F(Tls, resumes_no_session) {
  RunningServer server(echo, with_tls());
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient first(server.port(), only(version));
    ASSERT_EQ(first.send(get("/")).receive().status, 200);
    SSL_SESSION* session = SSL_get1_session(first.tls());
    EXPECT_FALSE(SSL_SESSION_has_ticket(session));
    TlsClient second(server.port(), [&](SSL_CTX* context) {
      only(version)(context);
      SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT);
      SSL_CTX_add_session(context, session);
    });
    EXPECT_FALSE(SSL_session_reused(second.tls()));
    SSL_SESSION_free(session);
  }
}

TEST_F(Tls, closes_in_good_order_on_who_speaks_plain) {
  RunningServer server(echo, with_tls());
  RawClient plain(server.port());
  plain.send(get("/"));
  plain.receive_bytes(7);  // an alert, at most
  EXPECT_TRUE(plain.sees_end());
  EXPECT_EQ(server.counters().tls_handshakes_failed, 1);
}

TEST_F(Tls, times_out_a_slow_handshake_and_serves_others_meanwhile) {
  ServerOptions options = with_tls();
  options.handshake_timeout = 60ms;
  RunningServer server(echo, options);
  RawClient silent(server.port());
  RawClient slow(server.port());
  slow.send("\x16\x03\x01");
  EXPECT_EQ(TlsClient(server.port()).send(get("/")).receive().status, 200);
  EXPECT_TRUE(silent.sees_end());
  EXPECT_TRUE(slow.sees_end());
  EXPECT_EQ(server.counters().timeouts, 2);
  EXPECT_EQ(server.counters().tls_handshakes_failed, 2);
}

TEST_F(Tls, times_out_a_slow_request) {
  ServerOptions options = with_tls();
  options.header_timeout = 60ms;
  RunningServer server(echo, options);
  TlsClient client(server.port());
  EXPECT_EQ(client.send("GET / HT").receive().status, 408);
  EXPECT_TRUE(client.sees_end());
}

TEST_F(Tls, outlives_clients_that_vanish) {
  RunningServer server(
      [](const HttpRequest&) { return HttpResponse{.body = std::string(1 << 22, 'x')}; },
      with_tls());
  for (int i = 0; i < 10; ++i) {
    TlsClient(server.port()).send(get("/")).reset();
    RawClient(server.port()).send("\x16\x03\x01").reset();
    TlsClient(server.port()).send("GET / HT").finish();
  }
  EXPECT_EQ(TlsClient(server.port()).send(get("/")).receive().status, 200);
}

TEST_F(Tls, stops_in_the_middle_of_handshakes) {
  RunningServer server(echo, with_tls());
  RawClient half(server.port());
  half.send("\x16\x03\x01");
  TlsClient idle(server.port());
  EXPECT_EQ(idle.send(get("/")).receive().status, 200);
  server.stop_and_wait();
  EXPECT_TRUE(idle.sees_end());
}

TEST_F(Tls, knows_a_client_by_its_certificate) {
  RunningServer server(who, with_clients(false));
  const KeyPair pump = authority_.issue(
      {.name = "pump", .alternatives = "DNS:pump-7.example,URI:urn:pep:7,email:a@example"});
  const std::string seen = ask(TlsClient(server.port(), with(pump)));
  EXPECT_EQ(seen.substr(0, 14), "secure sha256:");
  EXPECT_EQ(seen.substr(14 + 64), " dns:pump-7.example uri:urn:pep:7");
  EXPECT_EQ(ask(TlsClient(server.port(), with(pump))), seen) << "the fingerprint is the same";
  EXPECT_EQ(ask(TlsClient(server.port())), "secure");
}

TEST_F(Tls, refuses_a_client_that_cannot_prove_itself) {
  RunningServer optional(who, with_clients(false));
  RunningServer required(who, with_clients(true));
  const Authority stranger;
  const std::vector<TlsClient::Adjust> bad{
      with(stranger.issue()),
      with(authority_.issue({.name = "expired", .begins = -2h, .ends = -1h})),
      with(authority_.issue({.name = "early", .begins = 1h, .ends = 2h})),
  };
  for (const auto& adjust : bad) {
    EXPECT_EQ(ask(TlsClient(optional.port(), adjust)), "");
    EXPECT_EQ(ask(TlsClient(required.port(), adjust)), "");
  }
  EXPECT_EQ(ask(TlsClient(required.port())), "");
  EXPECT_EQ(required.counters().tls_handshakes_failed, 4);
  EXPECT_EQ(required.counters().http1_requests, 0);
  EXPECT_NE(ask(TlsClient(required.port(), with(authority_.issue({.name = "good"})))), "");
}

TEST_F(Tls, forgets_a_client_whose_certificate_expires) {
  RunningServer server(who, with_clients(true));
  TlsClient client(server.port(), with(authority_.issue({.name = "brief", .ends = 2s})));
  EXPECT_NE(client.send(get("/")).receive().body, "secure");
  std::this_thread::sleep_for(2100ms);
  EXPECT_EQ(client.send(get("/")).receive().body, "secure");
}

TEST_F(Tls, asks_for_no_certificate_unless_told_to) {
  RunningServer server(who, with_tls());
  EXPECT_EQ(ask(TlsClient(server.port(), with(authority_.issue({.name = "eager"})))), "secure");
}

/// The server's certificate, as a client sees it.
std::string certificate_of(TlsClient& client) {
  X509* certificate = SSL_get1_peer_certificate(client.tls());
  if (certificate == nullptr) return "";
  char name[100];
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
  X509_free(certificate);
  return name;
}

void put(const KeyPair& from, const KeyPair& to) {
  const auto over = std::filesystem::copy_options::overwrite_existing;
  std::filesystem::copy_file(from.certificate, to.certificate, over);
  std::filesystem::copy_file(from.key, to.key, over);
}

TEST_F(Tls, reloads_certificates_while_old_connections_go_on) {
  RunningServer server(echo, with_tls());
  TlsClient old(server.port());
  EXPECT_EQ(old.send(get("/")).receive().status, 200);
  put(authority_.issue({.name = "renewed"}), pair_);
  ASSERT_TRUE(server.server().reload_tls());
  TlsClient fresh(server.port());
  EXPECT_EQ(certificate_of(fresh), "renewed");
  EXPECT_EQ(old.send(get("/")).receive().status, 200);
}

TEST_F(Tls, reloads_under_load_without_a_failed_request) {
  RunningServer server(echo, with_tls());
  std::atomic<bool> done = false;
  std::atomic<int> good = 0;
  std::atomic<int> bad = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 3; ++i) {
    clients.emplace_back([&] {
      while (!done)
        (TlsClient(server.port()).send(get("/")).receive().status == 200 ? good : bad)++;
    });
  }
  for (int i = 0; i < 30; ++i) {
    put(authority_.issue({.name = "renewed"}), pair_);
    ASSERT_TRUE(server.server().reload_tls());
    std::this_thread::sleep_for(10ms);
  }
  done = true;
  for (std::thread& client : clients) client.join();
  EXPECT_GT(good, 10);
  EXPECT_EQ(bad, 0);
}

TEST_F(Tls, keeps_the_last_good_certificate) {
  const KeyPair original = authority_.issue({.name = "original"});
  put(original, pair_);
  RunningServer server(echo, with_tls());
  const auto overwrite = [&](const std::string& path, std::string_view text) {
    std::ofstream(path) << text;
  };
  const std::vector<std::pair<std::function<void()>, std::string>> accidents{
      {[&] { std::filesystem::remove(pair_.certificate); }, pair_.certificate},
      {[&] { std::filesystem::remove(pair_.key); }, pair_.key},
      {[&] { overwrite(pair_.certificate, ""); }, pair_.certificate},
      {[&] { overwrite(pair_.certificate, "-----BEGIN CERTIFICATE-----\nAAAA\n"); },
       pair_.certificate},
      {[&] { overwrite(pair_.key, "no key"); }, pair_.key},
      {[&] { put({authority_.issue({.name = "other"}).certificate, original.key}, pair_); },
       pair_.key},
      {[&] { put(authority_.issue({.name = "locked", .is_key_encrypted = true}), pair_); },
       "is encrypted"},
      {[&] { put(authority_.issue({.name = "past", .begins = -2h, .ends = -1h}), pair_); },
       "has expired"},
      {[&] { put(authority_.issue({.name = "future", .begins = 1h, .ends = 2h}), pair_); },
       "not valid yet"},
  };
  for (const auto& [accident, message] : accidents) {
    put(original, pair_);
    accident();
    const Result<void> reloaded = server.server().reload_tls();
    ASSERT_FALSE(reloaded) << message;
    EXPECT_TRUE(reloaded.error().message.contains(message)) << reloaded.error().message;
    TlsClient client(server.port());
    EXPECT_EQ(certificate_of(client), "original");
    EXPECT_EQ(client.send(get("/")).receive().status, 200);
  }
}

TEST_F(Tls, does_not_start_without_a_good_certificate) {
  const auto fails = [&](const TlsFiles& files) {
    return !HttpServer::listen({.listeners = {{.tls = files}}}, always(echo));
  };
  TlsFiles files = Authority::files(pair_);
  EXPECT_FALSE(fails(files));
  files.is_client_certificate_required = true;
  EXPECT_TRUE(fails(files)) << "no authority is named";
  files.client_ca = pair_.key;
  EXPECT_TRUE(fails(files));
  files.client_ca = authority_.folder() / "missing";
  EXPECT_TRUE(fails(files));
  EXPECT_TRUE(fails({}));
  EXPECT_TRUE(fails({.certificate = pair_.key, .key = pair_.certificate}));
}

TEST_F(Tls, warns_of_what_is_odd) {
  std::filesystem::permissions(pair_.key, std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  RunningServer server(echo, with_tls());
  const std::vector<std::string> warnings = server.server().tls_warnings();
  ASSERT_EQ(warnings.size(), 1);
  EXPECT_TRUE(warnings[0].contains(pair_.key)) << warnings[0];
  put(authority_.issue({.name = "late", .ends = std::chrono::days(3)}), pair_);
  std::filesystem::permissions(pair_.key, std::filesystem::perms::owner_read);
  ASSERT_TRUE(server.server().reload_tls());
  ASSERT_EQ(server.server().tls_warnings().size(), 1);
  EXPECT_TRUE(server.server().tls_warnings()[0].contains("two weeks"));
}

}  // namespace
}  // namespace wardlock::net
