import type { JsonSchema } from './json-schema.js';
import { KeyPolicyFile } from './key-policy-file.js';
import { CanaryRouteFile, WeightedRouteFile, WeightedTargetFile } from './route-file.js';
import { settingFields } from './setting.js';
import type { EntryForm, SettingClass } from './setting-kind.js';
import { settingDefault } from './setting-default.js';
import { SettingsFile } from './settings-file.js';
import { UpstreamFile } from './upstream-file.js';

type Converters = NonNullable<import('class-validator-jsonschema/build/options.js').IOptions['additionalConverters']>;

/** The JSON Schema of the YAML file, generated from the settings classes. Loads the libraries that do it, so only `nexus schema` asks. */
export async function settingsSchema(): Promise<JsonSchema> {
  const { validationMetadatasToSchemas } = await import('class-validator-jsonschema');
  const { defaultMetadataStorage } = await import('class-transformer/cjs/storage.js');
  const generated = validationMetadatasToSchemas({
    classTransformerMetadataStorage: defaultMetadataStorage,
    additionalConverters: {
      mapOf: (meta) => ({ type: 'object', additionalProperties: anyOf((meta.constraints as [() => readonly EntryForm[]])[0]().map(formSchema)) }),
      wholeOrAuto: (meta) => ({
        anyOf: [
          { type: 'integer', minimum: meta.constraints[0] as number, maximum: meta.constraints[1] as number },
          { type: 'string', enum: ['auto'] },
        ],
      }),
    } as Converters,
  }) as Record<string, JsonSchema>;

  const closed = (shape: SettingClass): JsonSchema => ({
    ...generated[shape.name],
    properties: describedProperties(shape, generated[shape.name]?.properties ?? {}),
    additionalProperties: false,
  });
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Nexus Gateway settings',
    ...closed(SettingsFile),
    definitions: Object.fromEntries(
      [UpstreamFile, KeyPolicyFile, WeightedRouteFile, WeightedTargetFile, CanaryRouteFile].map((shape) => [shape.name, closed(shape)]),
    ),
  };
}

/** What the generator leaves out: meaning, default, and the text form that some settings may have. */
function describedProperties(shape: SettingClass, properties: Readonly<Record<string, JsonSchema>>): Record<string, JsonSchema> {
  return Object.fromEntries(
    [...settingFields(shape).values()].map(({ name, kind, means }) => {
      const checked = properties[name] ?? {};
      const initial = settingDefault(shape, name);
      return [
        name,
        {
          description: kind.unit === undefined ? means : `${means} (${kind.unit})`,
          ...(initial !== undefined && { default: initial }),
          ...(kind.textInFile ? { anyOf: [checked, { type: 'string' }] } : checked),
        },
      ];
    }),
  );
}

function formSchema(form: EntryForm): JsonSchema {
  if (form === 'text') return { type: 'string' };
  if (form === 'list') return { type: 'array', items: { type: 'string' } };
  return { $ref: `#/definitions/${form.name}` };
}

function anyOf(forms: JsonSchema[]): JsonSchema {
  return forms.length === 1 && forms[0] ? forms[0] : { anyOf: forms };
}
