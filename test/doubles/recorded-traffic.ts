import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One exchange with a provider, as somebody recorded it. */
export interface RecordedCase {
  readonly id: string;
  readonly provider: string;
  readonly endpoint: string;
  readonly framing: string;
  readonly status: number;
  readonly fidelity: string;
  readonly model: string | null;
  readonly stream: boolean | null;
  /** What it shows. */
  readonly features: readonly string[];
}

/** What an independent reader made of the recorded answer. */
export interface RecordedSummary {
  readonly choices?: readonly {
    readonly text?: string;
    readonly reasoning?: string;
    readonly refusal?: string;
    readonly tool_calls?: readonly { readonly name: string; readonly arguments: unknown }[];
    readonly finish_reason_raw?: string | null;
    readonly finish_reason?: string | null;
  }[];
  readonly usage?: Readonly<Record<string, number>> | null;
  readonly error?: unknown;
  readonly tool_plan?: string;
}

/** The recordings in the folder that NEXUS_FIXTURES_DIR names; undefined, with a loud word, when it names none. */
export class RecordedTraffic {
  static open(): RecordedTraffic | undefined {
    const folder = process.env['NEXUS_FIXTURES_DIR'];
    if (folder !== undefined && existsSync(join(folder, 'MANIFEST.json'))) return new RecordedTraffic(folder);
    process.stderr.write('\n!!! SKIPPED: recorded traffic of providers. Set NEXUS_FIXTURES_DIR to the folder that holds its MANIFEST.json. !!!\n\n');
    return undefined;
  }

  private constructor(private readonly folder: string) {}

  cases(wanted: (recorded: RecordedCase) => boolean): RecordedCase[] {
    const { cases } = JSON.parse(readFileSync(join(this.folder, 'MANIFEST.json'), 'utf8')) as { cases: RecordedCase[] };
    return cases.filter((recorded) => wanted(recorded) && existsSync(join(this.folder, recorded.id)));
  }

  response({ id, framing }: RecordedCase): Buffer {
    const ending = ENDINGS[framing] ?? 'txt';
    return readFileSync(join(this.folder, id, `response.${ending}`));
  }

  /** undefined: the request was not recorded. */
  requestBody({ id }: RecordedCase): Record<string, unknown> | undefined {
    const file = join(this.folder, id, 'request.json');
    const { body } = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { body?: Record<string, unknown> }) : {};
    return typeof body === 'object' ? body : undefined;
  }

  requestPath({ id }: RecordedCase): string {
    return (JSON.parse(readFileSync(join(this.folder, id, 'request.json'), 'utf8')) as { path: string }).path;
  }

  /** Empty: the request was not recorded. */
  requestPathIfKnown({ id }: RecordedCase): string {
    const file = join(this.folder, id, 'request.json');
    return existsSync(file) ? ((JSON.parse(readFileSync(file, 'utf8')) as { path?: string }).path ?? '') : '';
  }

  /** undefined: the request was not recorded. */
  requestUrl({ id }: RecordedCase): string | undefined {
    const file = join(this.folder, id, 'request.json');
    const { url } = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { url?: string | null }) : {};
    return url ?? undefined;
  }

  summary({ id }: RecordedCase): RecordedSummary {
    return (JSON.parse(readFileSync(join(this.folder, id, 'derived.json'), 'utf8')) as { summary: RecordedSummary }).summary;
  }

  /** false: nobody but its provider could read it. */
  hasSummary({ id }: RecordedCase): boolean {
    return existsSync(join(this.folder, id, 'derived.json'));
  }

  headers({ id }: RecordedCase): Record<string, string> {
    return (JSON.parse(readFileSync(join(this.folder, id, 'response.meta.json'), 'utf8')) as { headers?: Record<string, string> }).headers ?? {};
  }
}

const ENDINGS: Readonly<Record<string, string>> = { sse: 'sse', 'aws-eventstream': 'bin', json: 'json', 'json-array': 'json', ndjson: 'ndjson' };
