//! Times `is_authorized` of the reference implementation on the requests that
//! `wardlock_cedar_bench` drew, and answers in JSON: per task the microseconds of each request and
//! its decision. Parsing, and closing the hierarchy, are not timed.

use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::hint::black_box;
use std::time::Instant;

#[derive(Deserialize)]
struct Input {
    tasks: Vec<Task>,
}

#[derive(Deserialize)]
struct Task {
    name: String,
    policies: String,
    entities: Value,
    requests: Vec<Asked>,
}

#[derive(Deserialize)]
struct Asked {
    principal: Value,
    action: Value,
    resource: Value,
    context: Value,
}

#[derive(Serialize)]
struct Answer {
    name: String,
    micros: Vec<f64>,
    allows: Vec<bool>,
    in_turn_micros: f64,
    kilobytes: f64,
}

/// What glibc says of the heap; as in <malloc.h>.
#[repr(C)]
#[derive(Clone, Copy)]
struct Heap {
    arena: usize,
    free_chunks: usize,
    fast_chunks: usize,
    mapped_chunks: usize,
    mapped_bytes: usize,
    unused: usize,
    fast_bytes: usize,
    used_bytes: usize,
    free_bytes: usize,
    top_bytes: usize,
}

extern "C" {
    fn mallinfo2() -> Heap;
}

fn allocated_bytes() -> f64 {
    let heap = unsafe { mallinfo2() };
    (heap.used_bytes + heap.mapped_bytes) as f64
}

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn uid(json: &Value) -> Outcome<EntityUid> {
    Ok(EntityUid::from_json(json.clone())?)
}

fn request(asked: &Asked) -> Outcome<Request> {
    let context = Context::from_json_value(asked.context.clone(), None)?;
    let [principal, action, resource] = [&asked.principal, &asked.action, &asked.resource].map(uid);
    Ok(Request::new(principal?, action?, resource?, context, None)?)
}

/// The best of some samples, each long enough for the clock not to matter.
fn micros(work: impl Fn()) -> f64 {
    let sample = |calls: u32| {
        let start = Instant::now();
        for _ in 0..calls {
            work();
        }
        start.elapsed().as_secs_f64() * 1e6
    };
    let mut calls = 1;
    while sample(calls) < 100.0 {
        calls *= 2;
    }
    (0..5).map(|_| sample(calls) / f64::from(calls)).fold(f64::INFINITY, f64::min)
}

fn run(task: Task) -> Outcome<Answer> {
    let before = allocated_bytes();
    let policies: PolicySet = task.policies.parse()?;
    let entities = Entities::from_json_value(task.entities.clone(), None)?;
    let kilobytes = (allocated_bytes() - before) / 1000.0;
    let authorizer = Authorizer::new();
    let requests = task.requests.iter().map(request).collect::<Outcome<Vec<_>>>()?;
    let decide = |request: &Request| {
        black_box(authorizer.is_authorized(black_box(request), &policies, &entities));
    };
    let mut answer =
        Answer { name: task.name, micros: vec![], allows: vec![], in_turn_micros: 0.0, kilobytes };
    for request in &requests {
        let response = authorizer.is_authorized(request, &policies, &entities);
        answer.allows.push(response.decision() == Decision::Allow);
        answer.micros.push(micros(|| decide(request)));
    }
    answer.in_turn_micros = micros(|| requests.iter().for_each(decide)) / requests.len() as f64;
    Ok(answer)
}

fn main() -> Outcome<()> {
    let path = std::env::args().nth(1).ok_or("usage: cedar-bench REQUESTS.json")?;
    let input: Input = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    let answers = input.tasks.into_iter().map(run).collect::<Outcome<Vec<_>>>()?;
    println!("{}", serde_json::to_string(&answers)?);
    Ok(())
}
