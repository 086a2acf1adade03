import { deserialize, serialize } from 'node:v8';
import type { LoadedSettings } from '../config/load-settings.js';
import type { WorkerHub, WorkerLink } from '../contracts/worker-link.js';
import { CONTROL_TOPICS } from './control-topics.js';

/**
 * The primary's end: what all serve with. A worker that takes the place of another has it from here, for the file may have been edited
 * meanwhile: into a faulty one, or with another port.
 */
export function tellSettings(hub: WorkerHub, inForce: () => LoadedSettings): void {
  hub.onAsk(CONTROL_TOPICS.settings, () => serialize(inForce()).toString('base64'));
}

/** The settings that the other workers serve with. Rejects when the primary does not answer. */
export async function settingsInForce(link: WorkerLink): Promise<LoadedSettings> {
  const told = await link.ask(CONTROL_TOPICS.settings, undefined, ANSWER_WITHIN_MS);
  return deserialize(Buffer.from(String(told), 'base64')) as LoadedSettings;
}

const ANSWER_WITHIN_MS = 5_000;
