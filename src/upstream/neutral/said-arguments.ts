import { argumentsText } from './arguments-text.js';

/**
 * The arguments of a call that an earlier answer made, as a client sends them back: JSON text of an object, always. Models break off in the
 * midst of it, and agents tell them so in the call's result: what cannot be read goes on as a text, so that the conversation can.
 */
export function saidArguments(text: string): string {
  return argumentsText(text) ?? JSON.stringify({ arguments: text });
}
