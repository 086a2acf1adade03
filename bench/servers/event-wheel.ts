import type { Socket } from 'node:net';

interface EventWheelOptions {
  readonly everyMs: number;
  readonly events: number;
  readonly event: Buffer;
  readonly end: Buffer;
  /** All streams have their events in the same moment, as those of one inference server do, which brings every sequence a token a step. */
  readonly inStep?: boolean;
}

interface Place {
  left: number;
  readonly onClose: () => void;
}

/** Sends every stream its next event in time, on one timer; streams are spread over the period, as those of strangers would be, or in step. */
export class EventWheel {
  private readonly options: EventWheelOptions;
  private readonly slots: Map<Socket, Place>[];
  private timer: NodeJS.Timeout | undefined;
  private startedAt = 0;
  private turned = 0;
  private added = 0;
  private running = 0;

  constructor(options: EventWheelOptions) {
    this.options = options;
    this.slots = Array.from({ length: options.everyMs }, () => new Map<Socket, Place>());
  }

  add(socket: Socket): void {
    // A stride that shares no factor with the number of slots visits all of them.
    const slot = this.slots[this.options.inStep === true ? 0 : (this.added++ * STRIDE) % this.slots.length];
    if (slot === undefined) return;
    const onClose = (): void => this.remove(slot, socket);
    slot.set(socket, { left: this.options.events, onClose });
    this.running++;
    socket.once('close', onClose);
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
      if (slot !== undefined) for (const [socket, place] of slot) this.write(slot, socket, place);
    }
  }

  private write(slot: Map<Socket, Place>, socket: Socket, place: Place): void {
    if (place.left > 0) {
      place.left--;
      socket.write(this.options.event);
      return;
    }
    this.remove(slot, socket);
    socket.write(this.options.end);
  }

  private remove(slot: Map<Socket, Place>, socket: Socket): void {
    const place = slot.get(socket);
    if (place === undefined) return;
    slot.delete(socket);
    // A connection that is kept serves many streams.
    socket.off('close', place.onClose);
    this.running--;
    if (this.running > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }
}

const STRIDE = 7;
