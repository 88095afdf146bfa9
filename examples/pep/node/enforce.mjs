// What a reply of Wardlock binds the application to, done. Pure, so that it can be tested alone.

export const fulfils = ["mask-fields", "log-purpose", "notify", "reauthenticate", "watermark", "expire"];

/** The one term that an obligation cannot do without. */
const needs = { "mask-fields": "fields", notify: "roles", reauthenticate: "within", expire: "after" };

const denied = (status, error, headers = {}) => ({ status, headers, body: { error } });

/** What the person gets: `{status, headers, body, events}`; events are what is to be kept. `who` has
 * `id`, `purpose` and `authenticatedAt`, in seconds since the epoch, as `now`. */
export function enforce(reply, chart, who, now) {
  if (reply.decision !== true) return denied(403, "not allowed");
  const { obligations = [], obligation_terms: terms = {} } = reply.context ?? {};
  // What is not known, or not to be done as it is said, cannot be fulfilled: so it is not allowed.
  const isKnown = (name) => fulfils.includes(name) &&
    (!needs[name] || Object.hasOwn(terms[name] ?? {}, needs[name])) &&
    Object.keys(terms[name] ?? {}).every((term) => term === needs[name]);
  if (!obligations.every(isKnown)) return denied(403, "not allowed");
  const owes = (name) => obligations.includes(name);

  if (owes("reauthenticate") && !(now - who.authenticatedAt <= terms.reauthenticate.within)) {
    return denied(401, "sign in again", {
      "WWW-Authenticate":
        `Bearer error="insufficient_user_authentication", max_age="${terms.reauthenticate.within}"`,
    });
  }
  if (owes("log-purpose") && !who.purpose) return denied(400, "say what it is for, in the field Purpose");

  const hidden = owes("mask-fields") ? terms["mask-fields"].fields : [];
  const body = Object.fromEntries(Object.entries(chart).filter(([name]) => !hidden.includes(name)));
  if (hidden.length > 0) body.withheld = hidden;
  if (owes("watermark")) body.watermark = `shown to ${who.id}`;

  const headers = { "Cache-Control": "no-store" };
  if (owes("expire")) headers["Cache-Control"] = `private, max-age=${terms.expire.after}`;
  const events = [];
  if (owes("log-purpose")) events.push({ event: "access", person: who.id, purpose: who.purpose });
  if (owes("notify")) events.push({ event: "notify", roles: terms.notify.roles, person: who.id });
  return { status: 200, headers, body, events };
}
