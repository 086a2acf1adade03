import { Socket } from 'node:net';

/** Whom this process connects to, whatever library does it; counts from its making until it is stopped. */
export class Contacts {
  readonly hosts = new Set<string>();

  private readonly connect = Socket.prototype.connect;

  constructor() {
    const { hosts, connect } = this;
    Socket.prototype.connect = function noted(this: Socket, ...given: unknown[]): Socket {
      hosts.add(hostIn(given));
      return Reflect.apply(connect, this, given) as Socket;
    } as typeof connect;
  }

  stop(): void {
    Socket.prototype.connect = this.connect;
  }
}

/** Node hands on what it was given as a list whose first is the options. */
function hostIn([first, second]: readonly unknown[]): string {
  const options: unknown = Array.isArray(first) ? first[0] : first;
  if (typeof options === 'object' && options !== null) {
    const { host, path } = options as { host?: string; path?: string };
    return path ?? host ?? 'localhost';
  }
  return typeof second === 'string' ? second : 'localhost';
}
