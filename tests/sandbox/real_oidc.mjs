// A real OpenID provider for tests: npm's oidc-provider, at the addresses of Azure AD version 2.
//   node real_oidc.mjs MODULES CERT KEY SIGNING_KEY STORE CLIENT ADDRESS PORT
// Prints its port. Who signs in and how is up to its own pages, which take any name and password.
import crypto from 'node:crypto';
import fs from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [modules, cert, key, signingKey, store, client, address, port] = process.argv.slice(2);
const { default: Provider } = await import(
  pathToFileURL(path.join(modules, 'oidc-provider', 'lib', 'index.js')));
const tenant = '/example.com/oauth2/v2.0';
const jwk = crypto.createPrivateKey(fs.readFileSync(signingKey)).export({ format: 'jwk' });

const provider = new Provider('https://login.microsoftonline.com', {
  clients: [{
    client_id: client, token_endpoint_auth_method: 'none', application_type: 'native',
    redirect_uris: ['http://localhost/redshift/'], grant_types: ['authorization_code'],
    response_types: ['code'],
  }],
  jwks: { keys: [{ ...jwk, use: 'sig', alg: 'RS256' }] },
  cookies: { keys: [crypto.randomUUID()] },
  routes: { authorization: tenant + '/authorize', token: tenant + '/token' },
  pkce: { methods: ['S256'], required: () => true },
  scopes: ['openid', 'jdbc_login'],
  findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  features: {
    resourceIndicators: {
      enabled: true,
      defaultResource: () => 'urn:redshift',
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: 'jdbc_login', audience: 'urn:redshift', accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
  // No page that asks for consent: the account has given it.
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant(
      { clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope('openid jdbc_login');
    grant.addResourceScope('urn:redshift', 'jdbc_login');
    await grant.save();
    return grant;
  },
});
// What it gives, the database takes.
provider.use(async (ctx, next) => {
  await next();
  const token = ctx.path === tenant + '/token' && ctx.body && ctx.body.access_token;
  if (token) {
    const name = path.join(store, crypto.randomBytes(12).toString('hex'));
    fs.writeFileSync(name + '.tmp', JSON.stringify({
      user: 'u_idp', password: token, expires: Date.now() / 1000 + 600, used: false, token_type: '',
    }), { mode: 0o600 });
    fs.renameSync(name + '.tmp', name + '.json');
  }
});
provider.on('server_error', (ctx, error) => console.error(error));
provider.on('authorization.error', (ctx, error) => console.error(error.message, error.error_description));
provider.on('grant.error', (ctx, error) => console.error(error.message, error.error_description));

const server = https.createServer(
  { cert: fs.readFileSync(cert), key: fs.readFileSync(key) }, provider.callback());
server.listen(Number(port), address, () => console.log(server.address().port));
// It ends with whoever started it.
process.stdin.resume().on('end', () => process.exit(0));
