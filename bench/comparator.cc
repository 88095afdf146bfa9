#include "bench/comparator.h"

#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <numeric>

#include "codec/json.h"

namespace wardlock::bench {
namespace {

constexpr std::string_view kRoot = WARDLOCK_SOURCE_DIR;

Result<std::string> output_of(const std::string& command) {
  struct Close {
    void operator()(std::FILE* pipe) const { ::pclose(pipe); }
  };
  std::unique_ptr<std::FILE, Close> pipe(::popen(command.c_str(), "r"));
  if (!pipe) return fail(ErrorCode::kInternal, fmt::format("cannot start `{}`", command));
  std::string output;
  std::array<char, 65536> part;
  while (const std::size_t count = std::fread(part.data(), 1, part.size(), pipe.get())) {
    output.append(part.data(), count);
  }
  if (::pclose(pipe.release()) != 0) {
    return fail(ErrorCode::kInternal, fmt::format("`{}` failed", command));
  }
  return output;
}

Measurement read_measurement(const boost::json::object& it) {
  Measurement out;
  out.task = std::string(it.at("name").as_string());
  for (const codec::Json& micros : it.at("micros").as_array()) {
    out.micros.push_back(micros.to_number<double>());
  }
  for (const codec::Json& allows : it.at("allows").as_array())
    out.allows.push_back(allows.as_bool());
  const auto number = [&](std::string_view name) -> std::optional<double> {
    const codec::Json* found = it.if_contains(name);
    if (found == nullptr) return std::nullopt;
    return found->to_number<double>();
  };
  out.in_turn_micros = number("in_turn_micros");
  out.kilobytes = number("kilobytes");
  return out;
}

}  // namespace

Summary summarize(const Measurement& measurement) {
  std::vector<double> sorted = measurement.micros;
  std::sort(sorted.begin(), sorted.end());
  return {.p50 = sorted[sorted.size() / 2],
          .p99 = sorted[sorted.size() * 99 / 100],
          .mean = std::accumulate(sorted.begin(), sorted.end(), 0.0) /
                  static_cast<double>(sorted.size())};
}

std::vector<Comparator> comparators() {
  const std::string wasm = fmt::format("{}/conformance/cedar-wasm", kRoot);
  const std::string crate = fmt::format("{}/bench/cedar-rust", kRoot);
  const std::string target = fmt::format("{}/build/cedar-rust", kRoot);
  return {
      {.name = "wasm",
       .what = "npm @cedar-policy/cedar-wasm, policies prepared, entities read for each decision",
       .needs = fmt::format("test -d '{}/node_modules/@cedar-policy/cedar-wasm'", wasm),
       .needs_hint = fmt::format("npm ci --prefix '{}'", wasm),
       .build = "",
       .run = fmt::format("node '{}/bench/cedar_wasm.mjs'", kRoot)},
      {.name = "rust",
       .what = "crate cedar-policy, is_authorized alone",
       .needs = "command -v cargo >/dev/null",
       .needs_hint = "install cargo",
       .build = fmt::format("cargo build --release --quiet --manifest-path '{}/Cargo.toml'"
                            " --target-dir '{}'",
                            crate, target),
       .run = fmt::format("'{}/release/cedar-bench'", target)},
  };
}

bool can_run(const Comparator& comparator) { return std::system(comparator.needs.c_str()) == 0; }

Result<void> prepare(const Comparator& comparator) {
  if (!comparator.build.empty() && std::system(comparator.build.c_str()) != 0) {
    return fail(ErrorCode::kInternal, fmt::format("`{}` failed", comparator.build));
  }
  return {};
}

double allocated_bytes() {
  const auto info = mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd);
}

Result<std::vector<Measurement>> measure(const Comparator& comparator, const std::string& file) {
  const std::string output = TRY(output_of(fmt::format("{} '{}'", comparator.run, file)));
  const codec::Json json = TRY(codec::parse_json(output));
  std::vector<Measurement> measurements;
  for (const codec::Json& it : json.as_array()) {
    measurements.push_back(read_measurement(it.as_object()));
  }
  return measurements;
}

}  // namespace wardlock::bench
