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
fn micros(authorizer: &Authorizer, request: &Request, policies: &PolicySet, entities: &Entities) -> f64 {
    let decide = || {
        black_box(authorizer.is_authorized(black_box(request), policies, entities));
    };
    let mut calls = 1;
    loop {
        let start = Instant::now();
        for _ in 0..calls {
            decide();
        }
        if start.elapsed().as_micros() >= 100 {
            break;
        }
        calls *= 2;
    }
    let sample = || {
        let start = Instant::now();
        for _ in 0..calls {
            decide();
        }
        start.elapsed().as_secs_f64() * 1e6 / f64::from(calls)
    };
    (0..5).map(|_| sample()).fold(f64::INFINITY, f64::min)
}

fn run(task: Task) -> Outcome<Answer> {
    let policies: PolicySet = task.policies.parse()?;
    let entities = Entities::from_json_value(task.entities, None)?;
    let authorizer = Authorizer::new();
    let mut answer = Answer { name: task.name, micros: vec![], allows: vec![] };
    for asked in &task.requests {
        let request = request(asked)?;
        let response = authorizer.is_authorized(&request, &policies, &entities);
        answer.allows.push(response.decision() == Decision::Allow);
        answer.micros.push(micros(&authorizer, &request, &policies, &entities));
    }
    Ok(answer)
}

fn main() -> Outcome<()> {
    let path = std::env::args().nth(1).ok_or("usage: cedar-bench REQUESTS.json")?;
    let input: Input = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    let answers = input.tasks.into_iter().map(run).collect::<Outcome<Vec<_>>>()?;
    println!("{}", serde_json::to_string(&answers)?);
    Ok(())
}
