import type { Socket } from 'node:net';

interface EventWheelOptions {
  readonly everyMs: number;
  readonly events: number;
  readonly event: Buffer;
  readonly end: Buffer;
}

/** Sends every stream its next event in time, on one timer; streams are spread over the period, as those of strangers would be. */
export class EventWheel {
  private readonly options: EventWheelOptions;
  private readonly slots: Map<Socket, number>[];
  private timer: NodeJS.Timeout | undefined;
  private startedAt = 0;
  private turned = 0;
  private added = 0;
  private running = 0;

  constructor(options: EventWheelOptions) {
    this.options = options;
    this.slots = Array.from({ length: options.everyMs }, () => new Map<Socket, number>());
  }

  add(socket: Socket): void {
    // A stride that shares no factor with the number of slots visits all of them.
    const slot = this.slots[(this.added++ * STRIDE) % this.slots.length];
    if (slot === undefined) return;
    slot.set(socket, this.options.events);
    this.running++;
    socket.once('close', () => this.remove(slot, socket));
    if (this.timer !== undefined) return;
    this.startedAt = performance.now();
    this.turned = 0;
    this.timer = setInterval(() => this.turn(), 1);
  }

  /** A slot for each millisecond that has passed. */
  private turn(): void {
    const due = Math.floor(performance.now() - this.startedAt);
    for (; this.turned < due && this.running > 0; this.turned++) {
      const slot = this.slots[this.turned % this.slots.length];
      if (slot !== undefined) for (const [socket, left] of slot) this.write(slot, socket, left);
    }
  }

  private write(slot: Map<Socket, number>, socket: Socket, left: number): void {
    if (left > 0) {
      slot.set(socket, left - 1);
      socket.write(this.options.event);
      return;
    }
    this.remove(slot, socket);
    socket.write(this.options.end);
  }

  private remove(slot: Map<Socket, number>, socket: Socket): void {
    if (!slot.delete(socket)) return;
    this.running--;
    if (this.running > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }
}

const STRIDE = 7;
