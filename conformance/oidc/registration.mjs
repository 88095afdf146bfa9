// How a client looks after its registration (RFC 7592), which openid-client leaves to it.
import assert from 'node:assert/strict';

import { send } from './person.mjs';

/** Reads, changes and removes it, and is refused what it may not have. `described`: what it said of itself. */
export async function lookAfter(registered, described) {
  const { registration_client_uri: place, registration_access_token: token } = registered;
  const manage = (method, bearer, body) => send(place, { method, body: body && JSON.stringify(body),
    headers: { Authorization: `Bearer ${bearer}`, 'Content-Type': 'application/json' } });
  assert.equal((await manage('GET', 'wlm_guessed')).status, 401);
  const kept = await (await manage('GET', token)).json();
  assert.deepEqual(kept.redirect_uris, described.redirect_uris);
  const more = { ...described, client_id: kept.client_id, scope: 'openid user/*.cruds' };
  assert.equal((await manage('PUT', token, more)).status, 400);
  const renamed = await (await manage('PUT', token, { ...more, scope: 'openid', client_name: 'Gateway' })).json();
  assert.equal(renamed.client_name, 'Gateway');
  assert.equal((await manage('DELETE', token)).status, 204);
  assert.equal((await manage('GET', token)).status, 401);
}
