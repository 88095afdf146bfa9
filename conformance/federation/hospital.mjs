// npm oidc-provider, which stands for a hospital's OpenID provider.
import {once} from 'node:events';
import {createServer} from 'node:http';
import Provider from 'oidc-provider';

/// `said`: what it says of whoever signs in next; may be changed. `port` 0: any.
export async function hospital({algorithm = 'RS256', port = 0, redirect, said = {acr: 'loa2', amr: ['pwd', 'otp']}}) {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{client_id: 'wardlock', client_secret: 'a secret: with %', redirect_uris: [redirect],
      id_token_signed_response_alg: algorithm, require_auth_time: true}],
    acrValues: ['loa1', 'loa2'],
    claims: {openid: ['sub', 'acr', 'amr', 'auth_time', 'iss', 'sid']},
    enabledJWA: {idTokenSigningAlgValues: ['RS256', 'ES256', 'PS256', 'EdDSA']},
    jwks: {keys: await keys()},
    findAccount: (_, id) => ({accountId: id, claims: () => ({sub: id})}),
    features: {devInteractions: {enabled: false}},
    interactions: {url: (_, {uid}) => `/interaction/${uid}`},
    cookies: {keys: ['a key for tests']},
  });
  const callback = provider.callback();
  server.on('request', (request, response) =>
    request.url.startsWith('/interaction/') ? interact(provider, said, request, response) : callback(request, response));
  return {issuer, server, said};
}

/// A page with a form, and what comes of it: the name that is typed signs in, with a password and a code; where `said`
/// has `turned_back`, its owner does not.
async function interact(provider, said, request, response) {
  const {prompt, params, session, grantId} = await provider.interactionDetails(request, response);
  if (request.method === 'GET') {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(`<!doctype html><title>St. Mary</title><h1>St. Mary: ${prompt.name}</h1><form method="post">
<input type="hidden" name="prompt" value="${prompt.name}"><label>Name at St. Mary <input name="login"></label><button>Go on</button></form>`);
    return;
  }
  let body = '';
  for await (const part of request) body += part;
  if (said.turned_back) {
    await provider.interactionFinished(request, response, {error: 'access_denied', error_description: 'they turned back'});
    return;
  }
  if (prompt.name === 'login') {
    const accountId = new URLSearchParams(body).get('login');
    await provider.interactionFinished(request, response, {login: {accountId, acr: said.acr, amr: said.amr}});
    return;
  }
  const grant = grantId ? await provider.Grant.find(grantId)
    : new provider.Grant({accountId: session.accountId, clientId: params.client_id});
  grant.addOIDCScope('openid');
  await provider.interactionFinished(request, response, {consent: {grantId: await grant.save()}});
}

async function keys() {
  const all = await Promise.all([
    {name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256'},
    {name: 'ECDSA', namedCurve: 'P-256'},
    {name: 'Ed25519'},
  ].map((algorithm) => crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])));
  return Promise.all(all.map(async ({privateKey}, i) => {
    const {alg, ext, key_ops, ...jwk} = await crypto.subtle.exportKey('jwk', privateKey);
    return {...jwk, kid: `key-${i}`, use: 'sig'};
  }));
}
