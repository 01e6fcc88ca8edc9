import assert from 'node:assert/strict';
import fc from 'fast-check';
import { deploymentOf, diagnose, savedText } from '#src/doctor';
import { doctorText } from '../../../src/cli/doctor-text.ts';
import { readSaved } from '../../../src/doctor/saved.ts';
import { inputOf } from './diagnosis.ts';
import { cosV1, crossModel, mixed, twoGrafanas } from './healthy.ts';
import type { ComposedModel } from './juju-format.ts';

const keys = [
  'grafana_source_data',
  'grafana_source_app_host',
  'grafana_source_host',
  'grafana_source_secret',
  'grafana_uid',
  'datasource_uids',
  'app_datasource_uid',
  'grafana_base_url',
  'datasources',
  '__proto__',
];

/** What a databag may hold in place of what it should: anything, but more often what nearly fits. */
const anyValue = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.json({ maxDepth: 5 }),
  fc
    .record(
      {
        model: fc.oneof(fc.constant('cos'), fc.jsonValue()),
        model_uuid: fc.string(),
        application: fc.string(),
        type: fc.constantFrom('tempo', 'loki', 'prometheus', '', 'x'),
        extra_fields: fc.jsonValue(),
        secure_extra_fields: fc.jsonValue(),
      },
      { requiredKeys: [] },
    )
    .map((data) => JSON.stringify(data)),
  fc.dictionary(fc.string(), fc.string()).map((map) => JSON.stringify(map)),
  fc
    .array(fc.record({ type: fc.string(), uid: fc.string(), grafana_uid: fc.string() }))
    .map((list) => JSON.stringify(list)),
  fc.constantFrom('', '[]', '{}', 'null', '['.repeat(5_000), `${'['.repeat(5_000)}${']'.repeat(5_000)}`),
  fc.webUrl({ withQueryParameters: true }),
);

interface Spoilt {
  readonly at: number;
  readonly end: 0 | 1;
  readonly unit: boolean;
  readonly key: string;
  readonly value: string;
}

const anySpoilt: fc.Arbitrary<readonly Spoilt[]> = fc.array(
  fc.record({
    at: fc.nat(20),
    end: fc.constantFrom(0, 1),
    unit: fc.boolean(),
    key: fc.constantFrom(...keys),
    value: anyValue,
  }),
  { minLength: 1, maxLength: 6 },
);

const worlds = [cosV1, mixed, twoGrafanas, crossModel];

function spoil(models: readonly ComposedModel[], spoilt: readonly Spoilt[]): void {
  const relations = models.flatMap((model) => model.relations);
  for (const { at, end, unit, key, value } of spoilt) {
    const target = relations[at % relations.length]?.ends[end];
    if (target === undefined) continue;
    const bags = unit ? Object.values(target.units).map(({ data }) => data) : [target.appData];
    for (const bag of bags) {
      Object.defineProperty(bag, key, { value, enumerable: true, writable: true, configurable: true });
    }
  }
}

suite('whatever stands in databags', () => {
  test('the doctor makes a report of it, as text and saved too, and the same of what it saved', () => {
    fc.assert(
      fc.property(fc.constantFrom(...worlds), anySpoilt, (world, spoilt) => {
        const models = world();
        spoil(models, spoilt);
        const inputs = models.map((model) => inputOf(model));
        const report = diagnose(deploymentOf(inputs));
        assert.equal(report.healthy, report.findings.length === 0);
        assert.ok(doctorText(report, { color: true }).length > 0);
        const saved = readSaved({ from: 'saved', value: JSON.parse(savedText(inputs)) });
        assert.deepEqual(diagnose(deploymentOf(saved)), report);
      }),
      { numRuns: 300 },
    );
  });

  test('the report does not hang on the order in which units and relations are listed', () => {
    fc.assert(
      fc.property(fc.constantFrom(...worlds), anySpoilt, (world, spoilt) => {
        const models = world();
        spoil(models, spoilt);
        const turned = models.map((model) => ({
          ...model,
          applications: Object.fromEntries(Object.entries(model.applications).toReversed()),
          relations: model.relations.toReversed(),
        }));
        const report = (all: readonly ComposedModel[]) =>
          diagnose(deploymentOf(all.map((one) => inputOf(one))));
        assert.deepEqual(report(turned), report(models));
      }),
      { numRuns: 100 },
    );
  });
});
