-- Sends the questions of the file that WARDLOCK_QUESTIONS names, one a line, in turn.
local requests = {}
local last = 0

function init()
  wrk.method = "POST"
  wrk.path = "/access/v1/evaluation"
  wrk.headers["Content-Type"] = "application/json"
  for line in io.lines(os.getenv("WARDLOCK_QUESTIONS")) do
    requests[#requests + 1] = wrk.format(nil, nil, nil, line)
  end
end

function request()
  last = last % #requests + 1
  return requests[last]
end
