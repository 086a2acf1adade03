import type { GatewaySettings } from '../contracts/gateway-settings.js';

/** The settings in force. A request takes `current` once, at the door, and keeps it. */
export class LiveSettings {
  private readonly listeners: ((next: GatewaySettings, previous: GatewaySettings) => void)[] = [];

  constructor(private settings: GatewaySettings) {}

  get current(): GatewaySettings {
    return this.settings;
  }

  /** For those who hold sockets or timers by settings; decisions belong in `perSettings`. */
  onChange(listener: (next: GatewaySettings, previous: GatewaySettings) => void): void {
    this.listeners.push(listener);
  }

  replace(next: GatewaySettings): void {
    const previous = this.settings;
    this.settings = next;
    for (const listener of this.listeners) listener(next, previous);
  }
}
