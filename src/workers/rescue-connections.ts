import type { Worker } from 'node:cluster';

/**
 * Node hands a new connection to one worker, and lets go of its own end when that one says that it has it. A worker that dies in between
 * never says so, and the caller would wait for ever: his connection goes to another worker, whose word then counts for both.
 * Nobody documents that message; where a runtime changes it nothing is rescued, and nothing breaks.
 */
export function rescueConnections(worker: Worker, connected: () => readonly Worker[]): void {
  const child = worker.process;
  const send = child.send.bind(child) as (...parts: unknown[]) => boolean;
  let handed: Handed | undefined;
  child.send = ((message: unknown, handle: unknown, ...rest: unknown[]) => {
    if (isObject(message) && message['act'] === 'newconn' && isHandle(handle)) handed = { message, handle };
    return send(message, handle, ...rest);
  }) as typeof child.send;
  child.on('internalMessage', (message: unknown) => {
    if (handed !== undefined && isObject(message) && message['ack'] === handed.message['seq']) handed = undefined;
  });
  worker.once('exit', () => {
    if (handed === undefined) return;
    const heir = connected().find(({ id }) => id !== worker.id);
    if (heir === undefined) handed.handle.close();
    else heir.process.send(handed.message, handed.handle as never);
  });
}

interface Handle {
  close(): void;
}

interface Handed {
  readonly message: Readonly<Record<string, unknown>>;
  readonly handle: Handle;
}

function isHandle(value: unknown): value is Handle {
  return isObject(value) && typeof value['close'] === 'function';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
