// fhir-kit-client as an integrator's script: node fhir_kit_client.mjs BASE
import { Client } from 'fhir-kit-client';
import { INS, check, person, refusal, same, verdict } from './verdict.mjs';

const client = new Client({ baseUrl: process.argv[2] });
const resourceType = 'Patient';
let id;

await verdict({
  async metadata() {
    same((await client.capabilityStatement()).fhirVersion, '4.0.1');
  },

  async create() {
    const made = await client.create({ resourceType, body: person('1', 'Payet') });
    id = made.id;
    same(Client.httpFor(made).response.status, 201);
    same(made.meta.versionId, '1');
  },

  async 'conditional-create'() {
    const options = { headers: { 'If-None-Exist': `identifier=${INS}|1` } };
    same((await client.create({ resourceType, body: person('1', 'Autre'), options })).id, id);
  },

  async search() {
    const found = await client.search({ resourceType, searchParams: { identifier: `${INS}|1`, _total: 'accurate' } });
    same([found.total, found.entry.length, found.entry[0].search.mode], [1, 1, 'match']);
  },

  async 'post-search'() {
    const found = await client.search({ resourceType, searchParams: { family: 'payet' }, options: { postSearch: true } });
    same(found.entry.map((entry) => entry.resource.id), [id]);
  },

  async page() {
    for (let number = 2; number < 8; number += 1) {
      await client.create({ resourceType, body: person(String(number), 'Hoarau') });
    }
    const seen = [];
    let pages = 0;
    let bundle = await client.search({ resourceType, searchParams: { family: 'Hoarau', _count: 2, _sort: 'identifier' } });
    while (bundle) {
      seen.push(...bundle.entry.map((entry) => entry.resource.identifier[0].value));
      pages += 1;
      bundle = await client.nextPage({ bundle });
    }
    same(seen, ['2', '3', '4', '5', '6', '7']);
    same(pages, 3);
  },

  async update() {
    const changed = { ...(await client.read({ resourceType, id })), birthDate: '1955-06' };
    const options = { headers: { 'If-Match': 'W/"1"' } };
    same((await client.update({ resourceType, id, body: changed, options })).meta.versionId, '2');
    const error = await refusal(client.update({ resourceType, id, body: { ...changed, birthDate: '1956' }, options }));
    same([error.response.status, error.response.data.resourceType], [412, 'OperationOutcome']);
  },

  async 'conditional-update'() {
    const searchParams = { identifier: `${INS}|1` };
    same((await client.update({ resourceType, searchParams, body: person('1', 'Grondin') })).id, id);
  },

  async patch() {
    const jsonPatch = [{ op: 'replace', path: '/name/0/family', value: 'Técher' }];
    same((await client.patch({ resourceType, id, jsonPatch })).name[0].family, 'Técher');
  },

  async vread() {
    same((await client.vread({ resourceType, id, version: '1' })).name[0].family, 'Payet');
  },

  async history() {
    const versions = await client.history({ resourceType, id });
    same(versions.entry.map((entry) => entry.resource.meta.versionId), ['4', '3', '2', '1']);
    check((await client.history({ resourceType })).entry.length >= 10, 'the history of the type lacks some');
    check((await client.history()).entry.length >= 10, 'the history of the system lacks some');
  },

  async transaction() {
    const body = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        {
          fullUrl: 'urn:uuid:0b4a9a0e-3f0b-4f6e-9d52-000000000001',
          resource: { resourceType: 'Encounter', status: 'planned', class: { code: 'AMB' }, subject: { reference: `Patient?identifier=${INS}|1` } },
          request: { method: 'POST', url: 'Encounter' },
        },
        {
          resource: {
            resourceType: 'Task',
            status: 'requested',
            intent: 'order',
            for: { reference: `Patient/${id}` },
            encounter: { reference: 'urn:uuid:0b4a9a0e-3f0b-4f6e-9d52-000000000001' },
          },
          request: { method: 'POST', url: 'Task' },
        },
      ],
    };
    const answer = await client.transaction({ body });
    same([answer.type, answer.entry.map((entry) => entry.response.status.slice(0, 3))], ['transaction-response', ['201', '201']]);
    const [, , encounter] = answer.entry[0].response.location.match(/(^|\/)Encounter\/([^/]+)/);
    same((await client.read({ resourceType: 'Encounter', id: encounter })).subject.reference, `Patient/${id}`);
  },

  async batch() {
    const entry = ['Patient?_summary=count', 'Patient/nobody'].map((url) => ({ request: { method: 'GET', url } }));
    const answer = await client.batch({ body: { resourceType: 'Bundle', type: 'batch', entry } });
    same(answer.entry.map((one) => one.response.status.slice(0, 3)), ['200', '404']);
  },

  async 'compartment-search'() {
    const found = await client.search({ resourceType: 'Encounter', compartment: { resourceType, id } });
    same(found.entry.length, 1);
  },

  async 'system-search'() {
    const found = await client.search({ searchParams: { _type: 'Patient,Encounter', _id: id } });
    same(found.entry.map((entry) => entry.resource.id), [id]);
  },

  async 'operation-everything'() {
    const record = await client.operation({ name: '$everything', resourceType, id, method: 'GET' });
    same(new Set(record.entry.map((entry) => entry.resource.resourceType)), new Set(['Patient', 'Encounter', 'Task']));
  },

  async 'operation-validate'() {
    const input = { resourceType: 'Parameters', parameter: [{ name: 'resource', resource: { ...person('9', 'X'), gender: 'femme' } }] };
    const outcome = await client.operation({ name: 'validate', resourceType, input });
    check(outcome.issue.some((issue) => issue.severity === 'error'), 'no error was found');
  },

  async 'not-found'() {
    const error = await refusal(client.read({ resourceType, id: 'nobody' }));
    same([error.response.status, error.response.data.issue[0].code], [404, 'not-found']);
  },

  async delete() {
    const { id: other } = await client.create({ resourceType, body: person('10', 'Parti') });
    await client.delete({ resourceType, id: other });
    same((await refusal(client.read({ resourceType, id: other }))).response.status, 410);
  },
});
