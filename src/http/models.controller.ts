import { Controller, Get, Req, UseGuards } from '@nestjs/common';
import { AuthGuard } from '../auth/auth.guard.js';
import { namesFor } from '../config/model-names.js';
import { GatewayError } from '../contracts/gateway-error.js';
import type { GatewayRequest } from '../contracts/gateway-request.js';
import { pathOf } from './known-paths.js';

interface Models {
  readonly object: 'list';
  readonly data: readonly Model[];
  /** For Anthropic's clients, whose lists come in pages: this is the only one. */
  readonly has_more: false;
  readonly first_id: string | null;
  readonly last_id: string | null;
}

/** What OpenAI's clients look for, and what Anthropic's do. */
interface Model {
  readonly id: string;
  readonly object: 'model';
  readonly type: 'model';
  readonly created: number;
  readonly created_at: string;
  readonly owned_by: string;
  /** For Anthropic's clients, which show it to people. */
  readonly display_name: string;
}

/** Exactly the names that the caller may use, from the settings alone: no upstream is asked. */
@Controller(['v1', ''])
@UseGuards(AuthGuard)
export class ModelsController {
  @Get('models')
  list(@Req() request: GatewayRequest): Models {
    const data = this.namesOf(request).map(model);
    return { object: 'list', data, has_more: false, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
  }

  /** A name may hold slashes, plain or encoded. */
  @Get('models/*')
  one(@Req() request: GatewayRequest): Model {
    const asked = decoded(pathOf(request.raw.url ?? '').replace(/^(?:\/v1)?\/models\//, ''));
    const name = this.namesOf(request).find((known) => known === asked);
    if (name === undefined)
      throw new GatewayError('model_not_found', 'There is no model of this name, or this key may not use it. GET /v1/models lists those it may.');
    return model(name);
  }

  private namesOf({ gateway: { principal, settings } }: GatewayRequest): readonly string[] {
    return principal === undefined ? [] : namesFor(principal, settings);
  }
}

function model(id: string): Model {
  return { id, object: 'model', type: 'model', created: 0, created_at: '1970-01-01T00:00:00Z', owned_by: 'nexus-gateway', display_name: id };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
