import { telemetrySettings } from './telemetry-calls.js';
import { TelemetryUpstream } from './telemetry-upstream.js';

/** A client's trace, and the span in it that calls. */
export const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
export const PARENT_ID = 'b7ad6b7169203331';
export const TRACEPARENT = `00-${TRACE_ID}-${PARENT_ID}-01`;

export interface TelemetryStage {
  readonly upstream: TelemetryUpstream;
  /** Of a gateway that calls this upstream. */
  readonly settings: Readonly<Record<string, string>>;
}

/** What every file of tests about telemetry has, once it calls this at its top: time for real processes, and an upstream, ended after its last test. */
export function telemetryStage(): TelemetryStage {
  jest.setTimeout(40_000);
  let upstream: TelemetryUpstream | undefined;
  beforeAll(async () => {
    upstream = await TelemetryUpstream.start();
  });
  afterAll(() => upstream?.close());
  const running = (): TelemetryUpstream => {
    if (upstream === undefined) throw new Error('the upstream runs while tests do');
    return upstream;
  };
  return {
    get upstream() {
      return running();
    },
    get settings() {
      return telemetrySettings(running().port);
    },
  };
}
