// @medplum/core as an integrator's script: node medplum.mjs BASE, the base ending in /fhir
import { MedplumClient } from '@medplum/core';
import { INS, check, person, refusal, same, verdict } from './verdict.mjs';

const base = new URL(process.argv[2]);
const client = new MedplumClient({ baseUrl: `${base.origin}/`, fhirUrlPath: base.pathname.slice(1), cacheTime: 0 });
let patient;

await verdict({
  async create() {
    patient = await client.createResource(person('1', 'Payet'));
    same(patient.meta.versionId, '1');
  },

  async 'conditional-create'() {
    same((await client.createResourceIfNoneExist(person('1', 'Autre'), `identifier=${INS}|1`)).id, patient.id);
    const made = await client.post(client.fhirUrl('Patient'), person('1', 'Autre'), undefined, {
      headers: { 'If-None-Exist': `identifier=${INS}|1` },
    });
    same(made.id, patient.id);
  },

  async upsert() {
    same((await client.upsertResource(person('1', 'Grondin'), { identifier: `${INS}|1` })).id, patient.id);
  },

  async search() {
    const found = await client.search('Patient', { identifier: `${INS}|1`, _total: 'accurate' });
    same([found.total, found.entry[0].resource.name[0].family], [1, 'Grondin']);
    same((await client.searchOne('Patient', 'family=grondin')).id, patient.id);
  },

  async page() {
    for (let number = 2; number < 8; number += 1) {
      await client.createResource(person(String(number), 'Hoarau'));
    }
    const seen = [];
    for await (const page of client.searchResourcePages('Patient', 'family=Hoarau&_count=4&_sort=identifier')) {
      seen.push(page.map((one) => one.identifier[0].value));
    }
    same(seen, [['2', '3', '4', '5'], ['6', '7']]);
  },

  async update() {
    const changed = await client.updateResource({ ...(await client.readResource('Patient', patient.id)), birthDate: '1955-06' });
    same([changed.meta.versionId, changed.birthDate], ['3', '1955-06']);
    same((await client.updateResource(changed)).meta.versionId, '3');
  },

  async 'if-match'() {
    const old = { ...(await client.readVersion('Patient', patient.id, '1')), birthDate: '1950' };
    const error = await refusal(client.updateResource(old, { headers: { 'If-Match': 'W/"1"' } }));
    same(error.outcome.resourceType, 'OperationOutcome');
  },

  async patch() {
    const changed = await client.patchResource('Patient', patient.id, [
      { op: 'test', path: '/meta/versionId', value: '3' },
      { op: 'add', path: '/gender', value: 'female' },
    ]);
    same([changed.gender, changed.meta.versionId], ['female', '4']);
  },

  async history() {
    const versions = await client.readHistory('Patient', patient.id);
    same(versions.entry.map((entry) => entry.resource.meta.versionId), ['4', '3', '2', '1']);
    same((await client.readVersion('Patient', patient.id, '1')).name[0].family, 'Payet');
  },

  async transaction() {
    const answer = await client.executeBatch({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        {
          fullUrl: 'urn:uuid:0b4a9a0e-3f0b-4f6e-9d52-000000000001',
          resource: person('8', 'Sautron'),
          request: { method: 'POST', url: 'Patient', ifNoneExist: `identifier=${INS}|8` },
        },
        {
          resource: {
            resourceType: 'CarePlan',
            status: 'active',
            intent: 'plan',
            subject: { reference: 'urn:uuid:0b4a9a0e-3f0b-4f6e-9d52-000000000001' },
          },
          request: { method: 'POST', url: 'CarePlan' },
        },
      ],
    });
    same(answer.entry.map((entry) => entry.response.status.slice(0, 3)), ['201', '201']);
    const plan = await client.searchOne('CarePlan', `patient.identifier=${INS}|8`);
    same((await client.readReference(plan.subject)).name[0].family, 'Sautron');
  },

  async 'automatic-batch'() {
    const batching = new MedplumClient({ baseUrl: `${base.origin}/`, fhirUrlPath: base.pathname.slice(1), autoBatchTime: 20 });
    const [read, found] = await Promise.all([batching.readResource('Patient', patient.id), batching.search('Patient', 'family=Hoarau')]);
    same([read.id, found.entry.length], [patient.id, 6]);
  },

  async 'operation-everything'() {
    const plan = await client.searchOne('CarePlan', `patient.identifier=${INS}|8`);
    const record = await client.readPatientEverything(plan.subject.reference.split('/')[1]);
    same(new Set(record.entry.map((entry) => entry.resource.resourceType)), new Set(['Patient', 'CarePlan']));
  },

  async 'operation-validate'() {
    const outcome = await client.validateResource({ ...person('9', 'X'), gender: 'femme' });
    check(outcome.issue.some((issue) => issue.severity === 'error'), 'no error was found');
  },

  async graphql() {
    const answer = await client.graphql(`{ Patient(id: "${patient.id}") { id name { family } } }`);
    same(answer.data.Patient, { id: patient.id, name: [{ family: 'Grondin' }] });
  },

  async binary() {
    const letter = await client.createBinary({ data: 'Cher confrère', contentType: 'text/plain' });
    same([letter.resourceType, letter.contentType.split(';')[0]], ['Binary', 'text/plain']);
    same(await (await client.download(client.fhirUrl('Binary', letter.id))).text(), 'Cher confrère');
  },

  async 'not-found'() {
    same((await refusal(client.readResource('Patient', 'nobody'))).outcome.issue[0].code, 'not-found');
  },

  async delete() {
    const other = await client.createResource(person('10', 'Parti'));
    await client.deleteResource('Patient', other.id);
    await refusal(client.readResource('Patient', other.id));
  },
});
