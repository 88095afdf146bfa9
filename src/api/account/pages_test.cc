#include "api/account/pages.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "api/account/page_files.h"

namespace wardlock::account {
namespace {

const Pages& pages() {
  static const Pages built = Pages::build().value();
  return built;
}

TEST(Pages, HaveNoScriptOrStyleWithin) {
  for (const PageFile& file : page_files()) {
    if (!file.name.ends_with(".html")) continue;
    EXPECT_EQ(file.text.find("style="), std::string::npos) << file.name;
    EXPECT_EQ(file.text.find("<style"), std::string::npos) << file.name;
    for (const char* handler :
         {" onclick=", " onload=", " onsubmit=", " onerror=", "javascript:"}) {
      EXPECT_EQ(file.text.find(handler), std::string::npos) << file.name;
    }
    for (std::size_t at = file.text.find("<script"); at != std::string::npos;
         at = file.text.find("<script", at + 1)) {
      EXPECT_EQ(file.text.substr(at, 20), "<script type=\"module") << file.name;
    }
  }
}

/// A form that is sent without its token would be refused.
TEST(Pages, HaveATokenInEachFormThatIsPosted) {
  for (const PageFile& file : page_files()) {
    std::size_t at = 0;
    while ((at = file.text.find("<form", at)) != std::string::npos) {
      const std::string_view form = file.text.substr(at, file.text.find("</form>", at) - at);
      EXPECT_NE(form.find("method=\"post\""), std::string::npos) << file.name;
      EXPECT_NE(form.find("name=\"csrf\""), std::string::npos) << file.name;
      EXPECT_NE(form.find("action=\"{{base}}/"), std::string::npos) << file.name;
      ++at;
    }
  }
}

/// Each word is of use: a translator has no work for nothing.
TEST(Pages, UseAllWordsButThoseThatHandlersChoose) {
  const std::set<std::string, std::less<>> chosen = {
      "fault",        "sign_in", "factor", "passkey",    "totp",        "token",     "enrol",
      "account",      "kind",    "state",  "activity",   "environment", "assurance", "consent",
      "scope",        "device",  "onward", "signed_out", "recover",     "seconds",   "minutes",
      "new_password", "codes",   "back",   "card",       "provider",    "unlock",    "access",
      "pin",          "badge",   "code",   "code_device"};
  std::string all;
  for (const PageFile& file : page_files()) all += file.text;
  for (const auto& [key, text] : pages().words()) {
    if (chosen.contains(key.substr(0, key.find('.')))) continue;
    EXPECT_NE(all.find("{{t " + key + "}}"), std::string::npos) << key;
  }
}

net::HttpResponse asset(std::string_view path, std::string_view query = {},
                        std::string_view tag = {}) {
  net::HttpRequest request{.method = "GET", .path = path, .query = query};
  if (!tag.empty()) request.headers.push_back({"If-None-Match", tag});
  net::HttpResponse response;
  response.status = pages().answer_asset(request, response) ? response.status : 404;
  return response;
}

std::string field(const net::HttpResponse& response, std::string_view name) {
  for (const auto& each : response.headers) {
    if (each.name == name) return each.value;
  }
  return {};
}

TEST(Pages, GiveStyleAndScript) {
  EXPECT_EQ(asset("/assets/wardlock.css").content_type, "text/css; charset=utf-8");
  EXPECT_EQ(asset("/assets/wardlock.js").content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(asset("/assets/mark.svg").content_type, "image/svg+xml");
}

TEST(Pages, LetBrowsersKeepOneVersionForEver) {
  EXPECT_NE(field(asset("/assets/wardlock.css", "v=" + pages().version()), "Cache-Control")
                .find("immutable"),
            std::string::npos);
  EXPECT_EQ(field(asset("/assets/wardlock.css", "v=other"), "Cache-Control"), "no-cache");
  const std::string tag = field(asset("/assets/wardlock.css"), "ETag");
  EXPECT_EQ(asset("/assets/wardlock.css", {}, tag).status, 304);
  EXPECT_EQ(asset("/assets/wardlock.css", {}, "\"x\"").status, 200);
}

TEST(Pages, GiveNoOtherFiles) {
  for (const char* path : {"/assets/", "/assets/words.en", "/assets/head.html",
                           "/assets/../page_files.h", "/assets/wardlock.css/", "/wardlock.css"}) {
    EXPECT_EQ(asset(path).status, 404) << path;
  }
}

}  // namespace
}  // namespace wardlock::account
