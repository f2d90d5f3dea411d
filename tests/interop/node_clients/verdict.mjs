// What came of each step, in order, printed as one JSON object: "ok", or what was wrong.
import { deepStrictEqual } from 'node:assert';

export const INS = 'urn:oid:1.2.250.1.213.1.4.10';

export async function verdict(steps) {
  const told = {};
  for (const [name, step] of Object.entries(steps)) {
    told[name] = await step().then(() => 'ok', (error) => error.stack ?? JSON.stringify(error));
  }
  console.log(JSON.stringify(told));
}

export function same(found, expected) {
  deepStrictEqual(found, expected);
}

export function check(holds, otherwise) {
  if (!holds) {
    throw new Error(otherwise);
  }
}

export async function refusal(promise) {
  return promise.then(
    () => check(false, 'was not refused'),
    (error) => error,
  );
}

export function person(number, family) {
  return { resourceType: 'Patient', identifier: [{ system: INS, value: number }], name: [{ family, given: ['Zoé'] }] };
}
