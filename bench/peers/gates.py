"""What must hold for the figures of a run."""
import dataclasses

import in_process

OOPSLA = "oopsla/"


@dataclasses.dataclass
class Gate:
    what: str
    value: float | None  # None: could not be taken
    bound: float
    is_least: bool  # else the bound is the most it may be
    unit: str = ""

    @property
    def is_met(self):
        if self.value is None:
            return None
        return self.value >= self.bound if self.is_least else self.value <= self.bound

    @property
    def verdict(self):
        return {None: "not taken", True: "met", False: "NOT MET"}[self.is_met]


def ratio(above, below):
    return above / below if above is not None and below else None


def gates(found):
    return [*of_processes(found["in_process"]), *of_growth(found["scale"]), *of_http(found["http"])]


def of_processes(tasks):
    tasks = tasks or []
    yield Gate("in process, times as fast as `cedar-policy` native, geometric mean of p50 over the corpus",
               in_process.geometric_mean(tasks, "p50_ns"), 20, True, "×")
    for task in tasks:
        if task["name"].startswith(OOPSLA):
            yield Gate(f"in process, p50 of {task['name']}", task["ours_p50_ns"], 400, False, " ns")


def of_growth(scale):
    counted = scale and scale["instructions"]
    yield Gate("instructions with 100,000 policies by those with 100, ten matching",
               counted and counted["many"] / counted["few"], 1.2, False, "×")
    yield Gate("time with 100,000 policies by that with 100, ten matching",
               scale and scale["policies"]["time_ratio"], 2, False, "×")
    yield Gate("time with 1,000,000 entities by that with 1,000, drawn uniformly",
               scale and scale["entities"]["time_ratio"], 3, False, "×")
    yield Gate("10,000 policies compiled", scale and scale["compile"]["compile_ms"], 500, False, " ms")


def of_http(http):
    servers = http["servers"] if http else {}

    def by(figure, name, other):
        pair = [servers.get(one, {}).get(figure) for one in (name, other)]
        return ratio(*pair)

    yield Gate("over HTTP, times Cerbos's decisions a second", by("rps", "ours", "cerbos"), 40, True, "×")
    yield Gate("over HTTP, of the no-op handler's requests a second", by("rps", "ours", "noop"), 0.7,
               True)
    yield Gate("over HTTP, the no-op handler's processor time a request by ours",
               by("cpu_us", "noop", "ours"), 0.7, True)
    yield Gate("over HTTP, p99 by the no-op handler's", by("p99_us", "ours", "noop"), 2, False, "×")
    yield Gate("idle memory of `wardlock pdp` with the hospital", http and http["idle_rss_mb"], 25, False,
               " MB")
    yield Gate("start to first decision", http and http["start_ms"], 100, False, " ms")
