import type { InferenceCall } from '../../contracts/inference-call.js';
import type { Target } from '../../contracts/target.js';
import type { NeutralRequest } from '../neutral/neutral-request.js';
import { ChatOutbound } from '../openai/chat-outbound.js';
import type { UpstreamFailure } from '../upstream-failure.js';
import type { UpstreamHeaders, UpstreamRequest } from '../upstream-transport.js';
import { azureDeployment } from './azure-deployment.js';
import type { AzureOptions } from './azure-options.js';
import { azureRequest } from './azure-request.js';
import { azureTarget } from './azure-target.js';
import { explainAzure } from './explain-azure.js';

/** OpenAI's chat completions at Azure's addresses, for clients that speak another wire. What is left out and what is refused stands at `ChatOutbound`. */
export class AzureOutbound extends ChatOutbound {
  private readonly reasoning = new ChatOutbound({ limitName: 'max_completion_tokens' });

  constructor(private readonly options: AzureOptions) {
    super();
  }

  override write(request: NeutralRequest, target: Target, call: InferenceCall): UpstreamRequest {
    const deployed = azureTarget(target, this.options);
    const written = azureDeployment(target.model).reasons ? this.reasoning.write(request, deployed, call) : super.write(request, deployed, call);
    return azureRequest(written, deployed, this.options);
  }

  override explain(target: Target, status: number, headers: UpstreamHeaders, body: Buffer): UpstreamFailure {
    return explainAzure(target.upstream, status, headers, body);
  }
}
