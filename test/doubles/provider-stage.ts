import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PlayedProvider, Scene } from './providers/scene.js';
import { SeededRandom } from './seeded-random.js';

/** What can happen to any provider, whatever its wire. */
export type Trouble = 'refused' | 'busy' | 'down' | 'denied' | 'hang' | 'cut' | 'pauses';

export interface StagedCall {
  readonly provider: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Whether the gateway closed the connection before the answer was over. */
  isGone: boolean;
}

const STATUS = { refused: 400, busy: 429, down: 503, denied: 401 } as const;
// The last one asked for: what came before it is history.
const SCENE = /.*scene:(text|tool|both|length|thinks|form|refused|busy|down|denied|hang|cut|pauses)/s;

/**
 * Providers on one port of loopback, each below its name. The prompt says what is played (`scene:tool`); streams arrive in slices of odd
 * sizes. Calls are noted.
 */
export class ProviderStage {
  readonly calls: StagedCall[] = [];

  private readonly random = new SeededRandom(7);
  private readonly server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (bytes: Buffer) => parts.push(bytes));
    request.on('end', () => this.play(request, Buffer.concat(parts), response));
  });

  constructor(private readonly providers: Readonly<Record<string, PlayedProvider>>) {}

  async start(): Promise<this> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return this;
  }

  /** What a gateway needs to know to reach them, each as the upstream of its name. */
  environment(): Record<string, string> {
    const all = Object.entries(this.providers);
    return Object.assign(
      { GATEWAY_UPSTREAMS: ['mock=mock://local', ...all.map(([name, { upstream }]) => `${name}=${upstream(this.base(name))}`)].join(';') },
      ...all.map(([name, provider]) => provider.environment(this.base(name))),
    ) as Record<string, string>;
  }

  base(name: string): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/${name}`;
  }

  last(provider: string): StagedCall {
    const call = this.calls.findLast((one) => one.provider === provider);
    if (call === undefined) throw new Error(`${provider} was not called`);
    return call;
  }

  count(provider: string): number {
    return this.calls.filter((one) => one.provider === provider).length;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private play(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const [, name = '', path = ''] = /^\/([^/]+)(.*)$/.exec(request.url ?? '') ?? [];
    const provider = this.providers[name];
    if (provider === undefined) return void response.writeHead(404).end();
    // Whoever lets in by tokens gives them here.
    if (path === '/token') return void response.writeHead(200, JSON_TYPE).end(TOKEN);
    const call: StagedCall = { provider: name, path, headers: request.headers, body, isGone: false };
    this.calls.push(call);
    response.once('close', () => (call.isGone = !response.writableFinished));
    if (provider.embeddings !== undefined && EMBEDS.test(path))
      return void response.writeHead(200, JSON_TYPE).end(JSON.stringify(provider.embeddings(vectorsFor(body))));
    const scene = (SCENE.exec(body.toString())?.[1] ?? 'text') as Scene | Trouble;
    const streams = path.includes('stream') || (JSON.parse(body.toString()) as { stream?: unknown }).stream === true;
    switch (scene) {
      case 'hang':
        return;
      case 'refused':
      case 'busy':
      case 'down':
      case 'denied': {
        const status = STATUS[scene];
        const wait = status === 429 ? { 'retry-after': '7' } : {};
        return void response.writeHead(status, { 'content-type': 'application/json', ...wait }).end(JSON.stringify(provider.refusal(status)));
      }
      case 'cut':
        return streams ? this.stream(provider, 'text', response, () => void response.destroy()) : void response.destroy();
      case 'pauses':
        return streams ? this.stream(provider, 'text', response, () => undefined) : undefined;
      case 'text':
      case 'tool':
      case 'both':
      case 'length':
      case 'thinks':
      case 'form':
        if (streams) return this.stream(provider, scene, response);
        if (path.endsWith('/count_tokens')) return void response.writeHead(200, JSON_TYPE).end('{"input_tokens":1234}');
        response.writeHead(200, JSON_TYPE).end(JSON.stringify(provider.answer(scene)));
    }
  }

  private stream(provider: PlayedProvider, scene: Scene, response: ServerResponse, halfway?: () => void): void {
    const events = provider.stream(scene);
    const shown = halfway !== undefined ? events.slice(0, Math.ceil(events.length / 2)) : events;
    const bytes = Buffer.concat(shown.map((event) => Buffer.from(event)));
    response.writeHead(200, { 'content-type': provider.streamType });
    const next = (from: number): void => {
      const to = from + 1 + this.random.below(200);
      // What is not out when the connection breaks is lost.
      response.write(bytes.subarray(from, to), () => {
        if (to < bytes.length) setImmediate(next, to);
        else if (halfway !== undefined) halfway();
        else response.end();
      });
    };
    next(0);
  }
}

const TOKEN = JSON.stringify({
  access_token: 'played',
  issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  token_type: 'Bearer',
  expires_in: 3600,
});
const EMBEDS = /embed|\/invoke$/i;

/** One vector for each text, told apart by its place. */
function vectorsFor(body: Buffer): readonly (readonly number[])[] {
  const { input, texts, requests } = JSON.parse(body.toString()) as { input?: unknown; texts?: unknown; requests?: unknown };
  const asked = input ?? texts ?? requests;
  return (Array.isArray(asked) ? asked : [asked]).map((_text, place) => [place + 0.5, 0.25]);
}

const JSON_TYPE = { 'content-type': 'application/json' };
