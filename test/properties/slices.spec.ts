import fc from 'fast-check';
import { AnthropicOutbound } from '../../src/upstream/anthropic/anthropic-outbound.js';
import { AzureOutbound } from '../../src/upstream/azure/azure-outbound.js';
import { BedrockOutbound } from '../../src/upstream/bedrock/bedrock-outbound.js';
import { CohereOutbound } from '../../src/upstream/cohere/cohere-outbound.js';
import { GeminiOutbound } from '../../src/upstream/gemini/gemini-outbound.js';
import type { OutboundDialect } from '../../src/upstream/neutral/outbound-dialect.js';
import { ChatOutbound } from '../../src/upstream/openai/chat-outbound.js';
import { ResponsesOutbound } from '../../src/upstream/responses/responses-outbound.js';
import { openaiTarget } from '../doubles/openai-call.js';
import { PLAYED_PROVIDERS } from '../doubles/providers/played-providers.js';
import type { Scene } from '../doubles/providers/scene.js';
import { type RecordedCase, RecordedTraffic } from '../doubles/recorded-traffic.js';
import { readSliced } from '../doubles/told-events.js';

const AZURE = new AzureOutbound({ apiVersion: '2025-02-01-preview', keyIsToken: false, tokens: undefined });
const READERS: Readonly<Record<string, OutboundDialect>> = {
  chat: new ChatOutbound(),
  messages: new AnthropicOutbound(),
  vertex_anthropic: new AnthropicOutbound(),
  gemini_stream: new GeminiOutbound(),
  converse_stream: new BedrockOutbound(undefined),
  invoke_stream: new BedrockOutbound(undefined),
  cohere_chat: new CohereOutbound(),
  responses: new ResponsesOutbound(),
};

const traffic = RecordedTraffic.open();
const isStream = ({ framing, status, endpoint }: RecordedCase): boolean =>
  (framing === 'sse' || framing === 'aws-eventstream' || framing === 'json-array') && status === 200 && READERS[endpoint] !== undefined;
const cases = traffic?.cases(isStream) ?? [];
const NONE: [string, RecordedCase][] = [['none', {} as RecordedCase]];
const describeRecorded = traffic === undefined ? describe.skip : describe;

/** Sizes of slices, from single bytes to all at once; taken again from the first where they do not reach. */
const SIZES = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 4_000 })), { minLength: 1, maxLength: 20 });

function expectTheSame(dialect: OutboundDialect, stream: Buffer, numRuns: number): void {
  const read = (sizes: () => number): ReturnType<typeof readSliced> => readSliced(dialect.streamReader(1024 * 1024, openaiTarget()), stream, sizes);
  const whole = read(() => stream.length);
  expect(whole.events.length).toBeGreaterThan(0);
  fc.assert(
    fc.property(SIZES, (sizes) => {
      let turn = 0;
      expect(read(() => sizes[turn++ % sizes.length] ?? 1)).toEqual(whole);
    }),
    { numRuns, seed: stream.length },
  );
}

describe('however a played stream is sliced, its events are the same', () => {
  const scenes: [string, Scene][] = Object.keys(PLAYED_PROVIDERS).flatMap((name) =>
    (['text', 'tool', 'length', 'thinks'] as const).map((scene): [string, Scene] => [name, scene]),
  );
  it.each(scenes)('%s: %s', (name, scene) => {
    const provider = PLAYED_PROVIDERS[name as keyof typeof PLAYED_PROVIDERS];
    const stream = Buffer.concat(provider.stream(scene).map((event) => Buffer.from(event)));
    expectTheSame(dialectOf(name), stream, 20);
  });
});

describeRecorded('however a recorded stream is sliced, its events are the same', () => {
  it.each(cases.length === 0 ? NONE : cases.map((recorded): [string, RecordedCase] => [recorded.id, recorded]))('%s', (_id, recorded) => {
    const dialect = recorded.provider === 'azure' && recorded.endpoint === 'chat' ? AZURE : (READERS[recorded.endpoint] as OutboundDialect);
    expectTheSame(dialect, (traffic as RecordedTraffic).response(recorded), 4);
  });
});

function dialectOf(name: string): OutboundDialect {
  if (/azure/.test(name)) return AZURE;
  if (/bedrock/.test(name)) return new BedrockOutbound(undefined);
  if (/cohere/.test(name)) return new CohereOutbound();
  if (/gemini/.test(name)) return new GeminiOutbound();
  if (/anthropic|vertex|claude/.test(name)) return new AnthropicOutbound();
  return /responses/.test(name) ? new ResponsesOutbound() : new ChatOutbound();
}
