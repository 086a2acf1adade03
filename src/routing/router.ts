import { modelNotFound } from '../config/model-names.js';
import { perSettings } from '../config/per-settings.js';
import type { GatewaySettings } from '../contracts/gateway-settings.js';
import type { HealthView } from '../contracts/health-view.js';
import type { InferenceCall } from '../contracts/inference-call.js';
import type { Meter } from '../contracts/meter.js';
import type { RoutePlan } from '../contracts/target.js';
import { availableFirst } from './available-first.js';
import type { Course } from './course.js';
import { drawOrder } from './draw.js';
import { RoutingTable } from './routing-table.js';

/**
 * Where to? Puts the targets of a call into the order to try: those of its route as drawn, then the route's last resorts, then fallbacks.
 * Asks nobody and waits for nothing. Throws `model_not_found` for a name that leads nowhere or that the caller may not use.
 */
export class Router {
  private readonly table = perSettings((settings) => new RoutingTable(settings));

  constructor(
    private readonly health: HealthView,
    private readonly meter: Meter,
    /** In [0, 1): decides where no end user is named. */
    private readonly random: () => number = Math.random,
  ) {}

  plan(call: InferenceCall, settings: GatewaySettings): RoutePlan {
    const course = this.table(settings).find(call.model, call.principal.allowedModels);
    if (course === undefined) throw modelNotFound(call.model);
    return course.kind === 'fixed' ? course.plan : this.draw(course, call);
  }

  private draw({ lots, lastResorts, fallbacks }: Extract<Course, { kind: 'drawn' }>, call: InferenceCall): RoutePlan {
    const order = drawOrder(lots, { route: call.model, principalId: call.principal.id, endUser: call.endUser }, this.random);
    const drawn = order.map(({ target }) => target);
    const [first, ...others] = [...availableFirst(drawn, this.health), ...availableFirst(lastResorts, this.health), ...fallbacks];
    if (first === undefined) throw modelNotFound(call.model);
    // What the route decided, also while that target is out and others take its calls.
    this.meter.routed(call.model, (drawn[0] ?? first).upstream.name);
    return [first, ...others];
  }
}
