import { ERRORS } from '../contracts/gateway-error.js';
import { openApiDocument } from './openapi-document.js';

type Json = Readonly<Record<string, unknown>>;
// As a reader gets it: plain JSON.
const document = JSON.parse(JSON.stringify(openApiDocument())) as {
  openapi: string;
  info: Json;
  security: Json[];
  paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  components: {
    schemas: Readonly<Record<string, Schema>>;
    responses: Readonly<Record<string, { content: Json }>>;
    headers: Json;
    securitySchemes: Json;
  };
};
interface Content {
  readonly schema: Schema;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}
interface Operation {
  readonly operationId: string;
  readonly tags: string[];
  readonly summary: string;
  readonly security?: Json[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Content>> };
  readonly responses: Readonly<Record<string, { readonly $ref?: string; readonly content?: Readonly<Record<string, Content>> }>>;
}
interface Schema {
  readonly $ref?: string;
  readonly type?: string | string[];
  readonly required?: string[];
  readonly enum?: unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly oneOf?: Schema[];
}
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, ...operation })),
);

/** Where a value is not what its schema says; the part of JSON Schema that the document uses. */
function faults(value: unknown, schema: Schema, at: string): string[] {
  if (schema.$ref !== undefined) return faults(value, document.components.schemas[schema.$ref.slice('#/components/schemas/'.length)] ?? {}, at);
  if (schema.oneOf !== undefined) return schema.oneOf.some((one) => faults(value, one, at).length === 0) ? [] : [`${at}: none of the kinds`];
  const kind = value === null ? 'null' : Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value;
  const kinds = schema.type === undefined ? [kind] : [schema.type].flat();
  if (!kinds.includes(kind) && !(kind === 'integer' && kinds.includes('number'))) return [`${at}: ${kind}`];
  if (schema.enum !== undefined && !schema.enum.includes(value)) return [`${at}: ${JSON.stringify(value)}`];
  if (Array.isArray(value)) return value.flatMap((item, index) => faults(item, schema.items ?? {}, `${at}[${index}]`));
  if (kind !== 'object') return [];
  const fields = value as Json;
  return [
    ...(schema.required ?? []).filter((name) => !(name in fields)).map((name) => `${at}.${name}: missing`),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, property]) => (name in fields ? faults(fields[name], property, `${at}.${name}`) : [])),
  ];
}

it('is OpenAPI 3.1, and every reference in it leads somewhere', () => {
  expect(document.openapi).toBe('3.1.0');
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference = '']) => reference);
  expect(references.length).toBeGreaterThan(50);
  for (const reference of new Set(references)) {
    const found = reference
      .slice(2)
      .split('/')
      .reduce<unknown>((part, key) => (part as Json | undefined)?.[key], document);
    expect([reference, found !== undefined]).toEqual([reference, true]);
  }
});

it('describes every endpoint that answers', () => {
  expect(operations.map(({ name }) => name)).toEqual([
    'POST /v1/chat/completions',
    'POST /v1/completions',
    'POST /v1/embeddings',
    'POST /v1/responses',
    'POST /v1/messages',
    'POST /v1/messages/count_tokens',
    'GET /v1/models',
    'GET /v1/models/{id}',
    'GET /v1/explain',
    'GET /health/live',
    'GET /health/ready',
    'GET /health',
    'GET /metrics',
  ]);
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
});

it('every call can be tried from the page: its body and its answers have examples, which fit their schemas', () => {
  for (const { name, requestBody, responses, summary, tags } of operations) {
    expect([name, summary !== '', tags.length]).toEqual([name, true, 1]);
    const contents = [requestBody?.content, ...Object.values(responses).map(({ content }) => content)].filter((content) => content !== undefined);
    expect([name, requestBody !== undefined]).toEqual([name, name.startsWith('POST')]);
    for (const content of contents) {
      for (const [type, { schema, example, examples }] of Object.entries(content)) {
        const shown = examples === undefined ? [example] : Object.values(examples).map(({ value }) => value);
        expect([name, type, shown.length > 0 && shown.every((value) => value !== undefined)]).toEqual([name, type, true]);
        expect(shown.flatMap((value) => faults(value, schema, name))).toEqual([]);
      }
    }
  }
});

it('a stream is shown as it is: events of the schema, then [DONE]', () => {
  const stream = String(document.paths['/v1/chat/completions']?.['post']?.responses['200']?.content?.['text/event-stream']?.example);
  const events = stream.trimEnd().split('\n\n');
  expect(events.pop()).toBe('data: [DONE]');
  for (const event of events)
    expect(faults(JSON.parse(event.slice('data: '.length)), { $ref: '#/components/schemas/ChatCompletionChunk' }, 'event')).toEqual([]);
});

it.each([
  ['/v1/responses', 'ResponseEvent', 'response.completed'],
  ['/v1/messages', 'MessageEvent', 'message_stop'],
])('a stream of %s is shown as it is: events with their names, then its last one', (path, schema, last) => {
  const stream = String(document.paths[path]?.['post']?.responses['200']?.content?.['text/event-stream']?.example);
  const events = stream.trimEnd().split('\n\n');
  for (const event of events) {
    const [, name, data = ''] = /^event: (\S+)\ndata: (.*)$/.exec(event) ?? [];
    const value = JSON.parse(data) as Json;
    expect(value['type']).toBe(name);
    expect(faults(value, { $ref: `#/components/schemas/${schema}` }, 'event')).toEqual([]);
  }
  expect(events.at(-1)).toContain(`event: ${last}\n`);
});

it("refusals below /v1/messages are in Anthropic's shape, all others in OpenAI's", () => {
  for (const { name, responses } of operations) {
    const shape = name.includes('/v1/messages') ? 'AnthropicError' : 'Error';
    const refusals = Object.values(responses).flatMap(({ $ref }) => ($ref === undefined ? [] : [$ref.replace(/\d+$/, '')]));
    expect([name, [...new Set(refusals)]]).toEqual([name, refusals.length === 0 ? [] : [`#/components/responses/${shape}`]]);
  }
});

it('whoever needs a credential can show it, in either way; probes need none', () => {
  expect(document.security).toEqual([{ bearer: [] }, { api_key: [] }]);
  expect(document.components.securitySchemes).toMatchObject({
    bearer: { type: 'http', scheme: 'bearer' },
    api_key: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
  });
  for (const { name, security, responses } of operations) {
    if (name.includes('/health')) expect([name, security]).toEqual([name, []]);
    else if (!name.includes('/metrics')) expect([name, security, '401' in responses]).toEqual([name, undefined, true]);
  }
});

it('every error that a client can be told is there, with its status and type', () => {
  for (const [code, { status, type }] of Object.entries(ERRORS)) {
    const examples = (document.components.responses[`Error${status}`]?.content['application/json'] as Content | undefined)?.examples;
    expect(examples?.[code]?.value).toEqual({ error: { message: expect.any(String), type, param: null, code } });
    const anthropic = document.components.responses[`AnthropicError${status}`]?.content['application/json'] as Content | undefined;
    expect(anthropic?.examples?.[code]?.value).toEqual({ type: 'error', error: { type: expect.any(String), message: expect.any(String) } });
  }
});
