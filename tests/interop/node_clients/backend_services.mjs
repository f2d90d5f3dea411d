// @medplum/core as backend software: node backend_services.mjs BASE CLIENT_ID KEY_FILE
import { MedplumClient } from '@medplum/core';
import { createPrivateKey, randomUUID, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { check, person, refusal, same, verdict } from './verdict.mjs';

const [address, clientId, keyFile] = process.argv.slice(2);
const base = new URL(address);
const jwk = JSON.parse(readFileSync(keyFile, 'utf8'));
const { token_endpoint: tokenUrl } = await (await fetch(`${address}/.well-known/smart-configuration`)).json();
// a token counts for 300 seconds, which is as long before its end as Medplum would ask for another by itself
const options = { baseUrl: `${base.origin}/`, fhirUrlPath: base.pathname.slice(1), tokenUrl, clientId, cacheTime: 0, refreshGracePeriod: 60 };

function assertion() {
  const part = (content) => Buffer.from(JSON.stringify(content)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + 240;
  const text = `${part({ alg: 'ES384', kid: jwk.kid, typ: 'JWT' })}.${part({
    iss: clientId, sub: clientId, aud: tokenUrl, exp, jti: randomUUID(),
  })}`;
  const key = { key: createPrivateKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' };
  return `${text}.${sign('sha384', Buffer.from(text), key).toString('base64url')}`;
}

await verdict({
  async 'backend-services'() {
    const client = new MedplumClient(options);
    await client.startJwtAssertionLogin(assertion());
    check(client.isAuthenticated(), 'is not authenticated');
    const patient = await client.createResource(person('1', 'Payet'));
    same((await client.readResource('Patient', patient.id)).name[0].family, 'Payet');
  },

  async 'used-assertion'() {
    const once = assertion();
    await new MedplumClient(options).startJwtAssertionLogin(once);
    const error = await refusal(new MedplumClient(options).startJwtAssertionLogin(once));
    check(error.message.length > 0, 'no reason');
  },

  async 'no-token'() {
    const error = await refusal(new MedplumClient(options).readResource('Patient', '1'));
    check(/[Uu]nauth|access token/.test(error.message), error.message);
  },
});
