import type { JsonSchema } from './json-schema.js';
import { settingFields } from './setting.js';
import { SettingsFile } from './settings-file.js';
import { settingsSchema } from './settings-schema.js';

it('the JSON Schema is made from the classes: kinds, bounds, defaults and meanings', async () => {
  const { properties = {} } = await settingsSchema();
  expect(Object.keys(properties)).toEqual([...settingFields(SettingsFile).keys()]);
  expect(properties['port']).toEqual({ description: 'Port to listen on.', default: 8000, type: 'integer', minimum: 1, maximum: 65_535 });
  expect(properties['log_level']).toMatchObject({ type: 'string', enum: expect.arrayContaining(['info', 'silent']), default: 'info' });
  expect(properties['workers']).toMatchObject({
    anyOf: [
      { type: 'integer', minimum: 1, maximum: 256 },
      { type: 'string', enum: ['auto'] },
    ],
    default: 1,
  });
  expect(properties['upstreams']).toMatchObject({
    default: { mock: 'mock://local' },
    anyOf: [{ type: 'object', additionalProperties: { anyOf: [{ type: 'string' }, { $ref: '#/definitions/UpstreamFile' }] } }, { type: 'string' }],
  });
  for (const schema of Object.values(properties)) expect(schema.description).toMatch(/\S/);
});

it('nothing is required at the top, unknown names are refused everywhere, required fields are told', async () => {
  const schema = await settingsSchema();
  expect(schema.required).toBeUndefined();
  expect(schema.additionalProperties).toBe(false);
  const { definitions = {} } = schema;
  expect(
    Object.fromEntries(
      Object.entries(definitions).map(([name, { required, additionalProperties }]: [string, JsonSchema]) => [name, [additionalProperties, required]]),
    ),
  ).toEqual({
    UpstreamFile: [false, ['url']],
    KeyPolicyFile: [false, undefined],
    WeightedRouteFile: [false, ['strategy', 'targets']],
    WeightedTargetFile: [false, ['name', 'weight']],
    CanaryRouteFile: [false, ['strategy', 'primary', 'canary', 'percent']],
  });
  expect(definitions['WeightedRouteFile']?.properties?.['targets']).toMatchObject({
    type: 'array',
    items: { $ref: '#/definitions/WeightedTargetFile' },
  });
});
