import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import { asArray, asObject, parsedJson } from '../openai/json-value.js';
import { embeddedError } from '../openai/provider-error.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { ResponseEvents } from './response-events.js';
import { responseFailure } from './response-failure.js';

/** A whole response as events. */
export function readResponse(body: Buffer, upstream: UpstreamSettings | undefined): readonly NeutralEvent[] {
  const response = asObject(parsedJson(body.toString('utf8')));
  if (response === undefined) return [invalid('The upstream answered with a body that is no JSON object.')];
  if (embeddedError(response) !== undefined) return [{ kind: 'failure', failure: responseFailure(response, upstream) }];
  if (asArray(response['output']) === undefined) return [invalid('The upstream answered without the "output" that a response has.')];
  const events: NeutralEvent[] = [];
  new ResponseEvents(upstream).response(response, events);
  return events;
}

function invalid(message: string): NeutralEvent {
  return { kind: 'failure', failure: new UpstreamFailure('invalid', message) };
}
