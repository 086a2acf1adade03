import type { InferenceEndpoint } from './endpoint.js';
import type { ObjectScan } from '../json/scan-object.js';
import type { Principal } from './principal.js';

/** A client's request, read once. The bytes stay as they came; `fields` tells where each top-level value stands in them. */
export interface InferenceCall {
  readonly endpoint: InferenceEndpoint;
  readonly requestId: string;
  readonly principal: Principal;
  /** The name the client asked for. */
  readonly model: string;
  readonly stream: boolean;
  /** The client asked for `stream_options.include_usage` itself. */
  readonly wantsUsage: boolean;
  /** Whom the request names as its end user, if anybody: decides on which side of a canary he stays. */
  readonly endUser: string | undefined;
  readonly body: Buffer;
  readonly fields: ObjectScan['fields'];
  /** The client's headers that may cross to an upstream, lower case, values as they came. */
  readonly headers: Readonly<Record<string, string>>;
}
