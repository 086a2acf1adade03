import type { FinishReason } from '../neutral/neutral-event.js';
import { asObject, type JsonObject } from '../openai/json-value.js';

/** Why a response ended; undefined for one that has not, or that failed. */
export function responseFinish(response: JsonObject, calledTools: boolean): FinishReason | undefined {
  switch (response['status']) {
    case 'completed':
    case undefined:
      return calledTools ? 'tool_calls' : 'stop';
    case 'incomplete':
      return asObject(response['incomplete_details'])?.['reason'] === 'content_filter' ? 'content_filter' : 'length';
  }
  return undefined;
}
