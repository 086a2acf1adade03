import { GatewayError } from '../contracts/gateway-error.js';

/** The client left, or ended its body, before the whole of it had come. There is nobody to tell, and nothing to send to an upstream. */
export class ClientGone extends GatewayError {
  constructor() {
    super('malformed_request', 'The connection was closed before the whole body had arrived.');
  }
}
