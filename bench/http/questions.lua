-- Sends the questions of the file that WARDLOCK_QUESTIONS names, one a line, in turn, to WARDLOCK_PATH,
-- as the caller that has WARDLOCK_TOKEN where there is one.
-- With WARDLOCK_PAUSE_MS each connection waits before a question, twice as long at most and that long on
-- average, so that servers of different speed bear the same load.
local requests = {}
local last = 0
local pause = tonumber(os.getenv("WARDLOCK_PAUSE_MS"))

function init()
  wrk.method = "POST"
  wrk.path = os.getenv("WARDLOCK_PATH")
  wrk.headers["Content-Type"] = "application/json"
  if os.getenv("WARDLOCK_TOKEN") then
    wrk.headers["Authorization"] = "Bearer " .. os.getenv("WARDLOCK_TOKEN")
  end
  for line in io.lines(os.getenv("WARDLOCK_QUESTIONS")) do
    requests[#requests + 1] = wrk.format(nil, nil, nil, line)
  end
end

function request()
  last = last % #requests + 1
  return requests[last]
end

if pause then
  function delay()
    return math.random(0, 2 * pause)
  end
end

function done(summary, latency)
  local errors = 0
  for _, count in pairs(summary.errors) do
    errors = errors + count
  end
  print(string.format('found: {"requests": %d, "seconds": %f, "errors": %d, "p50_us": %f, "p99_us": %f}',
    summary.requests, summary.duration / 1e6, errors, latency:percentile(50), latency:percentile(99)))
end
