// The clients that are entered, as `/admin/v1/oauth-clients` takes them.
export const REDIRECT = 'https://app.example/signed-in';
export const FHIR = 'https://fhir.example/r4';
export const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';

/** Signs for the client `signed`. */
export const signer = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
export const jwk = { ...(await crypto.subtle.exportKey('jwk', signer.publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' };
delete jwk.key_ops;
delete jwk.ext;

const usual = {
  client_name: 'App',
  redirect_uris: [REDIRECT],
  grant_types: ['authorization_code', 'refresh_token'],
  scope: 'openid profile email offline_access fhirUser user/*.rs',
  audiences: [FHIR],
};
export const CLIENTS = {
  secret: { ...usual, post_logout_redirect_uris: ['https://app.example/bye'] },
  posted: { ...usual, token_endpoint_auth_method: 'client_secret_post', access_token_format: 'opaque' },
  spa: { ...usual, token_endpoint_auth_method: 'none', dpop_bound_access_tokens: true },
  pep: {
    client_name: 'An enforcement point',
    grant_types: ['client_credentials'],
    scope: 'system/Observation.rs',
    dpop_bound_access_tokens: true,
  },
  signed: {
    ...usual,
    grant_types: ['authorization_code', 'client_credentials'],
    scope: 'openid system/*.rs',
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [jwk] },
    require_pushed_authorization_requests: true,
  },
  pump: {
    ...usual,
    redirect_uris: [],
    grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
    token_endpoint_auth_method: 'none',
  },
  shown: {
    ...usual,
    redirect_uris: [],
    grant_types: ['client_credentials'],
    scope: 'system/*.rs',
    token_endpoint_auth_method: 'tls_client_auth',
    tls_client_auth_san_dns: 'wards.example',
    tls_client_certificate_bound_access_tokens: true,
  },
  server: { ...usual, grant_types: ['client_credentials'], redirect_uris: [], may_introspect: true },
  gateway: {
    ...usual,
    redirect_uris: [],
    grant_types: [EXCHANGE],
    audiences: ['https://lab.example'],
    exchange_audiences: [FHIR],
  },
};

/** Clients that publish their keys: where the server may ask, and where it may not. */
export function withKeysAt(origin) {
  const client = {
    ...usual,
    redirect_uris: [],
    grant_types: ['client_credentials'],
    scope: 'system/*.rs',
    token_endpoint_auth_method: 'private_key_jwt',
  };
  return {
    published: { ...client, jwks_uri: `${origin}/keys` },
    elsewhere: { ...client, jwks_uri: `${origin.replace('localhost', '127.0.0.1')}/keys` },
  };
}
