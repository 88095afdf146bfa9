#include "directory/fetch/source.h"

#include <fmt/format.h>

#include <cstddef>
#include <string_view>
#include <utility>

#include "base/secret.h"
#include "codec/json.h"
#include "directory/model/moment.h"
#include "storage/private_file.h"

namespace wardlock::directory {
namespace {

constexpr std::string_view kNow = "{now}";
constexpr std::size_t kMostPageBytes = std::size_t{8} << 20;
constexpr std::size_t kMostPages = 200;
constexpr std::size_t kMostValues = 100'000;  ///< of the form `values`
constexpr std::size_t kMostDepth = 64;

/// What the `Authorization` header says; empty: nothing.
Result<std::string> authorization_of(const FetchSource& source) {
  if (source.token_file.empty()) return std::string();
  std::string text = TRY(storage::read_private_file(source.token_file));
  const std::string_view token = std::string_view(text).substr(0, text.find_first_of("\r\n"));
  std::string authorization = fmt::format("Bearer {}", token);
  wipe(text);
  return authorization;
}

/// Where the next page is. It must be where the first one was.
Result<std::string> next_url(const net::EgressUrl& current, std::string_view next) {
  if (next.starts_with('/') && !next.starts_with("//")) {
    return fmt::format("{}{}", current.origin, next);
  }
  const auto url = net::EgressUrl::parse(next);
  if (url && url->origin == current.origin) return std::string(next);
  return fail(
      ErrorCode::kInvalidArgument,
      fmt::format("it says that the next page is elsewhere, not below `{}`", current.origin));
}

class Fetching {
 public:
  Fetching(const FetchSource& source, const net::Egress& egress,
           const net::Interruption& interruption, std::string_view authorization)
      : source_(source),
        egress_(egress),
        interruption_(interruption),
        authorization_(authorization) {}

  Result<codec::Json> page(std::string_view url) const {
    net::OutgoingRequest request{.url = url};
    const bool is_fhir = source_.form == AnswerForm::kFhir;
    request.headers = {{"Accept", is_fhir ? "application/fhir+json" : "application/json"}};
    // What was kept for others was so when they asked.
    request.headers.emplace_back("Cache-Control", "no-cache");
    // A parameter that the server does not know would widen the answer (FHIR R4, 3.1.1.1.4).
    if (is_fhir) request.headers.emplace_back("Prefer", "handling=strict");
    if (!authorization_.empty()) request.headers.emplace_back("Authorization", authorization_);
    const net::HttpReply reply = TRY(egress_.fetch(request, interruption_, kMostPageBytes));
    if (reply.status != 200) {
      return fail(ErrorCode::kUnavailable, fmt::format("it answered {}", reply.status));
    }
    auto json = codec::parse_json(
        reply.body,
        {.max_bytes = kMostPageBytes, .max_depth = kMostDepth, .max_members = kMostMembers});
    if (json) return json;
    // What is wrong with it would be told with words of it.
    return fail(ErrorCode::kInvalidArgument, "its answer is no JSON that can be read");
  }

 private:
  static constexpr std::size_t kMostMembers = 1000;

  const FetchSource& source_;
  const net::Egress& egress_;
  const net::Interruption& interruption_;
  std::string_view authorization_;
};

Result<FetchedValues> read_values(const Fetching& fetching, std::string_view url) {
  const codec::Json answer = TRY(fetching.page(url));
  const auto* const members = answer.if_object();
  const codec::Json* const values = members == nullptr ? nullptr : members->if_contains("values");
  if (values == nullptr || !values->is_array()) {
    return fail(ErrorCode::kInvalidArgument, "the answer has no list `values`");
  }
  return FetchedValues{.items = values->get_array()};
}

Result<FetchedValues> read_pages(const FetchSource& source, const Fetching& fetching,
                                 std::string url, std::int64_t now_ms) {
  BundleReader reader(source.readings, now_ms);
  for (std::size_t pages = 0; pages < kMostPages; ++pages) {
    const codec::Json bundle = TRY(fetching.page(url));
    const std::string next = TRY(reader.add(bundle));
    if (next.empty()) return reader.take();
    const net::EgressUrl current = TRY(net::EgressUrl::parse(url));
    url = TRY(next_url(current, next));
  }
  return fail(ErrorCode::kResourceExhausted,
              fmt::format("it has more than {} pages; ask for less, or for larger pages (`_count`)",
                          kMostPages));
}

}  // namespace

std::string url_at(const FetchSource& source, std::int64_t now_ms) {
  std::string url = source.url;
  const std::size_t place = url.find(kNow);
  if (place != std::string::npos) url.replace(place, kNow.size(), to_time_text(now_ms));
  return url;
}

Result<FetchedValues> fetch_values(const FetchSource& source, const net::Interruption& interruption,
                                   std::int64_t now_ms) {
  const net::Egress egress = TRY(net::Egress::create(source.egress));
  std::string authorization = TRY(authorization_of(source));
  const Fetching fetching(source, egress, interruption, authorization);
  std::string url = url_at(source, now_ms);
  auto fetched = source.form == AnswerForm::kFhir
                     ? read_pages(source, fetching, std::move(url), now_ms)
                     : read_values(fetching, url);
  wipe(authorization);
  if (fetched && fetched->items.size() > kMostValues) {
    return fail(ErrorCode::kResourceExhausted,
                fmt::format("it tells more than {} values at once", kMostValues));
  }
  return fetched;
}

}  // namespace wardlock::directory
