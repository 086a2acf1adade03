import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSettings } from '../../src/config/load-settings.js';
import type { UpstreamSettings } from '../../src/contracts/gateway-settings.js';
import { type RecordedCase, RecordedTraffic } from '../doubles/recorded-traffic.js';
import { type RunningGateway, runGateway } from '../doubles/running-gateway.js';
import { KNOWN_DIFFERENCES } from './known-differences.js';
import { PassedTable } from './passed-table.js';
import { passes } from './passes.js';
import { RecordedProvider } from './recorded-provider.js';
import { recordedQuestion } from './recorded-question.js';
import { recordedUpstream } from './recorded-upstream.js';

const traffic = RecordedTraffic.open();
const describeRecorded = traffic === undefined ? describe.skip : describe;
const SERVED =
  /^(chat|completions|embeddings|messages|responses|converse|converse_stream|invoke|invoke_stream|cohere_chat|gemini|gemini_stream|vertex_anthropic)$/;
const cases = traffic?.cases((recorded) => SERVED.test(recorded.endpoint) && traffic.hasSummary(recorded)) ?? [];

const DOCUMENT = 'docs/providers.md';
const FROM = '<!-- recordings -->';
const TO = '<!-- end of recordings -->';
const BETWEEN_MARKS = /<!-- recordings -->.*<!-- end of recordings -->/s;
const NONE: [string, RecordedCase][] = [['none', {} as RecordedCase]];

describeRecorded('recorded providers behind the gateway', () => {
  const recordings = traffic as RecordedTraffic;
  const provider = new RecordedProvider(recordings, cases, 11);
  const table = new PassedTable();
  /** Recordings whose provider cannot be configured, and why. */
  const unreachable = new Map<string, unknown>();
  const seen = new Map<string, Set<string>>();
  let gateway: RunningGateway;
  let cwd: string;

  beforeAll(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'nexus-recordings-'));
    await provider.start();
    gateway = await runGateway({
      GATEWAY_UPSTREAMS: 'mock=mock://local',
      GATEWAY_API_KEY_POLICIES: '{"dev-key":{"rate_limit_per_minute":0}}',
      GATEWAY_MAX_ATTEMPTS: '1',
      GATEWAY_LOG_LEVEL: 'error',
    });
    // Each has a base of its own, which a variable can say but once: each is loaded alone, and all are served together.
    const upstreams = new Map(gateway.live.current.routing.upstreams);
    for (const recorded of cases) {
      try {
        upstreams.set(nameOf(recorded), upstreamOf(recorded));
      } catch (error) {
        unreachable.set(recorded.id, error);
      }
    }
    const { current } = gateway.live;
    gateway.live.replace({ ...current, revision: current.revision + 1, routing: { ...current.routing, upstreams } });
  }, 30_000);

  afterAll(async () => {
    await gateway.stop();
    await provider.stop();
    rmSync(cwd, { recursive: true, force: true });
    const differences = [...seen].map(([reason, providers]) => `- ${[...providers].join(', ')}: ${reason}`).join('\n');
    const text = `${table.toString()}\n\nWhat differs from the recording, and why:\n\n${differences}`;
    process.stdout.write(`\n${text}\n\n`);
    if (process.env['WRITE_DOCS'] !== '1') return;
    const [before = '', after = ''] = readFileSync(DOCUMENT, 'utf8').split(BETWEEN_MARKS);
    writeFileSync(DOCUMENT, `${before}${FROM}\n\n${text}\n\n${TO}${after}`);
  });

  function upstreamOf(recorded: RecordedCase): UpstreamSettings {
    const name = nameOf(recorded);
    const { url, env } = recordedUpstream(recorded, recordings.requestPathIfKnown(recorded), provider.base(recorded));
    const { settings } = loadSettings({ env: { GATEWAY_UPSTREAMS: `${name}=${url}`, ...env }, cwd });
    return settings.routing.upstreams.get(name) as UpstreamSettings;
  }

  it.each(cases.length === 0 ? NONE : cases.map((recorded): [string, RecordedCase] => [recorded.id, recorded]))(
    '%s',
    async (id, recorded) => {
      if (unreachable.has(id)) throw unreachable.get(id);
      const { path, body, streams } = recordedQuestion(recordings, recorded, nameOf(recorded));
      const response = await fetch(gateway.url + path, {
        method: 'POST',
        headers: { authorization: 'Bearer dev-key', 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      const differences = await passes(response, recorded, recordings, streams);
      // What is refused before it is sent proves nothing.
      expect(provider.asked.get(id)).toHaveLength(1);
      table.add(recorded, differences.length === 0);
      for (const difference of differences) {
        const known = KNOWN_DIFFERENCES.find(({ ids, differs }) => ids.test(id) && differs.test(difference));
        if (known === undefined) expect(differences).toEqual([]);
        else seen.set(known.reason, (seen.get(known.reason) ?? new Set()).add(`\`${recorded.provider}\``));
      }
    },
    15_000,
  );
});

function nameOf({ id }: RecordedCase): string {
  return id.replaceAll(/[^a-z0-9]+/gi, '-');
}
