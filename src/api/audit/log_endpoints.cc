#include "api/audit/log_endpoints.h"

#include <utility>

#include "merkle/tile.h"

namespace wardlock::audit_api {
namespace {

using net::HttpResponse;

constexpr std::string_view kEntries = "tile/entries/";

/// What a full tile holds never changes.
void write_bytes(std::string bytes, bool is_final, HttpResponse& response) {
  response.content_type = "application/octet-stream";
  response.headers.add("Cache-Control",
                       is_final ? "private, max-age=31536000, immutable" : "no-store");
  response.body = std::move(bytes);
}

void write_error(const Error& error, HttpResponse& response) {
  net::write_problem(net::http_status(error.code), error.message, response);
}

void write_missing(HttpResponse& response) {
  net::write_problem(404, "the log has nothing there; its checkpoint says how far it goes",
                     response);
}

/// Whether the checkpoint covers so much of the tile.
bool is_covered(std::uint8_t level, std::uint64_t index, std::uint32_t width, std::uint64_t size) {
  return width <= merkle::tile_width_at(level, index, size);
}

void answer_tile(std::string_view path, const LogReading& log, HttpResponse& response) {
  const auto at = merkle::parse_tile_path(path);
  if (!at || !is_covered(at->level, at->index, at->width, log.size)) {
    return write_missing(response);
  }
  auto bytes = log.tiles.tile(*at);
  if (!bytes) return write_error(bytes.error(), response);
  bytes->resize(at->width * merkle::kHashBytes);
  write_bytes(*std::move(bytes), !at->partial(), response);
}

void answer_entries(std::string_view path, const LogReading& log, HttpResponse& response) {
  const auto at = merkle::parse_bundle_path(path);
  if (!at || !is_covered(0, at->index, at->width, log.size)) return write_missing(response);
  audit::Records records;
  const auto read = log.records.read(at->index * merkle::kTileWidth, at->width, records);
  if (!read) return write_error(read.error(), response);
  write_bytes(std::string(records.bytes()), !at->partial(), response);
}

}  // namespace

void answer(const net::HttpRequest& request, const LogReading& log, HttpResponse& response) {
  if (request.method != "GET" && request.method != "HEAD") {
    net::write_problem(405, "ask with GET", response);
    response.headers.add("Allow", "GET, HEAD");
    return;
  }
  const std::string_view path = request.path.substr(log.prefix.size());
  if (path == "checkpoint") {
    if (log.checkpoint.empty()) return write_missing(response);
    response.content_type = "text/plain; charset=utf-8";
    response.headers.add("Cache-Control", "no-store");
    response.body = log.checkpoint;
  } else if (path.starts_with(kEntries)) {
    answer_entries(path, log, response);
  } else {
    answer_tile(path, log, response);
  }
}

}  // namespace wardlock::audit_api
