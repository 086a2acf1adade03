import { openaiCall, openaiTarget } from '../../../test/doubles/openai-call.js';
import { type RecordedCase, RecordedTraffic } from '../../../test/doubles/recorded-traffic.js';
import type { CacheMark, JsonObject, NeutralRequest, OutputFormat, Part, ToolSpec } from '../neutral/neutral-request.js';
import { BedrockOutbound } from './bedrock-outbound.js';

const traffic = RecordedTraffic.open();
const bedrock = new BedrockOutbound(undefined);
/** What no other wire can ask for: guarded content, the provider's own tools, citations of a document, results in JSON; a PNG that was called a JPEG. */
const OWN = /guardContent|systemTool|"citations"|"content":\[\{"json"|"format":"jpeg","source":\{"bytes":"iVBOR/;
const cases = (traffic?.cases(({ provider, endpoint }) => provider === 'bedrock' && endpoint.startsWith('converse')) ?? []).filter((recorded) => {
  const body = (traffic as RecordedTraffic).requestBody(recorded);
  return body !== undefined && body !== null && !OWN.test(JSON.stringify(body));
});
const named: [string, RecordedCase][] = cases.length === 0 ? [['none', {} as RecordedCase]] : cases.map((recorded) => [recorded.id, recorded]);
const describeRecorded = traffic === undefined ? describe.skip : describe;

interface Body {
  readonly messages: readonly { readonly role: 'user' | 'assistant'; readonly content: readonly JsonObject[] }[];
  readonly system?: readonly JsonObject[];
  readonly inferenceConfig?: { maxTokens?: number; temperature?: number; topP?: number; stopSequences?: string[] };
  readonly toolConfig?: { tools: readonly JsonObject[]; toolChoice?: JsonObject };
  readonly outputConfig?: { textFormat: { structure: { jsonSchema: { name: string; description?: string; schema: string } } } };
  readonly [name: string]: unknown;
}

/** The request that a client would have to make for this body to be sent. */
function asked(body: Body): NeutralRequest {
  const { messages, system = [], inferenceConfig = {}, toolConfig, outputConfig, ...unsaid } = body;
  return {
    system: withMarks(system, ({ text }) => ({ kind: 'text', text: text as string })),
    turns: messages.map(({ role, content }) => ({ role, parts: withMarks(content, partOf) })),
    tools: withMarks(toolConfig?.tools ?? [], toolOf),
    toolChoice: choiceOf(toolConfig?.toolChoice),
    parallelTools: undefined,
    outputTokensMax: inferenceConfig.maxTokens,
    temperature: inferenceConfig.temperature,
    topP: inferenceConfig.topP,
    topK: undefined,
    stop: inferenceConfig.stopSequences ?? [],
    seed: undefined,
    frequencyPenalty: undefined,
    presencePenalty: undefined,
    logprobs: undefined,
    choices: 1,
    format: formatOf(outputConfig),
    reasoning: undefined,
    user: undefined,
    unsaid: new Map(Object.entries(unsaid)),
  };
}

function withMarks<T extends object>(blocks: readonly JsonObject[], read: (block: JsonObject) => T): (T & { cache: CacheMark | undefined })[] {
  const found: (T & { cache: CacheMark | undefined })[] = [];
  for (const block of blocks) {
    const last = found.at(-1);
    if (block['cachePoint'] === undefined) found.push({ ...read(block), cache: undefined });
    else if (last !== undefined) last.cache = { ttl: undefined };
  }
  return found;
}

function partOf(block: JsonObject): Part {
  const inner = (name: string): JsonObject => block[name] as JsonObject;
  if (block['image'] !== undefined) return { kind: 'image', media: media(inner('image'), 'image'), detail: undefined };
  if (block['document'] !== undefined) return { kind: 'file', media: media(inner('document'), 'text'), name: inner('document')['name'] as string };
  if (block['toolUse'] !== undefined) {
    const { toolUseId, name, input } = inner('toolUse');
    return { kind: 'tool_call', id: toolUseId as string, name: name as string, arguments: JSON.stringify(input), signature: undefined };
  }
  if (block['toolResult'] !== undefined) {
    const { toolUseId, content, status } = inner('toolResult');
    return {
      kind: 'tool_result',
      callId: toolUseId as string,
      content: (content as JsonObject[]).map(({ text }) => ({ kind: 'text', text: text as string })),
      isError: status === 'error',
    };
  }
  if (block['reasoningContent'] !== undefined) {
    const { text, signature } = inner('reasoningContent')['reasoningText'] as JsonObject;
    return { kind: 'reasoning', text: text as string, signature: signature as string, redacted: undefined };
  }
  return { kind: 'text', text: block['text'] as string };
}

function media({ format, source }: JsonObject, type: string): { base64: string; mime: string } {
  const mime = type === 'text' && format === 'txt' ? 'text/plain' : `${type}/${String(format)}`;
  return { base64: (source as { bytes: string }).bytes, mime };
}

function toolOf({ toolSpec }: JsonObject): ToolSpec {
  const { name, description, inputSchema, strict } = toolSpec as { name: string; description?: string; inputSchema: JsonObject; strict?: boolean };
  return { name, description, parameters: inputSchema['json'] as JsonObject, strict, cache: undefined };
}

function choiceOf(choice: JsonObject | undefined): NeutralRequest['toolChoice'] {
  if (choice === undefined) return undefined;
  if (choice['auto'] !== undefined) return 'auto';
  return choice['any'] === undefined ? { name: (choice['tool'] as { name: string }).name } : 'required';
}

function formatOf(config: Body['outputConfig']): OutputFormat {
  if (config === undefined) return { kind: 'text' };
  const { name, description, schema } = config.textFormat.structure.jsonSchema;
  return { kind: 'schema', name, description, schema: JSON.parse(schema) as JsonObject, strict: undefined };
}

/** The same request, without what says nothing, and with schemas that are texts as what they hold. */
function meaning(body: Body): object {
  const {
    messages,
    system,
    inferenceConfig,
    outputConfig,
    additionalModelResponseFieldPaths: _,
    ...rest
  } = JSON.parse(JSON.stringify(body).replaceAll(',"status":"success"', '')) as Body;
  const { stopSequences = [], ...config } = inferenceConfig ?? {};
  const format = formatOf(outputConfig);
  const merged: { role: string; content: JsonObject[] }[] = [];
  for (const { role, content } of messages)
    if (merged.at(-1)?.role === role) merged.at(-1)?.content.push(...content);
    else merged.push({ role, content: [...content] });
  return { ...rest, messages: merged, system: system ?? [], inferenceConfig: { ...config, stopSequences }, format };
}

describeRecorded('recorded requests', () => {
  it.each(named)('%s is written as it was recorded', (_id, recorded) => {
    const body = (traffic as RecordedTraffic).requestBody(recorded) as unknown as Body;
    const model = decodeURIComponent(/\/model\/([^/]+)\//.exec((traffic as RecordedTraffic).requestPath(recorded))?.[1] ?? '');
    const stream = recorded.endpoint === 'converse_stream';
    const request = bedrock.write(asked(body), { ...openaiTarget(), model }, openaiCall({ model }, { stream }));
    const written = JSON.parse(request.body.toString()) as Body;
    expect(request.path).toBe(`/model/${encodeURIComponent(model)}/${stream ? 'converse-stream' : 'converse'}`);
    expect(meaning(written)).toEqual(meaning(body));
  });
});
