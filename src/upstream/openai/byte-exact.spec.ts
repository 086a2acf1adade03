import { openaiCall, openaiTarget } from '../../../test/doubles/openai-call.js';
import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import { AdapterTable } from '../adapters.js';
import { UpstreamFailure } from '../upstream-failure.js';

const AZURE = { name: 'azure', apiVersion: '2024-10-21', keyIsToken: false, application: undefined } as const;
const UPSTREAMS: readonly (readonly [string, Partial<UpstreamSettings>])[] = [
  ['OpenAI', { provider: 'openai', dialect: { name: 'openai', responses: true } }],
  ['Azure', { provider: 'azure', dialect: AZURE }],
  ['a server by its address', {}],
];
const call = '{"type" : "function","id":"c","x":1.50,"function":{"arguments":"{\\"a\\": 1e2}","name":"f"}}';
const usage = '"usage":{"total_tokens":3.0,"prompt_tokens":1,"completion_tokens":2, "cached_tokens":1, "u":{"v":[ ]}}';
const envelope = '"z": -0.0, "model":"inner" ,"created":1.7e9,"id":""';

it.each(UPSTREAMS)('%s: an answer keeps every byte but the name of the model, odd numbers, unknown fields and ends among them', (_name, part) => {
  const target = openaiTarget({}, part);
  const asked = openaiCall({ model: 'chat', messages: [] });
  const body = `\n{ ${envelope},"choices":[ {"finish_reason":"stop","message":{"tool_calls":[ ${call} ],"content":null,"w":"\\u00e9"},"index":0 } ],${usage} }\n`;
  const answer = new AdapterTable().for(target.upstream, asked).answer(asked, target, Buffer.from(body));
  expect(answer instanceof UpstreamFailure ? answer : answer.body.toString()).toBe(body.replace('inner', 'outer'));
});

it.each(UPSTREAMS)('%s: so does a stream, however it is cut', (_name, part) => {
  const target = openaiTarget({}, part);
  const asked = openaiCall({ model: 'chat', stream: true, stream_options: { include_usage: true }, messages: [] });
  const event = (delta: string, finish = 'null'): string =>
    `data:  {${envelope}, "choices":[{ "delta":{${delta}},"k":[1.0], "finish_reason":${finish},"index":0}]}\r\n\r\n`;
  const piece = `"tool_calls":[ {"index": 0,${call.slice(1)} ]`;
  const texts = ['Good', ' day', '', ' \\u00e9', ' \\"', ' sir'].map((text) => event(`"content":"${text}"`));
  const stream = [...texts, event(piece), event('', '"stop"'), `data: {${envelope},"choices":[],${usage}}\n\n`, 'data: [DONE]\n\n'].join('');
  const bytes = Buffer.from(stream);
  for (let size = 1; size <= bytes.length; size += 37) {
    const translator = new AdapterTable().for(target.upstream, asked).translator(asked, target, 10_000);
    let told = '';
    for (let at = 0; at < bytes.length; at += size) told += translator.write(Buffer.from(bytes.subarray(at, at + size))).toString();
    expect(told + translator.end().toString()).toBe(stream.replaceAll('inner', 'outer'));
    expect(translator.failure).toBeUndefined();
  }
});
