#include "server/trace_context.h"

#include <gtest/gtest.h>

namespace wardlock::server {
namespace {

const std::string kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string kParent = "00f067aa0ba902b7";

TraceContext context(const std::vector<std::string>& values) {
  net::HttpRequest request;
  for (const std::string& value : values) request.headers.push_back({"Traceparent", value});
  return trace_context(request);
}

TEST(TraceContext, GoesOnWithTheCallersTrace) {
  for (const std::string& value :
       {"00-" + kTrace + "-" + kParent + "-01", "00-" + kTrace + "-" + kParent + "-00",
        "cc-" + kTrace + "-" + kParent + "-01-what-a-later-version-adds"}) {
    const TraceContext found = context({value});
    EXPECT_EQ(found.trace_id, kTrace) << value;
    EXPECT_EQ(found.parent_id, kParent);
    EXPECT_EQ(found.span_id.size(), 16);
    EXPECT_NE(found.span_id, kParent);
  }
}

TEST(TraceContext, BeginsANewTraceOtherwise) {
  const std::string good = "00-" + kTrace + "-" + kParent + "-01";
  for (const std::vector<std::string>& values : std::vector<std::vector<std::string>>{
           {},
           {""},
           {good, good},
           {good + " "},
           {good + "-more"},
           {"cc" + good.substr(2) + "more"},
           {"ff" + good.substr(2)},
           {"0" + good},
           {good.substr(0, 54)},
           {"00-4BF92F3577B34DA6A3CE929D0E0E4736-" + kParent + "-01"},
           {"00-" + std::string(32, '0') + "-" + kParent + "-01"},
           {"00-" + kTrace + "-" + std::string(16, '0') + "-01"},
           {"00-" + kTrace + "-" + kParent + "-0g"},
           {"00_" + kTrace + "-" + kParent + "-01"},
           {"00-" + kTrace + "x" + kParent + "-01"}}) {
    const TraceContext found = context(values);
    EXPECT_NE(found.trace_id, kTrace);
    EXPECT_EQ(found.trace_id.size(), 32);
    EXPECT_EQ(found.parent_id, "");
  }
  EXPECT_NE(context({}).trace_id, context({}).trace_id);
}

}  // namespace
}  // namespace wardlock::server
